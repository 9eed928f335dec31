#!/usr/bin/env bash
# Fails where the generated code is not what `dagger develop` would write, and where modules that are committed without
# theirs do not pass go vet with it. It works in a copy of the tree, and needs an engine: see hack/engine/with.
set -euo pipefail
cd "$(dirname "$0")/../.."
copy=$(mktemp -d); trap 'rm -rf "$copy"' EXIT

# What git knows or would add, as it lies here. The copy is a repository, since Dagger looks for one around a module
# whose dependencies lie above it.
git ls-files -z --cached --others --exclude-standard --deduplicate |
  while IFS= read -r -d '' file; do [[ ! -e $file ]] || printf '%s\0' "$file"; done |
  tar --create --null --files-from=- | tar --extract --directory "$copy"
cd "$copy"
git init --quiet
git add --all

develop() { # FOLDER
  local out
  out=$(dagger --progress=plain develop --silent -m "$1" 2>&1) || { printf '%s\n' "$out" >&2; exit 1; }
}

develop .
changed=$(git status --porcelain | grep -v '^A  ' || true)
if [[ -n $changed ]]; then
  git --no-pager diff >&2
  printf '%s\n' "$changed" >&2
  echo "lint: generated code: the files above are not what dagger develop writes: run make generate, and commit what it changes" >&2
  exit 1
fi

for module in examples/go tests/consumer tests/fixtures/servers; do
  develop "$module"
  GOFLAGS=-trimpath go -C "$module" vet ./... # compiled alike in every copy, so that the next run finds it in the cache
done
