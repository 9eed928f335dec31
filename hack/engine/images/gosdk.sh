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

image --config.env "PATH=/go/bin:/usr/local/go/bin:$P" --config.env GOPATH=/go --config.env GOTOOLCHAIN=local --config.env HOME=/root \
  --config.env "GOPROXY=file:///goproxy,$(go env GOPROXY)" --config.env "GONOSUMDB=$(IFS=,; echo "${fresh[*]}")" --config.workingdir /go
