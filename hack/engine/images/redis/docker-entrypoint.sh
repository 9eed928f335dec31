#!/bin/sh
# The behaviour of the public image's entrypoint since 7.4.9.
set -e

case "$1" in -* | *.conf) set -- redis-server "$@" ;; esac

case "$(command -v "$1" || :)" in
  */redis-server | */redis-sentinel)
    # needs the capabilities to change user; without them, or when told so, it stays as it is
    bounding=$(setpriv --dump | sed -n 's/^Capability bounding set: //p')
    if [ "$(id -u)" = 0 ] && [ -z "$SKIP_DROP_PRIVS" ] && has() { case ",$bounding," in *",$1,"*) ;; *) false ;; esac; } && has setuid && has setgid; then
      # make redis the owner of what is surely its own, and of nothing else
      if [ -z "$SKIP_FIX_PERMS" ] && [ -z "$(find . -mindepth 1 -maxdepth 1 ! -name '*.rdb' ! -name appendonlydir)" ]; then
        find . ! -user redis -exec chown redis {} + 2>/dev/null || :
      fi
      keep=-all; ! has sys_resource || keep=-all,+sys_resource
      exec setpriv --reuid redis --regid redis --clear-groups --nnp \
        --inh-caps="$keep" --ambient-caps="$keep" --bounding-set="$keep" "$0" "$@"
    fi ;;
esac

# no one else need read what redis writes
um=$(umask)
[ "$um" != 0022 ] || umask 0077

exec "$@"
