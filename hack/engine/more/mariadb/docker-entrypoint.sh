#!/bin/bash
# The documented behaviour of the public images' entrypoints, in their order. Variables have the names MARIADB_* and MYSQL_*.
# shellcheck disable=SC1090,SC2119,SC2120 # the user's own scripts, and what they call
set -eo pipefail
shopt -s nullglob

say() { printf '%s [Note] [Entrypoint]: %s\n' "$(date --rfc-3339=seconds)" "$*"; }
fail() { printf '%s [ERROR] [Entrypoint]: %s\n' "$(date --rfc-3339=seconds)" "$*" >&2; exit 1; }
setting() { # NAME: MARIADB_NAME or MYSQL_NAME, or the file that one with _FILE names, as $NAME
  local prefix var file value=
  for prefix in MYSQL MARIADB; do
    var=${prefix}_$1 file=${prefix}_$1_FILE
    [ -z "${!var}" ] || [ -z "${!file}" ] || fail "Both $var and $file are set (but are exclusive)"
    [ -z "${!file}" ] || value=$(<"${!file}")
    [ -z "${!var}" ] || value=${!var}
  done
  declare -g "$1=$value"
}
quoted() { local s=${1//\\/\\\\}; printf "'%s'" "${s//\'/\\\'}"; } # STRING: as SQL writes it
config() { "$@" --verbose --help 2>/dev/null | awk -v name="$variable" '$1 == name { print $2; exit }'; } # SERVER...: the value of $variable

case "${1:-}" in -*) set -- mysqld "$@" ;; esac
case "${1:-}" in mysqld | mariadbd) ;; *) exec "$@" ;; esac
for arg; do case "$arg" in -'?' | --help | --print-defaults | -V | --version) exec "$@" ;; esac; done

variable=datadir; DATADIR=$(config "$@"); DATADIR=${DATADIR:-/var/lib/mysql}
variable=socket; SOCKET=$(config "$@"); SOCKET=${SOCKET:-/run/mysqld/mysqld.sock}
if [ "$(id -u)" = 0 ]; then
  mkdir -p "$DATADIR" "${SOCKET%/*}"
  find "$DATADIR" "${SOCKET%/*}" ! -user mysql -exec chown mysql: {} +
  say "Switching to dedicated user 'mysql'"
  exec gosu mysql "$0" "$@"
fi
[ ! -d "$DATADIR/mysql" ] || exec "$@"

for name in ROOT_PASSWORD ROOT_HOST DATABASE USER PASSWORD ALLOW_EMPTY_PASSWORD RANDOM_ROOT_PASSWORD ALLOW_EMPTY_ROOT_PASSWORD INITDB_SKIP_TZINFO; do setting $name; done
ALLOW_EMPTY_PASSWORD=${ALLOW_EMPTY_PASSWORD:-$ALLOW_EMPTY_ROOT_PASSWORD} ROOT_HOST=${ROOT_HOST:-%}
[ -n "$ROOT_PASSWORD$ALLOW_EMPTY_PASSWORD$RANDOM_ROOT_PASSWORD" ] || fail 'Database is uninitialized and password option is not specified
    You need to specify one of ROOT_PASSWORD, ALLOW_EMPTY_PASSWORD and RANDOM_ROOT_PASSWORD, with MARIADB_ or MYSQL_ before it'
[ "$USER" != root ] || fail "USER=root: the root user is always there; use ROOT_PASSWORD for its password"
if [ -z "$ROOT_PASSWORD" ] && [ -n "$RANDOM_ROOT_PASSWORD" ]; then
  ROOT_PASSWORD=$(openssl rand -base64 24); say "GENERATED ROOT PASSWORD: $ROOT_PASSWORD"
fi

say 'Initializing database files'
mariadb-install-db --datadir="$DATADIR" --auth-root-authentication-method=normal --skip-test-db --skip-log-bin >/dev/null
say 'Starting temporary server' # on the socket alone, so that nobody takes it for ready
"$@" --skip-networking --socket="$SOCKET" &
server=$!
docker_process_sql() { # init scripts call it by this name
  local db=(); [ -z "$DATABASE" ] || db=(--database="$DATABASE")
  MYSQL_PWD=$ROOT_PASSWORD mariadb --protocol=socket -uroot -hlocalhost --socket="$SOCKET" --comments "${db[@]}" "$@"
}
ask() { mariadb --protocol=socket -uroot -hlocalhost --socket="$SOCKET" --comments "$@"; } # while root has no password
until ask -e 'SELECT 1' >/dev/null 2>&1; do
  kill -0 $server 2>/dev/null || fail 'Unable to start server.'
  sleep 0.2
done
[ -n "$INITDB_SKIP_TZINFO" ] || { mariadb-tzinfo-to-sql /usr/share/zoneinfo 2>/dev/null || true; } | ask --database=mysql
health=$(openssl rand -hex 16)
printf '[mariadb-client]\nport=3306\nsocket=%s\nuser=healthcheck\npassword=%s\n' "$SOCKET" "$health" >"$DATADIR/.my-healthcheck.cnf"
chmod 600 "$DATADIR/.my-healthcheck.cnf"
{
  echo "SET @@SESSION.SQL_LOG_BIN=0, @@SESSION.SQL_MODE=REPLACE(@@SESSION.SQL_MODE, 'NO_BACKSLASH_ESCAPES', '');"
  echo "DELETE FROM mysql.global_priv WHERE user='root' AND host<>'localhost'; DELETE FROM mysql.proxies_priv WHERE host<>'localhost'; FLUSH PRIVILEGES;"
  for host in localhost 127.0.0.1 ::1; do echo "CREATE USER IF NOT EXISTS healthcheck@$(quoted $host) IDENTIFIED BY '$health'; GRANT USAGE ON *.* TO healthcheck@$(quoted $host);"; done
  [ -z "$DATABASE" ] || echo "CREATE DATABASE IF NOT EXISTS \`$DATABASE\`;"
  if [ -n "$USER" ] && [ -n "$PASSWORD" ]; then
    echo "CREATE USER $(quoted "$USER")@'%' IDENTIFIED BY $(quoted "$PASSWORD");"
    [ -z "$DATABASE" ] || echo "GRANT ALL ON \`${DATABASE//_/\\_}\`.* TO $(quoted "$USER")@'%';"
  fi
  [ "$ROOT_HOST" = localhost ] || echo "CREATE USER IF NOT EXISTS root@$(quoted "$ROOT_HOST") IDENTIFIED BY $(quoted "$ROOT_PASSWORD"); GRANT ALL ON *.* TO root@$(quoted "$ROOT_HOST") WITH GRANT OPTION;"
  echo "SET PASSWORD FOR root@localhost = PASSWORD($(quoted "$ROOT_PASSWORD"));"
} | ask

process_init_files() { # a function, for what is sourced may set the arguments
  local f; for f; do
    case "$f" in
      *.sh) if [ -x "$f" ]; then say "running $f"; "$f"; else say "sourcing $f"; . "$f"; fi ;;
      *.sql) say "running $f"; docker_process_sql <"$f" ;;
      *.sql.gz) say "running $f"; gunzip -c "$f" | docker_process_sql ;;
      *.sql.xz) say "running $f"; xzcat "$f" | docker_process_sql ;;
      *.sql.zst) say "running $f"; zstd -dc "$f" | docker_process_sql ;;
      *) say "ignoring $f" ;;
    esac
  done
}
process_init_files /docker-entrypoint-initdb.d/*
say 'Stopping temporary server'
kill $server; wait $server || fail 'Unable to shut down server.'
say 'MariaDB init process done. Ready for start up.'
exec "$@"
