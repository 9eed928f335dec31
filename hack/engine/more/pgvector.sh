# shellcheck shell=bash disable=SC2154 # sourced by more.sh
# Contract: pgvector/pgvector; images/pgvector.sh makes the one of PostgreSQL 15.
# shellcheck source=hack/engine/more/postgres.sh
. "$here/more/postgres.sh" sourced
major=$(grep -oE 'pg[0-9]+' <<<"$tag" | grep -oE '[0-9]+' || echo 18)
((major >= 14)) || die "no suite of Debian has pgvector for PostgreSQL $major: there are 15, 17 and 18"
if ((major <= 15)); then debian_postgres "$major"; vector; else debian_postgres "$major" pgvector; fi
server "$have" "$uid" "$data" "$volume"
