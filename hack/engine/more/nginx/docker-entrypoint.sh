#!/bin/sh
# The documented behaviour of the public image's entrypoint: what is in /docker-entrypoint.d comes first, in its order.
# shellcheck disable=SC1090 # the user's own scripts
set -e
say() { [ -n "${NGINX_ENTRYPOINT_QUIET_LOGS:-}" ] || echo "$0: $*"; }
case "$1" in
  nginx | nginx-debug)
    for file in /docker-entrypoint.d/*; do
      [ -e "$file" ] || continue
      case "$file" in
        *.envsh) if [ -x "$file" ]; then say "Sourcing $file"; . "$file"; else say "Ignoring $file, not executable"; fi ;;
        *.sh) if [ -x "$file" ]; then say "Launching $file"; "$file"; else say "Ignoring $file, not executable"; fi ;;
        *) say "Ignoring $file" ;;
      esac
    done
    say 'Configuration complete; ready for start up' ;;
esac
exec "$@"
