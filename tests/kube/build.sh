#!/usr/bin/env bash
# Builds the named programs of a Kubernetes cluster from their Go modules, and prints the folder that they are in; kube-apiserver and etcd, where
# none is named. `crds` are the definitions of Gateway API and External Secrets, in a folder. What was built before is not built again, unless its module beside this script is another. The first two take some
# five minutes on two cores, the first time, and those of a node as long again.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
bin=${XDG_CACHE_HOME:-$HOME/.cache}/stack-kube
[[ $# -gt 0 ]] || set -- etcd kube-apiserver

mkdir -p "$bin"
exec 9>"$bin/.lock"
flock 9

version=$(awk '$1 == "k8s.io/kubernetes" {print $2; exit}' "$here/kubernetes/go.mod") # which its programs tell, and compare
program() { # FILE FOLDER PACKAGE
  local from; from=$(cd "$here/$2" && { echo "$version"; cat -- *; } | sha256sum)
  [[ ! -x $bin/$1 || $from != $(cat "$bin/.$1" 2>/dev/null) ]] || return 0
  echo "tests/kube: building $1" >&2
  CGO_ENABLED=0 GOWORK=off nice -n 5 go -C "$here/$2" build -buildvcs=false -trimpath -ldflags "-s -w -X k8s.io/component-base/version.gitVersion=$version" -o "$bin/$1.tmp" "$3" 9>&-
  mv -f "$bin/$1.tmp" "$bin/$1"
  echo "$from" >"$bin/.$1"
}
definitions() { # of the kinds that are no part of Kubernetes
  local module
  mkdir -p "$bin/crds"
  while read -r module; do
    cp -f "$module"/config/crd/standard/*_httproutes.yaml "$module"/config/crds/bases/*.io_externalsecrets.yaml "$bin/crds/" 2>/dev/null || true
  done < <(cd "$here/crds" && GOWORK=off go mod download -json sigs.k8s.io/gateway-api github.com/external-secrets/external-secrets | sed -n 's/^\t"Dir": "\(.*\)",$/\1/p')
  [[ $(find "$bin/crds" -name '*.yaml' | wc -l) == 2 ]] || { echo 'tests/kube: the definitions are not where they were in their modules' >&2; exit 1; }
}
for name in "$@"; do
  case $name in
    crds) definitions ;;
    kompose) program kompose kompose github.com/kubernetes/kompose ;;
    helm) program helm kubernetes helm.sh/helm/v3/cmd/helm ;; # one module has them: they share most of what there is to compile
    etcd) program etcd kubernetes go.etcd.io/etcd/server/v3 ;;
    kube*) program "$name" kubernetes "k8s.io/kubernetes/cmd/$name" ;;
    *) program "$name" "$name" . ;;
  esac
done
echo "$bin"
