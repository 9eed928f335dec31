#!/usr/bin/env bash
# What `make lint` runs: gofmt, go vet, golangci-lint (staticcheck is one of its linters), shellcheck, and a look at the
# generated code. Seconds when nothing has changed; the first time, golangci-lint is compiled, in some minutes.
set -euo pipefail
cd "$(dirname "$0")/../.."
command -v shellcheck >/dev/null || hack/packages shellcheck

# The modules that compile as they lie here. Of the others, generated.sh looks at those whose generated code is not
# committed; hack/lint and hack/engine hold no code; and those in hack/engine/stubs compile only in the
# place of the modules that they stand for, which is what hack/engine/build.sh does.
modules=(. tests bench stacktest tests/fixtures/empty hack/engine/stubs/distconsts)

step() { printf 'lint: %s\n' "$*" >&2; }

step gofmt
mapfile -t files < <(git ls-files --cached --others --exclude-standard --deduplicate '*.go')
for i in "${!files[@]}"; do [[ -e ${files[i]} ]] || unset "files[i]"; done
unformatted=$(gofmt -l "${files[@]}")
if [[ -n $unformatted ]]; then
  printf '%s\n' "$unformatted" >&2
  echo "lint: gofmt: the files above are not formatted: run gofmt -w on them" >&2
  exit 1
fi

step go vet
for module in "${modules[@]}"; do go -C "$module" vet -tags root ./...; done
go vet -tags kube,kompose ./internal/kubernetes
go vet ./... # also without the tag: what make unit compiles

step golangci-lint, with staticcheck
root=$PWD
for module in "${modules[@]}"; do
  (cd "$module" && go tool -modfile="$root/hack/lint/go.mod" golangci-lint run --config "$root/.golangci.yml" ./...)
done

step shellcheck
mapfile -t scripts < <({
  git ls-files --cached --others --exclude-standard '*.sh'
  git grep --untracked -lE '^#!.*\b(ba)?sh\b' -- ':!*.md' ':!*.go'
} | sort -u | while IFS= read -r file; do [[ ! -e $file ]] || echo "$file"; done)
# SC2153 takes a variable that a sourcing script sets for a misspelt one.
shellcheck --external-sources --source-path=SCRIPTDIR --exclude=SC2153 "${scripts[@]}"

step generated code
hack/engine/with hack/lint/generated.sh
