# shellcheck shell=bash disable=SC2154 # sourced by images.sh
# Contract: docker-library/redis, 7.4/alpine: Dockerfile, entrypoint and README.
alpine_root
# Debian has one program with many names. It goes out of the way of the wrapper that stands in for redis-server.
lift /usr/bin/redis-{benchmark,cli,check-rdb} /usr/bin/setpriv /usr/share/zoneinfo
mkdir "$R/usr/lib/redis"; mv "$R/usr/bin/redis-check-rdb" "$R/usr/lib/redis/redis-server"
for n in sentinel check-aof check-rdb; do ln -s /usr/lib/redis/redis-server "$R/usr/local/bin/redis-$n"; done
mv "$R"/usr/bin/redis-{benchmark,cli} "$R/usr/local/bin/"
cp -p "$here/images/redis/"* "$R/usr/local/bin/"
user redis 999 1000 /home/redis /sbin/nologin
mkdir "$R/data"; chown 999:1000 "$R/data"
image --config.env "PATH=$P" --config.env "REDIS_VERSION=$(chroot "$R" redis-server --version | sed 's/.* v=\([^ ]*\).*/\1/')" \
  --config.workingdir /data --config.volume /data \
  --config.entrypoint docker-entrypoint.sh --config.cmd redis-server --config.exposedports 6379/tcp
publish redis:7-alpine
