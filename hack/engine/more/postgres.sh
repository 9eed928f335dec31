# shellcheck shell=bash disable=SC2154 # sourced by more.sh
# Contract: docker-library/postgres: Dockerfile and README. Each suite of Debian has one PostgreSQL: a major that none has gets the
# next newer one, and is told.
major=$(grep -oE '^[0-9]+' <<<"$tag" || echo 18) uid=999 data=/var/lib/postgresql/data volume=/var/lib/postgresql/data
[[ $tag != *alpine* ]] || uid=70
if ((major <= 13)); then on bullseye; have=13
elif ((major <= 15)); then on bookworm; have=15
elif ((major <= 17)); then on trixie; have=17
elif ((major == 18)); then on forky; have=18
else die "no suite of Debian has PostgreSQL $major: there are 13, 15, 17 and 18"
fi
((have == major)) || say "note: it has PostgreSQL $have"
((have < 18)) || data=/var/lib/postgresql/18/docker volume=/var/lib/postgresql
whole "postgresql-$have" postgresql-client-common gosu libnss-wrapper locales tzdata xz-utils zstd
ids postgres $uid $uid
chroot "$R" localedef -i en_US -f UTF-8 en_US.utf8
chroot "$R" sh -c "ln -s /usr/lib/postgresql/$have/bin/* /usr/sbin/gosu /usr/local/bin/"
sed -ri "s/^#?(listen_addresses) .*/\1 = '*'/" "$R/usr/share/postgresql/$have/postgresql.conf.sample"
rm -rf "$R/var/lib/postgresql"; mkdir -p "$R/docker-entrypoint-initdb.d" "$R$volume" "$R/run/postgresql"
chown -R $uid:$uid "$R/var/lib/postgresql" "$R/run/postgresql"
chmod 1777 "$R/var/lib/postgresql" "$R$volume"; chmod 3777 "$R/run/postgresql"
version=$(chroot "$R" postgres --version | grep -oE '[0-9]+\.[0-9]+' | head -n 1)
cp -p "$here/images/postgres/docker-entrypoint.sh" "$R/usr/local/bin/"
image --config.env "PATH=$P" --config.env LANG=en_US.utf8 --config.env "PG_MAJOR=$have" --config.env "PG_VERSION=$version" --config.env "PGDATA=$data" \
  --config.entrypoint docker-entrypoint.sh --config.cmd postgres --config.stopsignal SIGINT --config.exposedports 5432/tcp --config.volume "$volume"
