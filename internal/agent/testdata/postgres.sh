#!/bin/bash
# What an image's entrypoint does, with the database server of this machine. $INIT is run on the temporary server.
set -e
if [ ! -s "$PGDATA/PG_VERSION" ]; then
  initdb -U postgres --pwfile=<(printf '%s\n' "$POSTGRES_PASSWORD") --auth-local=trust --auth-host=scram-sha-256 >/dev/null
  pg_ctl -s -w -o "-c listen_addresses='' -k $PGDATA -p $PGPORT" start
  createdb -h "$PGDATA" -U postgres "$POSTGRES_DB"
  [ -z "$INIT" ] || psql -h "$PGDATA" -U postgres -d "$POSTGRES_DB" -v ON_ERROR_STOP=1 -qc "$INIT"
  pg_ctl -s -m fast -w stop
fi
exec postgres "$@"
