#!/usr/bin/env bash
# Puts stand-ins for more public images into the mirror, each by its name:   more.sh python:3.13-slim node:22 …
# They are made of Debian's packages, PyPI's and npm's, with apt-get, pip and npm at work, so that public Dockerfiles build on them as
# they are. README.md says what each is made of. An engine must have been made before (engine.sh up).
set -euo pipefail
# shellcheck source=lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
[[ $# -gt 0 ]] || { sed -n '2,4s/^# //p' "$0" >&2; exit 2; }
[[ ${MORE_APART:-} ]] || MORE_APART=1 exec unshare --mount --propagation private "$0" "$@" # so that no mount outlives this

ca=/etc/ssl/certs/ca-certificates.crt
# What this machine trusts, for the programs that have a list of authorities of their own.
# shellcheck disable=SC2034 # the recipes use it
trust=()
for variable in SSL_CERT_FILE PIP_CERT REQUESTS_CA_BUNDLE NODE_EXTRA_CA_CERTS CURL_CA_BUNDLE; do trust+=(--config.env "$variable=$ca"); done

# Packages of newer suites want /proc when they are configured; the mount ends with the program.
# shellcheck disable=SC2016 # the shell inside expands them
chroot() { unshare --mount sh -c 'mount -t proc proc "$1/proc" && exec chroot "$@"' sh "$@"; } # as the command

# on is a Debian of that suite, apart from the others: what lib.sh makes is then made of it.
on() { # SUITE
  # shellcheck source=images/lib.sh
  . "$here/images/lib.sh"
  W=$ENGINE_HOME/images/$1 R=$ENGINE_HOME/images/$1/tmp/root suite=$1
  mkdir -p "$W/tmp"
}

debian_of() { # a minimal Debian of the suite in $W/debian
  [[ -e $W/debian ]] && return
  local url script; url=$(archive Debian)
  [[ -n $url ]] || { logged apt-update apt-get update; url=$(archive Debian); }
  [[ -n $url ]] || die "apt has no Debian archive configured, and the images are made from one"
  say "making a minimal Debian $suite"
  script=/usr/share/debootstrap/scripts/$suite
  [[ -e $script ]] || script=/usr/share/debootstrap/scripts/sid # a suite that debootstrap does not know yet
  rm -rf --one-file-system "$W/debian.tmp"
  logged "debootstrap-$suite" debootstrap --variant=minbase --include=ca-certificates "$suite" "$W/debian.tmp" "$url" "$script"
  echo "deb $url $suite main" >"$W/debian.tmp/etc/apt/sources.list"
  echo 'Acquire::Check-Valid-Until "false";' >"$W/debian.tmp/etc/apt/apt.conf.d/99-old" # an archive that is behind with a suite in the making
  cp $ca "$W/debian.tmp$ca"
  mv "$W/debian.tmp" "$W/debian"
}

# whole is $R as a Debian of the suite with packages, and with apt-get; without it where the tag says Alpine, whose apk cannot be had.
whole() { # PACKAGE...
  # shellcheck disable=SC2317 # install, of lib.sh, calls it
  debian() { debian_of; }
  if [[ $tag == *alpine* ]]; then debian_root "$@"; return; fi
  install "$R" "$@"
  rm -rf "$R"/usr/share/{doc,man,locale,info}/* "$R"/var/lib/apt/lists/* "$R"/var/cache/apt/{*.bin,archives/*.deb}
}

# small is for what Alpine's looks are enough: $R and the programs to lift are then those of images.sh.
small() {
  # shellcheck source=images/lib.sh
  . "$here/images/lib.sh"
  mkdir -p "$W/tmp"
}

suite_in() { # TAG DEFAULT: the suite that the tag names
  local named; named=$(grep -oE '(stretch|buster|bullseye|bookworm|trixie|forky)' <<<"$1" | head -n 1)
  case $named in
    stretch | buster) say "note: $named is no longer to be had: it is bullseye"; named=bullseye ;;
  esac
  echo "${named:-$2}"
}

ids() { # USER UID GID: the numbers that the public image gives to a user, which a package may have made
  vacate group "$3" "$1"
  vacate passwd "$2" "$1"
  if chroot "$R" id "$1" >/dev/null 2>&1; then
    local uid gid; uid=$(chroot "$R" id -u "$1") gid=$(chroot "$R" id -g "$1")
    chroot "$R" groupmod -g "$3" "$1"
    chroot "$R" usermod -u "$2" -g "$3" "$1"
    find "$R" -xdev -uid "$uid" -exec chown -h "$2" {} +
    find "$R" -xdev -gid "$gid" -exec chgrp -h "$3" {} +
  else
    local system=-r; (($2 < 1000)) || system=-m
    chroot "$R" groupadd -g "$3" "$1"
    chroot "$R" useradd $system -u "$2" -g "$3" -d "/home/$1" -s "${4:-/bin/bash}" "$1"
  fi
}

# into publishes under a name as Dockerfiles write it: one of another registry has the registry in front.
into() { # NAME:TAG
  local path=$1
  [[ ${1%%/*} != "$1" ]] || path=library/$1
  skopeo copy -q --retry-times 2 --dest-tls-verify=false "oci:$W/tmp/oci:x" "docker://$MIRROR/$path"
}

exec 9>"$ENGINE_HOME/images/lock"; flock 9 # one at a time: they share the folders
for ref; do
  name=${ref%:*} tag=${ref##*:}
  [[ $ref == *:* && $tag != */* ]] || { name=$ref tag=latest ref=$ref:latest; }
  recipe=$here/more/${name##*/}.sh
  [[ -e $recipe ]] || die "no recipe for $ref: there is $(cd "$here/more" && echo ./*.sh | sed 's|\./||g; s|\.sh||g')"
  say "making $ref"
  # shellcheck source=/dev/null
  (. "$recipe"; into "$ref"; rm -rf --one-file-system "$W/tmp")
done
