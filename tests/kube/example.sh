#!/usr/bin/env bash
# Runs examples/shop and examples/hello on a Kubernetes node, as `kubernetes` writes them and as their READMEs say: each is published to the mirror,
# applied, answers over its Services, and serves every request while its backend is rolled out anew. The shop migrates its database, and its
# data outlives its pod. hello is a chart of Helm, in a namespace of the level restricted.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)

say() { printf 'node: %s\n' "$*" >&2; }
die() { say "$*"; k get pods -o wide >&2; k get events --sort-by .lastTimestamp | tail -n 20 >&2; exit 1; }
k() { kubectl --namespace "$namespace" "$@"; }

if [[ -z ${NODE_INSIDE:-} ]]; then
  dir=$(mktemp -d)
  trap 'rm -rf "$dir"' EXIT
  export_stack() { # NAME ARGUMENTS…
    "$root/hack/engine/with" dagger -m "$root" -s call --name "node-$1" "${limits[@]}" kubernetes --project-path "$root/examples/$1" \
      --registry "127.0.0.1:5000/node/$1" --namespace "$1" "${@:2}" export --path "$dir/$1" >/dev/null </dev/null
  }
  limits=()
  export_stack shop --host shop.example.com
  # A node of two CPUs has no room for what a developer's machine lends.
  for service in postgres redis backend frontend; do limits+=(with-limits --service "$service" --cpus 0.3 --memory 384m); done
  export_stack hello --host hello.example.com --helm
  PATH=$("$here/build.sh" helm):$PATH "$here/node.sh" "${BASH_SOURCE[0]}" "$dir"
  exit
fi

apply() { # NAME: as its README says
  namespace=$1
  # shellcheck disable=SC2016 # no commands, but the fences of Markdown
  sed -n '/^```sh$/,/^```$/p' "$dir/$1/README.md" | grep -v -e '^```' -e '--watch$' >"$dir/apply.sh"
  say "$1: $(grep -E '^(kubectl apply -k|helm)' "$dir/apply.sh")"
  (cd "$dir/$1" && sh -eu "$dir/apply.sh" >&2)
  local since=$SECONDS
  k wait --for=condition=Available deployment --all --timeout=240s >&2 || die "$1 does not become available"
  k rollout status statefulset --timeout=120s >&2
  say "$1: available after $((SECONDS - since)) s"
  k get pods,services,persistentvolumeclaims >&2
}
url() { echo "http://$(k get service "$1" -o jsonpath='{.spec.clusterIP}'):$2"; } # SERVICE PORT
ask() { curl -fsS --max-time 10 "$@"; }
eventually() { # SECONDS TEXT COMMAND…
  local since=$SECONDS
  until "${@:3}" 2>&1 | grep -q -- "$2"; do
    ((SECONDS < since + $1)) || { "${@:3}" >&2 || true; die "no $2 after $1 s"; }
    sleep 0.5
  done
}
rollout() { # PATH: every request is answered while the backend is rolled out anew
  local at; at=$(url backend 8000)$1
  : >"$dir/asked"
  touch "$dir/asking"
  while [[ -e $dir/asking ]]; do
    if ask -o /dev/null "$at" 2>>"$dir/asked.errors"; then echo yes >>"$dir/asked"; else echo no >>"$dir/asked"; fi
    sleep 0.02
  done &
  local before; before=$(k get pods -l app.kubernetes.io/name=backend -o name)
  k rollout restart deployment/backend >&2
  k rollout status deployment/backend --timeout=120s >&2
  k wait --for=delete "$before" --timeout=60s >&2
  sleep 1
  rm "$dir/asking"
  wait $!
  say "$namespace: $(grep -c yes "$dir/asked") requests answered while the backend was rolled out anew, $(grep -c no "$dir/asked" || true) not"
  ! grep -q no "$dir/asked" || { cat "$dir/asked.errors" >&2; die 'requests failed'; }
}

dir=$1
apply shop
backend=$(url backend 8000)
migrated=$(k exec db-0 -- psql -U shop -d shop -Atc 'SELECT version_num FROM alembic_version')
say "shop: migrated to $migrated"
newest=$(grep -h '^revision' "$root"/examples/shop/backend/migrations/versions/*.py | tail -n 1)
[[ $newest == *"\"$migrated\""* ]] || die "the newest migration is $newest"
eventually 30 teapot ask -H 'Content-Type: application/json' -d '{"item": "teapot"}' "$backend/api/orders"
eventually 60 '"state":"packed"' ask "$backend/api/orders"
say "shop: $(ask "$backend/api/orders")"
eventually 30 teapot ask "$(url frontend 3000)/api/orders"
rollout /api/orders
k delete pod db-0 >&2
k wait --for=condition=Ready pod/db-0 --timeout=120s >&2
eventually 60 teapot ask "$backend/api/orders"
say 'shop: the order is there after the database got another pod'
kubectl delete namespace shop --wait=false >&2

apply hello
[[ $(kubectl get namespace hello -o jsonpath='{.metadata.labels.pod-security\.kubernetes\.io/enforce}') == restricted ]] || die 'hello is not in a namespace of the level restricted'
eventually 30 '"postgres":' ask -X POST "$(url backend 8000)/api/visits"
eventually 10 1 ask "$(url frontend 3000)/api/visits"
say "hello: $(ask "$(url backend 8000)/api/visits")"
rollout /health
say 'both run'
