#!/usr/bin/env bash
# Builds the named programs of a Kubernetes cluster from their Go modules, and prints the folder that they are in; kube-apiserver and etcd, where
# none is named. What was built before is not built again, unless its module beside this script is another. The first two take some
# five minutes on two cores, the first time, and those of a node as long again.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
bin=${XDG_CACHE_HOME:-$HOME/.cache}/stack-kube
[[ $# -gt 0 ]] || set -- etcd kube-apiserver

mkdir -p "$bin"
exec 9>"$bin/.lock"
flock 9

program() { # FILE FOLDER PACKAGE
  local from; from=$(cd "$here/$2" && cat -- * | sha256sum)
  [[ ! -x $bin/$1 || $from != $(cat "$bin/.$1" 2>/dev/null) ]] || return 0
  echo "tests/kube: building $1" >&2
  CGO_ENABLED=0 GOWORK=off nice -n 5 go -C "$here/$2" build -buildvcs=false -trimpath -ldflags '-s -w' -o "$bin/$1.tmp" "$3" 9>&-
  mv -f "$bin/$1.tmp" "$bin/$1"
  echo "$from" >"$bin/.$1"
}
for name in "$@"; do
  case $name in
    etcd) program etcd etcd go.etcd.io/etcd/server/v3 ;;
    kube*) program "$name" kubernetes "k8s.io/kubernetes/cmd/$name" ;;
    *) program "$name" "$name" . ;;
  esac
done
echo "$bin"
