#!/usr/bin/env bash
# Builds a Docker of today from its Go modules, because Debian's is of 2021: dockerd and docker-proxy, containerd and its shim, runc, buildx
# and docker compose. Prints the folder of the programs. A version that was built before is not built again; the modules beside this
# script say which versions. docker-init (tini), iptables and what runc is compiled with are Debian's:
# hack/packages tini iptables libseccomp-dev pkg-config gcc libc6-dev
#
#   bench/docker/build.sh            all of them, some ten minutes on two cores the first time
#   bench/docker/build.sh compose    docker compose alone
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/stack-bench
[[ $cache == /* ]] || cache=$PWD/$cache

version() { awk -v module="$2" '$1 == "require" && $2 == module {print $3}' "$here/$1/go.mod"; } # FOLDER MODULE

docker=$(version dockerd github.com/docker/docker)
containerd=$(version containerd github.com/containerd/containerd)
runc=$(version runc github.com/opencontainers/runc)
buildx=$(version buildx github.com/docker/buildx)
compose=$(version compose github.com/docker/compose/v5)
bin=$cache/docker-${docker%+*}-containerd-$containerd-runc-$runc-buildx-$buildx-compose-$compose
mkdir -p "$bin"

program() { # FILE FOLDER PACKAGE [VARIABLE=VALUE]: one Go program that knows its version; static, unless CGO_ENABLED is 1
  local file=$1 folder=$2 package=$3 set=${4:+-X $4}
  [[ ! -x $bin/$file ]] || return 0
  echo "bench/docker: building $file" >&2
  CGO_ENABLED=${CGO_ENABLED:-0} GOWORK=off nice -n 5 go -C "$here/$folder" build -buildvcs=false -trimpath -ldflags "-s -w $set" -o "$bin/$file.tmp" "$package"
  mv -f "$bin/$file.tmp" "$bin/$file"
}

exec 9>"$cache/docker.lock"
flock 9
program docker-compose compose github.com/docker/compose/v5/cmd "github.com/docker/compose/v5/internal.Version=$compose"
if [[ ${1:-} != compose ]]; then
  CGO_ENABLED=1 GOFLAGS=-tags=seccomp program runc runc github.com/opencontainers/runc "main.version=${runc#v}"
  program docker-buildx buildx github.com/docker/buildx/cmd/buildx "github.com/docker/buildx/version.Version=$buildx"
  program docker-proxy dockerd github.com/docker/docker/cmd/docker-proxy
  program dockerd dockerd github.com/docker/docker/cmd/dockerd "github.com/docker/docker/dockerversion.Version=$(tr -d v <<<"${docker%+*}")"
  program containerd containerd github.com/containerd/containerd/cmd/containerd "github.com/containerd/containerd/version.Version=$containerd"
  program containerd-shim-runc-v2 containerd github.com/containerd/containerd/cmd/containerd-shim-runc-v2
fi
echo "$bin"
