#!/usr/bin/env bash
# The documented behaviour of the public image's entrypoint, in its order.
# shellcheck disable=SC1090 # the user's own scripts
set -Eeo pipefail

fail() { printf '%s\n' "$@" >&2; exit 1; }
file_env() { # VAR [DEFAULT]: from VAR or from the file that VAR_FILE names
  local var=$1 file=$1_FILE
  [ -z "${!var:-}" ] || [ -z "${!file:-}" ] || fail "error: both $var and $file are set (but are exclusive)"
  local value=${!var:-${2:-}}; [ -z "${!file:-}" ] || value=$(<"${!file}")
  export "$var=$value"; unset "$file"
}
docker_process_sql() { # psql on the temporary server; init scripts call it by this name
  local db=(); [ -z "$POSTGRES_DB" ] || db=(--dbname "$POSTGRES_DB")
  PGHOST='' PGHOSTADDR='' psql -v ON_ERROR_STOP=1 --username "$POSTGRES_USER" --no-password --no-psqlrc "${db[@]}" "$@"
}

case "${1:-}" in -*) set -- postgres "$@" ;; esac
help=; for arg; do case "$arg" in -'?' | --help | --describe-config | -V | --version) help=1 ;; esac; done
if [ "${1:-}" != postgres ] || [ -n "$help" ]; then exec "$@"; fi

file_env POSTGRES_PASSWORD
file_env POSTGRES_USER postgres
file_env POSTGRES_DB "$POSTGRES_USER"
file_env POSTGRES_INITDB_ARGS
auth=${POSTGRES_HOST_AUTH_METHOD:-}

mkdir -p "$PGDATA"; chmod 00700 "$PGDATA" || :
mkdir -p /var/run/postgresql || :; chmod 03775 /var/run/postgresql || :
[ -z "$POSTGRES_INITDB_WALDIR" ] || { mkdir -p "$POSTGRES_INITDB_WALDIR"; chmod 700 "$POSTGRES_INITDB_WALDIR"; }
if [ "$(id -u)" = 0 ]; then
  find "$PGDATA" /var/run/postgresql ${POSTGRES_INITDB_WALDIR:+"$POSTGRES_INITDB_WALDIR"} ! -user postgres -exec chown postgres {} +
  exec gosu postgres "$0" "$@"
fi
if [ -s "$PGDATA/PG_VERSION" ]; then
  printf '\nPostgreSQL Database directory appears to contain a database; Skipping initialization\n\n'
  unset "${!POSTGRES_@}"
  exec "$@"
fi

[ -n "$POSTGRES_PASSWORD" ] || [ "$auth" = trust ] || fail 'Error: Database is uninitialized and superuser password is not specified.' \
  '       You must specify POSTGRES_PASSWORD to a non-empty value for the superuser,' \
  '       or POSTGRES_HOST_AUTH_METHOD=trust to allow all connections without a password.'
ls /docker-entrypoint-initdb.d/ >/dev/null # fail before there is half a database
if ! getent passwd "$(id -u)" >/dev/null; then # initdb wants a name for whoever runs it
  export LD_PRELOAD NSS_WRAPPER_PASSWD NSS_WRAPPER_GROUP
  LD_PRELOAD=$(ls /usr/lib/*/libnss_wrapper.so) NSS_WRAPPER_PASSWD=$(mktemp) NSS_WRAPPER_GROUP=$(mktemp)
  echo "postgres:x:$(id -u):$(id -g):PostgreSQL:$PGDATA:/bin/false" >"$NSS_WRAPPER_PASSWD"
  echo "postgres:x:$(id -g):" >"$NSS_WRAPPER_GROUP"
fi
eval 'initdb --username="$POSTGRES_USER" --pwfile=<(printf "%s\n" "$POSTGRES_PASSWORD") \
  ${POSTGRES_INITDB_WALDIR:+--waldir "$POSTGRES_INITDB_WALDIR"} '"$POSTGRES_INITDB_ARGS"
[ -z "$NSS_WRAPPER_PASSWD" ] || { rm -f "$NSS_WRAPPER_PASSWD" "$NSS_WRAPPER_GROUP"; unset LD_PRELOAD NSS_WRAPPER_PASSWD NSS_WRAPPER_GROUP; }
printf '\nhost all all all %s\n' "${auth:-$(postgres -C password_encryption "${@:2}")}" >>"$PGDATA/pg_hba.conf"

# a temporary server, on the socket alone, so that nobody takes it for ready
export PGPASSWORD=${PGPASSWORD:-$POSTGRES_PASSWORD}
PGUSER=${PGUSER:-$POSTGRES_USER} NOTIFY_SOCKET='' pg_ctl -D "$PGDATA" -w start \
  -o "$(printf '%q ' "${@:2}" -c listen_addresses='' -p "${PGPORT:-5432}")"
[ "$POSTGRES_DB" = postgres ] || PGHOST='' PGHOSTADDR='' createdb --username "$POSTGRES_USER" --no-password "$POSTGRES_DB"
process_init_files() { # a function, for what is sourced may set the arguments
  local f; for f; do
    case "$f" in
      *.sh) if [ -x "$f" ]; then echo "$0: running $f"; "$f"; else echo "$0: sourcing $f"; . "$f"; fi ;;
      *.sql) echo "$0: running $f"; docker_process_sql -f "$f" ;;
      *.sql.gz) echo "$0: running $f"; gunzip -c "$f" | docker_process_sql ;;
      *.sql.xz) echo "$0: running $f"; xzcat "$f" | docker_process_sql ;;
      *.sql.zst) echo "$0: running $f"; zstd -dc "$f" | docker_process_sql ;;
      *) echo "$0: ignoring $f" ;;
    esac
  done
}
process_init_files /docker-entrypoint-initdb.d/*
PGUSER=${PGUSER:-$POSTGRES_USER} pg_ctl -D "$PGDATA" -m fast -w stop
unset PGPASSWORD "${!POSTGRES_@}"
printf '\nPostgreSQL init process complete; ready for start up.\n\n'
exec "$@"
