#!/usr/bin/env bash
# spans.sh: what a warm up and an empty call spend their time on, into docs/bench/spans-*.txt
set -euo pipefail
cd "$(dirname "$0")"; mkdir -p ../docs/bench
trace() { # FILE COMMAND...: twice, because the first one is not warm
  local file=../docs/bench/$1; shift
  for _ in 1 2; do ../hack/engine/with go run ./cmd/spans -least 10ms -- "$@" >"$file"; done
  sed -i 's#\bdocker\.io/library/##' "$file" # images have their short names everywhere else
}
trace spans-empty-call.txt dagger -m ../tests/fixtures/empty call nothing
trace spans-up.txt dagger -m project call stack --name bench-spans up --project-path ../examples/hello
../hack/engine/with dagger -m project call stack --name bench-spans reset --confirm bench-spans
