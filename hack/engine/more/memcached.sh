# shellcheck shell=bash disable=SC2154 # sourced by more.sh
# Contract: docker-library/memcached: Dockerfile and entrypoint.
on "$(suite_in "$tag" bookworm)"
whole memcached libsasl2-modules tzdata
ids memcache 11211 11211
have=$(chroot "$R" memcached --version | grep -oE '[0-9]+(\.[0-9]+)+')
sed 's/node/memcached/' "$here/images/node/docker-entrypoint.sh" >"$R/usr/local/bin/docker-entrypoint.sh"; chmod 755 "$R/usr/local/bin/docker-entrypoint.sh"
image --config.env "PATH=$P" --config.env "MEMCACHED_VERSION=$have" --config.user memcache --config.exposedports 11211/tcp \
  --config.entrypoint docker-entrypoint.sh --config.cmd memcached
