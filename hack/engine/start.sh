#!/usr/bin/env bash
# Becomes the mirror or the engine. engine.sh starts it detached; it records itself, so that there is no moment at
# which a daemon runs that nobody knows of.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

mirror() {
  claim "$ENGINE_HOME/run/mirror.pid"
  exec "$ENGINE_HOME/registry/usr/bin/docker-registry" serve "$ENGINE_HOME/mirror.yml"
}

# The engine is made to be alone in a container: it has fixed places for its helpers and sockets, mounts over
# /etc/resolv.conf and puts links to iptables in /usr/bin. We are in a mount namespace of our own, so give it these
# places from our folders, and the machine stays as it is.
engine() { # as process 1 of a new process namespace
  claim "$I/run/engine.pid"
  mount -t proc proc /proc
  local net cidr; read -r net cidr <"$I/network"
  sweep
  rm -rf "$I/run/engine.sock" "$I/private/containers" # the latter: host names of an earlier run
  bind "$I/private/dagger" /run/dagger
  bind "$I/private/buildkit" /run/buildkit
  bind "$I/private/containers" /run/containers
  bind "$I/private/cni" /var/lib/cni
  bind "$ENGINE_HOME/helpers/cni" /opt/cni/bin
  bind "$ENGINE_HOME/helpers/bin" /usr/local/bin
  local sdk; sdk=$ENGINE_HOME/gosdk/$(<"$ENGINE_HOME/gosdk/current")
  bind "$sdk" /usr/local/share/dagger/content

  # Authorities found here are put into every container by running update-ca-certificates in it, twice: over a second
  # for each. The images have this machine's already.
  bind "$I/private/empty" /usr/local/share/ca-certificates

  cat "$BIN/.stamp" "$ENGINE_HOME/gosdk/current" | put "$I/run/made"

  local top=$I/private/top; mkdir -p "$top"
  mount -t tmpfs tmpfs "$top"; mkdir "$top"/{upper,work}
  ln -s /usr/sbin/xtables-{legacy,nft}-multi "$top/upper/" # the engine picks one of these, and looks here
  mount -t overlay overlay -o "lowerdir=/usr/bin,upperdir=$top/upper,workdir=$top/work" /usr/bin

  export PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
  export DAGGER_GO_SDK_MANIFEST_DIGEST DO_NOT_TRACK=1
  DAGGER_GO_SDK_MANIFEST_DIGEST=$(jq -r '.manifests[0].digest' "$sdk/index.json")
  exec tini -- "$BIN/engine" --config "$I/engine.toml" --network-name "$net" --network-cidr "$cidr"
}

bind() { mkdir -p "$1" "$2"; mount --bind "$1" "$2"; } # FROM TO

cd /
"$1"
