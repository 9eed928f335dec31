# shellcheck shell=bash disable=SC2154 # sourced by images.sh, and by more/node.sh
# Contract: docker-library's nodejs/docker-node, 22/alpine and 24/alpine. The program itself comes from npm, whose package
# node-linux-* carries it; npm, corepack and yarn are the ones that the release has inside.
fetch() { # PACKAGE@VERSION DIR
  mkdir -p "$2"; tar -xzf "$(cd "$W/tmp" && realpath "$(npm pack --silent "$1")")" -C "$2" --strip-components 1
}
arch=$(uname -m); arch=${arch/x86_64/x64}; arch=${arch/aarch64/arm64}

node_root() { # an Alpine in $R with the libraries that node loads
  alpine_root
  lift_libs "$L"/lib{stdc++.so.6,m.so.6,gcc_s.so.1,dl.so.2,pthread.so.0,rt.so.1,util.so.1,resolv.so.2,atomic.so.1}
  user node 1000 1000 /home/node; mkdir "$R/home/node"; chown 1000:1000 "$R/home/node"
}

node_image() { # VERSION [umoci-config-flag...]: node and what comes with it, put into $R, and the image of that
  local version=$1 npm corepack='' mod=usr/local/lib/node_modules; shift
  case ${version%%.*} in
    [0-9] | 1[0-4]) npm=npm@6 ;;
    15) npm=npm@7 ;;
    16 | 17) npm=npm@8 corepack=corepack@0.17 ;;
    19) npm=npm@9 corepack=corepack@0.17 ;;
    1? | 2[0-3]) npm=npm@10 corepack=corepack@0.34 ;;
    24) npm=npm@11 corepack=corepack@0.34 ;;
    *) npm=npm@11 ;;
  esac
  fetch "node-linux-$arch@$version" "$W/tmp/node$version"
  cp "$W/tmp/node$version/bin/node" "$R/usr/local/bin/"; ln -s node "$R/usr/local/bin/nodejs"
  fetch "$npm" "$R/$mod/npm"
  ln -s ../lib/node_modules/npm/bin/npm-cli.js "$R/usr/local/bin/npm"; ln -s ../lib/node_modules/npm/bin/npx-cli.js "$R/usr/local/bin/npx"
  chmod +x "$R/$mod"/npm/bin/np*-cli.js
  if [[ $corepack ]]; then
    fetch "$corepack" "$R/$mod/corepack"
    ln -s ../lib/node_modules/corepack/dist/corepack.js "$R/usr/local/bin/corepack"; chmod +x "$R/$mod/corepack/dist/corepack.js"
  fi
  fetch yarn@1 "$R/opt/yarn"
  ln -s /opt/yarn/bin/yarn{,pkg} "$R/usr/local/bin/"; chmod +x "$R"/opt/yarn/bin/yarn*
  cp -p "$here/images/node/docker-entrypoint.sh" "$R/usr/local/bin/"
  # The one variable that the public image lacks: node has a list of authorities of its own, and this machine may trust more.
  image --config.env "PATH=$P" --config.env NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt --config.env "NODE_VERSION=$(chroot "$R" node --version | tr -d v)" \
    --config.env "YARN_VERSION=$(jq -r .version "$R/opt/yarn/package.json")" --config.entrypoint docker-entrypoint.sh --config.cmd node "$@"
}

[[ ${1:-} == sourced ]] || for version in 22 24; do
  node_root; node_image "$version"; publish "node:$version-alpine"
done
