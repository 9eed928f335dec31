# shellcheck shell=bash disable=SC2154 # sourced by images.sh
# The base of every Go module: Debian with Go, git and the code generator. The engine does not fetch it from a registry
# but reads it from a folder; there is one folder a recipe, so that a running engine keeps the one it started with.
debian_root git
cp -a "$(cd "$here" && go env GOROOT)" "$R/usr/local/go"; rm -rf "$R"/usr/local/go/{test,doc,api}
cp "$BIN/codegen" "$R/usr/local/bin/codegen"
mkdir -p "$R"/go/{bin,pkg/mod} "$R/root/.cache/go-build"

# A fresh module asks for the newest version of these two modules of Dagger's. They have no releases, so a proxy that
# does not reach their repositories has no answer, and the checksum database knows them as little: a folder that acts
# as the first proxy says which commit Dagger itself was built with. What it lacks, the go command asks the next for.
fresh=(github.com/dagger/otel-go github.com/dagger/querybuilder)
for module in "${fresh[@]}"; do
  version=$(awk -v m="$module" '$1 == m {print $2}' "$here/go.mod")
  mkdir -p "$R/goproxy/$module/@v"; : >"$R/goproxy/$module/@v/list"
  printf '{"Version":"%s"}' "$version" | tee "$R/goproxy/$module/@latest" >"$R/goproxy/$module/@v/$version.info"
done

settings=(PATH="/go/bin:/usr/local/go/bin:$P" GOPATH=/go GOTOOLCHAIN=local HOME=/root
  GOPROXY="file:///goproxy,$(go env GOPROXY)" GONOSUMDB="$(IFS=,; echo "${fresh[*]}")")

# The standard library and what the Go SDK needs are there, compiled, as in a released engine
# (toolchains/engine-dev/build/sdk.go): an engine begins its two caches with these folders, and would compile all of it
# for its first module.
mount -t proc proc "$R/proc"
mkdir "$R/seed"; echo 'module seed' >"$R/seed/go.mod"
mapfile -t proxies < <(env | grep -iE '^(http|https|no)_proxy=')
logged gosdk chroot "$R" env -i "${proxies[@]}" "${settings[@]}" sh -ec "
  go build std
  cd /seed; go get dagger.io/dagger@$VERSION; go list -export -compiled -deps dagger.io/dagger"
rm -r "$R/seed"; umount "$R/proc"

image "${settings[@]/#/--config.env=}" --config.workingdir /go
