# shellcheck shell=bash disable=SC2154 # sourced by more.sh
# Contract: postgis/postgis, of which a new database has the extension.
# shellcheck source=hack/engine/more/postgres.sh
. "$here/more/postgres.sh" sourced
debian_postgres "$(grep -oE '^[0-9]+' <<<"$tag" || echo 18)" postgis-3
mkdir "$R/docker-entrypoint-initdb.d"
cat >"$R/docker-entrypoint-initdb.d/10_postgis.sh" <<'S'
psql --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" --command 'CREATE EXTENSION IF NOT EXISTS postgis'
S
server "$have" "$uid" "$data" "$volume"
