# shellcheck shell=bash disable=SC2154 # sourced by images.sh
# Contract: docker-library/postgres, 15/alpine: Dockerfile and README.
pg=/usr/lib/postgresql/15
parts
rm -rf "$W/parts$pg"/lib/{bitcode,llvmjit*} # 100 MB with LLVM; without it postgres plans without JIT
alpine_root
lift $pg /usr/share/postgresql/15 /usr/share/zoneinfo /usr/lib/locale/{C.utf8,en_US.utf8} \
  /bin/bash /usr/bin/zstd /usr/sbin/gosu
lift_libs "$L/libnss_wrapper.so" "$L/libgcc_s.so.1"
chroot "$R" sh -c "ln -s $pg/bin/* /usr/sbin/gosu /usr/local/bin/"; ln -s gosu "$R/usr/local/bin/su-exec"
sed -ri "s/^#?(listen_addresses) .*/\1 = '*'/" "$R/usr/share/postgresql/15/postgresql.conf.sample"
user postgres 70 70 /var/lib/postgresql
mkdir -p "$R/docker-entrypoint-initdb.d" "$R/var/lib/postgresql/data" "$R/run/postgresql"
chown -R 70:70 "$R/var/lib/postgresql" "$R/run/postgresql"
chmod 1777 "$R/var/lib/postgresql" "$R/var/lib/postgresql/data"; chmod 3777 "$R/run/postgresql"
version=$(chroot "$R" postgres --version | grep -oE '15\.[0-9]+' | head -n 1)
cp -p "$here/images/postgres/docker-entrypoint.sh" "$R/usr/local/bin/"
image --config.env "PATH=$P" --config.env LANG=en_US.utf8 --config.env PG_MAJOR=15 --config.env "PG_VERSION=$version" --config.env PGDATA=/var/lib/postgresql/data \
  --config.entrypoint docker-entrypoint.sh --config.cmd postgres --config.stopsignal SIGINT \
  --config.exposedports 5432/tcp --config.volume /var/lib/postgresql/data
publish postgres:15-alpine
