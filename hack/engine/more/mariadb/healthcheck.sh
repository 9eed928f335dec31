#!/bin/bash
# The tests of the public image's script that files of others use most; each must hold.
set -eo pipefail
ask() { mariadb --defaults-file=/var/lib/mysql/.my-healthcheck.cnf --batch --skip-column-names -e "$1"; }
[ $# -gt 0 ] || { echo 'At least one argument required' >&2; exit 1; }
for arg; do
  case "$arg" in
    # the temporary server has no port, so that nobody takes it for ready
    --connect) [ "$(ask 'SELECT @@skip_networking')" = 0 ] || exit 1 ;;
    --innodb_initialized) [ "$(ask "SELECT 1 FROM information_schema.ENGINES WHERE engine='InnoDB' AND support IN ('YES', 'DEFAULT')")" = 1 ] || exit 1 ;;
    --mariadbupgrade | --no-defaults | --defaults-* | --su* | --datadir*) ;;
    *) echo "healthcheck.sh: $arg is not known here" >&2; exit 1 ;;
  esac
done
