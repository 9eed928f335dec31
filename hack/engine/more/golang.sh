# shellcheck shell=bash disable=SC2154 # sourced by more.sh
# golang:TAG on Debian, with its C compiler, or with Alpine's looks as images/golang.sh makes it. There is one Go here: another
# version gets this one, and is told.
have=$(cd "$here" && go env GOVERSION | sed 's/^go//')
[[ $have == "${tag%%-*}"* || ! $tag =~ ^[0-9] ]] || say "note: it has Go $have"
if [[ $tag == *alpine* ]]; then
  small
  # shellcheck source=../images/golang.sh
  . "$here/images/golang.sh" sourced
else
  on "$(suite_in "$tag" bookworm)"
  whole build-essential git pkg-config
  cp -a "$(cd "$here" && go env GOROOT)" "$R/usr/local/go"; rm -rf "$R"/usr/local/go/{test,doc,api}
  mkdir -p "$R"/go/{src,bin}; chmod -R 1777 "$R/go"
  image "${trust[@]}" --config.env "PATH=/go/bin:/usr/local/go/bin:$P" --config.env GOPATH=/go --config.env GOTOOLCHAIN=local \
    --config.env "GOLANG_VERSION=$have" --config.workingdir /go --config.cmd bash
fi
