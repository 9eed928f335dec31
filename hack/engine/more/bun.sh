# shellcheck shell=bash disable=SC2154 # sourced by more.sh
# Contract: oven-sh/bun, dockerhub/: debian, debian-slim and alpine. The package of npm is the whole program.
arch=$(uname -m); arch=${arch/x86_64/x64}
version=$(grep -oE '^[0-9]+(\.[0-9]+){0,2}' <<<"$tag" || echo latest)
if [[ $tag == *alpine* ]]; then
  small; alpine_root
  lift_libs "$L"/lib{c.so.6,m.so.6,dl.so.2,pthread.so.0} # what it loads
  user bun 1000 1000 /home/bun; mkdir "$R/home/bun"; chown 1000:1000 "$R/home/bun"
else
  on "$(suite_in "$tag" trixie)"
  whole tzdata
  ids bun 1000 1000 /bin/sh
fi
mkdir "$W/tmp/bun"
tar -xzf "$(cd "$W/tmp" && realpath "$(npm pack --silent "@oven/bun-linux-$arch@$version")")" -C "$W/tmp/bun" --strip-components 1
command install -m 755 "$W/tmp/bun/bin/bun" "$R/usr/local/bin/bun"
mkdir "$R/usr/local/bun-node-fallback-bin"; ln -s /usr/local/bin/bun "$R/usr/local/bun-node-fallback-bin/node"
ln -s bun "$R/usr/local/bin/bunx"
sed 's/node/bun/' "$here/images/node/docker-entrypoint.sh" >"$R/usr/local/bin/docker-entrypoint.sh"; chmod 755 "$R/usr/local/bin/docker-entrypoint.sh"
mkdir "$R/home/bun/app"; chown 1000:1000 "$R/home/bun/app"
image "${trust[@]}" --config.env "PATH=$P:/usr/local/bun-node-fallback-bin" --config.env BUN_RUNTIME_TRANSPILER_CACHE_PATH=0 --config.env BUN_INSTALL_BIN=/usr/local/bin \
  --config.workingdir /home/bun/app --config.entrypoint /usr/local/bin/docker-entrypoint.sh --config.cmd /usr/local/bin/bun
