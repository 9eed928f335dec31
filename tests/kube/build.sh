#!/usr/bin/env bash
# Builds kube-apiserver and etcd from their Go modules, and prints the folder of the programs. What was built before is not built again; the
# modules beside this script say which versions. Some five minutes on two cores, the first time.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/stack-kube

version() { awk -v module="$2" '$1 == "require" {$1 = ""; $0 = $0} $1 == module {print $2; exit}' "$here/$1/go.mod"; } # FOLDER MODULE
bin=$cache/kube-apiserver-$(version apiserver k8s.io/kubernetes)-etcd-$(version etcd go.etcd.io/etcd/server/v3)
mkdir -p "$bin"
exec 9>"$cache/lock"
flock 9

program() { # FILE FOLDER PACKAGE
  [[ ! -x $bin/$1 ]] || return 0
  echo "tests/kube: building $1" >&2
  CGO_ENABLED=0 GOWORK=off nice -n 5 go -C "$here/$2" build -buildvcs=false -trimpath -ldflags '-s -w' -o "$bin/$1.tmp" "$3"
  mv -f "$bin/$1.tmp" "$bin/$1"
}
program etcd etcd go.etcd.io/etcd/server/v3
program kube-apiserver apiserver k8s.io/kubernetes/cmd/kube-apiserver
echo "$bin"
