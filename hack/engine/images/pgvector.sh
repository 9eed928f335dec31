# shellcheck shell=bash disable=SC2154 # sourced by images.sh, more/postgres.sh and more/pgvector.sh
# Contract: pgvector/pgvector: the image of docker-library/postgres on Debian, and the extension.
server() { # MAJOR UID DATA VOLUME: what the official images have beside Debian's packages, into $R, and the image of that
  local major=$1 uid=$2 data=$3 volume=$4 had version
  vacate group "$uid" postgres
  vacate passwd "$uid" postgres
  had=$(chroot "$R" id -u postgres)
  chroot "$R" groupmod -g "$uid" postgres
  chroot "$R" usermod -u "$uid" postgres
  find "$R" -xdev -uid "$had" -exec chown -h "$uid:$uid" {} +
  chroot "$R" localedef -i en_US -f UTF-8 en_US.utf8
  chroot "$R" sh -c "ln -s /usr/lib/postgresql/$major/bin/* /usr/sbin/gosu /usr/local/bin/"
  sed -ri "s/^#?(listen_addresses) .*/\1 = '*'/" "$R/usr/share/postgresql/$major/postgresql.conf.sample"
  rm -rf "$R/var/lib/postgresql"; mkdir -p "$R/docker-entrypoint-initdb.d" "$R$volume" "$R/run/postgresql"
  chown -R "$uid:$uid" "$R/var/lib/postgresql" "$R/run/postgresql"
  chmod 1777 "$R/var/lib/postgresql" "$R$volume"; chmod 3777 "$R/run/postgresql"
  version=$(chroot "$R" postgres --version | grep -oE '[0-9]+\.[0-9]+' | head -n 1)
  cp -p "$here/images/postgres/docker-entrypoint.sh" "$R/usr/local/bin/"
  image --config.env "PATH=$P" --config.env LANG=en_US.utf8 --config.env "PG_MAJOR=$major" --config.env "PG_VERSION=$version" --config.env "PGDATA=$data" \
    --config.entrypoint docker-entrypoint.sh --config.cmd postgres --config.stopsignal SIGINT --config.exposedports 5432/tcp --config.volume "$volume"
}
beside=(postgresql-client-common gosu libnss-wrapper locales tzdata xz-utils zstd) # the server's package

vector() { # the extension for PostgreSQL 15, of which Debian 12 has no package: Debian 13's source, compiled on Debian 12, into $R
  local build=$W/tmp/build url; url=$(archive Debian)
  install "$build" gcc libc6-dev make
  echo "deb-src $url trixie main" >"$build/etc/apt/sources.list.d/trixie.list"
  # shellcheck disable=SC2016 # the shell inside expands it
  logged pgvector chroot "$build" sh -ec 'mkdir /tmp/v /tmp/out; cd /tmp; apt-get -q update
    apt-get -q source --download-only pgvector; tar -xf pgvector_*.orig.tar.* --strip-components 1 -C v
    apt-get -q download postgresql-15 postgresql-client-15 postgresql-server-dev-15; for deb in postgresql-*.deb; do dpkg -x "$deb" /; done
    make -C v OPTFLAGS= with_llvm=no PG_CONFIG=/usr/lib/postgresql/15/bin/pg_config DESTDIR=/tmp/out install'
  cp -a "$build/tmp/out/usr" "$R/"
  rm -rf --one-file-system "$build"
}

[[ ${1:-} == sourced ]] || {
  install "$R" postgresql-15 "${beside[@]}"
  vector
  rm -rf "$R"/usr/share/{doc,man,locale,info}/* "$R"/var/{log,lib/apt/lists}/* "$R"/var/cache/apt/{*.bin,archives/*.deb}
  server 15 999 /var/lib/postgresql/data /var/lib/postgresql/data
  skopeo copy -q --retry-times 2 --dest-tls-verify=false "oci:$W/tmp/oci:x" "docker://$MIRROR/pgvector/pgvector:pg15"
}
