# shellcheck shell=bash disable=SC2154 # sourced by images.sh, and by more/golang.sh
alpine_root
cp -a "$(cd "$here" && go env GOROOT)" "$R/usr/local/go"; rm -rf "$R"/usr/local/go/{test,doc,api}
mkdir -p "$R"/go/{src,bin}; chmod -R 1777 "$R/go"
image --config.env "PATH=/go/bin:/usr/local/go/bin:$P" --config.env GOPATH=/go --config.env GOTOOLCHAIN=local \
  --config.env "GOLANG_VERSION=$(cd "$here" && go env GOVERSION | sed 's/^go//')" --config.workingdir /go
[[ ${1:-} == sourced ]] || publish golang:1.26-alpine
