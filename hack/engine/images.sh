#!/usr/bin/env bash
# Fills the image mirror with stand-ins for the public images that the stack uses, made of Debian's packages and npm's:
# same names and tags, users, environment and entrypoint behaviour; other file contents. Nothing that the public image
# lacks is in them, so that nobody comes to rely on it. Also makes the Go SDK's base image, which a released engine has
# inside. One recipe a file, in images/; engine.sh calls this.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
. "$here/images/lib.sh"

cook() { # NAME: into $W/tmp
  say "making image $1"
  rm -rf --one-file-system "$W/tmp"; mkdir -p "$W/tmp"
  # shellcheck source=/dev/null
  (. "$here/images/$1.sh")
}

mkdir -p "$ENGINE_HOME"/{mirror/stamps,gosdk,images}
exec 7>"$ENGINE_HOME/images/lock"; flock 7 # more.sh works in the same folders
for name in alpine debian postgres pgvector redis python node golang; do
  files=("$here/images/$name"*) # the recipe, and the folder with what it puts into the image
  hash=$(recipe images/lib.sh images/alpine "${files[@]#"$here/"}") stamp=$ENGINE_HOME/mirror/stamps/$name
  stamped "$stamp" "$hash" || { rm -f "$stamp"; cook "$name"; put "$stamp" <<<"$hash"; }
done

hash=$(recipe images/lib.sh images/gosdk.sh "${kit[@]}") # the kit: it has the code generator
[[ -d $ENGINE_HOME/gosdk/$hash ]] || { cook gosdk; mv "$W/tmp/oci" "$ENGINE_HOME/gosdk/$hash"; }
put "$ENGINE_HOME/gosdk/current" <<<"$hash"
for old in "$ENGINE_HOME"/gosdk/*/; do
  old=$(basename "$old") # may still be in use by an engine
  [[ $old == "$hash" ]] || grep -qs "$old" "$ENGINE_HOME"/run/made "$ENGINE_HOME"/instances/*/run/made || rm -rf "$ENGINE_HOME/gosdk/$old"
done
rm -rf --one-file-system "$W/tmp"
