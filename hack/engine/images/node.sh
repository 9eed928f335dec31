# shellcheck shell=bash disable=SC2154 # sourced by images.sh
# Contract: docker-library's nodejs/docker-node, 22/alpine and 24/alpine. The program itself comes from npm, whose package
# node-linux-* carries it; npm, corepack and yarn are the ones that the release has inside.
fetch() { # PACKAGE@VERSION DIR
  mkdir -p "$2"; tar -xzf "$(cd "$W/tmp" && realpath "$(npm pack --silent "$1")")" -C "$2" --strip-components 1
}
arch=$(uname -m); arch=${arch/x86_64/x64}; arch=${arch/aarch64/arm64}

for release in '22 npm@10' '24 npm@11'; do
  read -r major npm <<<"$release"
  alpine_root
  lift_libs "$L"/lib{stdc++.so.6,m.so.6,gcc_s.so.1,dl.so.2,pthread.so.0,rt.so.1,util.so.1,resolv.so.2,atomic.so.1}
  fetch "node-linux-$arch@$major" "$W/tmp/node$major"
  cp "$W/tmp/node$major/bin/node" "$R/usr/local/bin/"; ln -s node "$R/usr/local/bin/nodejs"
  mod=usr/local/lib/node_modules
  fetch "$npm" "$R/$mod/npm"
  fetch corepack@0.34 "$R/$mod/corepack"
  fetch yarn@1 "$R/opt/yarn"
  ln -s ../lib/node_modules/npm/bin/npm-cli.js "$R/usr/local/bin/npm"; ln -s ../lib/node_modules/npm/bin/npx-cli.js "$R/usr/local/bin/npx"
  ln -s ../lib/node_modules/corepack/dist/corepack.js "$R/usr/local/bin/corepack"
  ln -s /opt/yarn/bin/yarn{,pkg} "$R/usr/local/bin/"
  chmod +x "$R/$mod"/npm/bin/np*-cli.js "$R/$mod/corepack/dist/corepack.js" "$R"/opt/yarn/bin/yarn*
  user node 1000 1000 /home/node; mkdir "$R/home/node"; chown 1000:1000 "$R/home/node"
  cp -p "$here/images/node/docker-entrypoint.sh" "$R/usr/local/bin/"
  # The one variable that the public image lacks: node has a list of authorities of its own, and this machine may trust more.
  image --config.env "PATH=$P" --config.env NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt --config.env "NODE_VERSION=$(chroot "$R" node --version | tr -d v)" \
    --config.env "YARN_VERSION=$(jq -r .version "$R/opt/yarn/package.json")" --config.entrypoint docker-entrypoint.sh --config.cmd node
  publish "node:$major-alpine"
done
