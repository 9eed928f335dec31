# shellcheck shell=bash disable=SC2154 # sourced by more.sh
# redis:TAG and valkey/valkey:TAG. Contract: docker-library/redis, valkey-io/valkey-container: Dockerfile, entrypoint and README.
kind=${name##*/} major=$(grep -oE '^[0-9]+' <<<"$tag" || true)
case $kind-$major in
  redis-[1-6]) on bullseye ;; redis-7) on bookworm ;; redis-8 | redis-) on trixie ;;
  valkey-[1-8]) on trixie ;; *) on forky ;;
esac
whole "$kind-server" "$kind-tools" tzdata
gid=999; [[ $tag != *alpine* ]] || gid=1000
ids "$kind" 999 $gid
# Debian has one program with many names. It goes out of the way of the wrapper that stands in for the server.
mkdir -p "$R/usr/lib/$kind"; mv "$R/usr/bin/$kind-check-rdb" "$R/usr/lib/$kind/$kind-server"; rm -f "$R/usr/bin/$kind-"{server,sentinel,check-aof}
for n in sentinel check-aof check-rdb; do ln -s "/usr/lib/$kind/$kind-server" "$R/usr/local/bin/$kind-$n"; done
mv "$R/usr/bin/$kind-"{benchmark,cli} "$R/usr/local/bin/"
for f in redis-server docker-entrypoint.sh; do sed "s/redis/$kind/g" "$here/images/redis/$f" >"$R/usr/local/bin/${f/redis/$kind}"; done
chmod 755 "$R/usr/local/bin/"{"$kind-server",docker-entrypoint.sh}
[[ $kind == redis ]] || for n in benchmark cli server sentinel check-aof check-rdb; do ln -s "$kind-$n" "$R/usr/local/bin/redis-$n"; done
rm -rf "${R:?}/etc/$kind"; mkdir "$R/data"; chown 999:$gid "$R/data"
have=$(chroot "$R" "$kind-server" --version | sed 's/.* v=\([^ ]*\).*/\1/')
[[ ! $major || $have == "$major".* ]] || say "note: it has $kind $have"
image --config.env "PATH=$P" --config.env "${kind^^}_VERSION=$have" --config.workingdir /data --config.volume /data \
  --config.entrypoint docker-entrypoint.sh --config.cmd "$kind-server" --config.exposedports 6379/tcp
