# shellcheck shell=bash disable=SC2034,SC2154 # sourced by images.sh, and used by the recipes
# What the recipes share. A recipe makes a root file system in $R, with the files of $here/images/<its name>, and
# publishes it.
W=$ENGINE_HOME/images
R=$W/tmp/root
P=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
L=/usr/lib/$(uname -m)-linux-gnu

# --- Debian, the source of everything --------------------------------------------------------------------------------

archive() { # LABEL: the package archive that this machine's apt uses; Debian or Debian-Security
  # shellcheck disable=SC2016 # apt's own variable
  apt-get indextargets --format '$(SITE)' 'Created-By: Packages' 'Origin: Debian' "Label: $1" | head -n 1
}

debian() { # a minimal Debian 12 in $W/debian
  [[ -e $W/debian ]] && return
  local url; url=$(archive Debian)
  [[ -n $url ]] || { logged apt-update apt-get update; url=$(archive Debian); }
  [[ -n $url ]] || die "apt has no Debian archive configured, and the images are made from one"
  say "making a minimal Debian"
  rm -rf --one-file-system "$W/debian.tmp"; mkdir -p "$W"
  logged debootstrap debootstrap --variant=minbase --include=ca-certificates bookworm "$W/debian.tmp" "$url"
  { echo "deb $url bookworm main"; echo "deb $url bookworm-updates main"
    url=$(archive Debian-Security); [[ -z $url ]] || echo "deb $url bookworm-security main"
  } >"$W/debian.tmp/etc/apt/sources.list"
  cp /etc/ssl/certs/ca-certificates.crt "$W/debian.tmp/etc/ssl/certs/" # this machine may trust more
  mv "$W/debian.tmp" "$W/debian"
}

install() { # DIR PACKAGE...: a copy of Debian with packages in it
  local dir=$1 log; shift
  debian
  rm -rf --one-file-system "$dir"; cp -a --reflink=auto "$W/debian" "$dir"
  cp /etc/resolv.conf "$dir/etc/"
  printf '#!/bin/sh\nexit 101\n' >"$dir/usr/sbin/policy-rc.d"; chmod +x "$dir/usr/sbin/policy-rc.d" # start no services
  mkdir -p "$dir/etc/postgresql-common"; echo 'create_main_cluster = false' >"$dir/etc/postgresql-common/createcluster.conf"
  log=apt-$(basename "$dir")
  logged "$log" chroot "$dir" apt-get -q update
  logged "$log" chroot "$dir" env DEBIAN_FRONTEND=noninteractive apt-get -y -q --no-install-recommends install "$@"
  rm "$dir/usr/sbin/policy-rc.d"
}

debian_root() { # PACKAGE...: $R is Debian with these packages, and nothing that would install more
  install "$R" "$@"
  chroot "$R" dpkg -L apt dpkg | grep -E '^/(usr/)?s?bin/.' | (cd "$R" && sed 's|^/||' | xargs rm -f)
  rm -rf "$R"/{etc,var/lib,var/cache}/apt "$R"/var/log/* "$R"/usr/share/{doc,man,locale,info}/*
}

# --- Alpine, by its looks --------------------------------------------------------------------------------------------

parts() { # a Debian in $W/parts from which the programs of the Alpine images are lifted
  local packages=(busybox gosu locales libnss-wrapper postgresql-15 redis-server redis-tools zstd tzdata)
  stamped "$W/parts/.stamp" "${packages[*]}" && return
  say "fetching the programs for the Alpine images"
  install "$W/parts" "${packages[@]}"
  chroot "$W/parts" localedef -i en_US -f UTF-8 --no-archive en_US.utf8
  put "$W/parts/.stamp" <<<"${packages[*]}"
}

lift() { # PATH...: from the parts into $R, with the shared libraries that the programs among them load
  (cd "$W/parts" && printf '.%s\0' "$@" | xargs -0 cp -a --parents -t "$R")
  # shellcheck disable=SC2046 # library names have no spaces
  lift_libs $(chroot "$W/parts" find "$@" -type f -exec ldd {} + 2>/dev/null | grep -v ':$' | grep -oE '/lib[^ ]*' | sort -u)
}

lift_libs() { (cd "$W/parts" && printf '.%s\0' "$@" | xargs -0 cp -L --parents -t "$R"); } # LIBRARY...: itself, not the link

user() { # NAME UID GID HOME [SHELL]: as Alpine's adduser would
  echo "$1:x:$2:$3::$4:${5:-/bin/sh}" >>"$R/etc/passwd"
  echo "$1:x:$3:" >>"$R/etc/group"
  echo "$1:!::0:::::" >>"$R/etc/shadow"
}

alpine_root() { # $R is what Alpine's base image has: busybox for everything, no package manager, no bash
  parts
  rm -rf --one-file-system "$R"
  mkdir -p "$R"/{bin,dev,etc/ssl/certs,home,lib,media,mnt,opt,proc,run,sbin,srv,sys,usr/{bin,sbin,lib,share,local/{bin,lib,share}},var/{cache,empty,lib,log}}
  mkdir -m 700 "$R/root"; mkdir -m 1777 "$R"/{tmp,var/tmp}; ln -s ../run "$R/var/run"
  lift /bin/busybox /usr/bin/getent
  chroot "$R" /bin/busybox --install -s
  local extra='dpkg dpkg-deb rpm rpm2cpio httpd ftpget ftpput telnet tftp udhcpd dumpleases start-stop-daemon mim nuke resume run-init svc svok ts w linuxrc'
  (cd "$R" && for f in $extra; do rm -f {,usr/}{,s}bin/"$f" "$f"; done) # Debian's busybox has them, Alpine's has not
  cp /etc/ssl/certs/ca-certificates.crt "$R/etc/ssl/certs/"; ln -s certs/ca-certificates.crt "$R/etc/ssl/cert.pem"
  cp -r "$here/images/alpine/etc" "$R/"; chmod 640 "$R/etc/shadow"
}

# --- images ----------------------------------------------------------------------------------------------------------

image() { # umoci-config-flag...: $R as an OCI image in $W/tmp/oci
  local oci=$W/tmp/oci
  rm -rf "$oci"; umoci init --layout "$oci"; umoci new --image "$oci:x"
  umoci config --image "$oci:x" "$@"
  umoci insert --image "$oci:x" "$R" / >/dev/null
}

publish() { # NAME:TAG...
  local ref; for ref; do
    skopeo copy -q --retry-times 2 --dest-tls-verify=false "oci:$W/tmp/oci:x" "docker://$MIRROR/library/$ref"
  done
}

vacate() { # group|passwd NUMBER USER: another that a package has given the number gets the next free one below
  local holder free=$2
  holder=$(chroot "$R" getent "$1" "$2" | cut -d: -f1) || true
  [[ -n $holder && $holder != "$3" ]] || return 0
  while chroot "$R" getent "$1" "$free" >/dev/null; do free=$((free - 1)); done
  if [[ $1 == group ]]; then chroot "$R" groupmod -g "$free" "$holder"; else chroot "$R" usermod -u "$free" "$holder"; fi
}
