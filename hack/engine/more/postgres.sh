# shellcheck shell=bash disable=SC2154 # sourced by more.sh, and by more/pgvector.sh and more/postgis.sh
# Contract: docker-library/postgres: Dockerfile and README. Each suite of Debian has one PostgreSQL: a major that none has gets the
# next newer one, and is told.
# shellcheck source=hack/engine/images/pgvector.sh
. "$here/images/pgvector.sh" sourced

debian_postgres() { # MAJOR [EXTENSION]: in $R, a Debian with that server and the extension's package; have, uid, data and volume are set
  local packages=()
  uid=999 data=/var/lib/postgresql/data volume=/var/lib/postgresql/data
  [[ $tag != *alpine* ]] || uid=70
  if (($1 <= 13)); then on bullseye; have=13
  elif (($1 <= 15)); then on bookworm; have=15
  elif (($1 <= 17)); then on trixie; have=17
  elif (($1 == 18)); then on forky; have=18
  else die "no suite of Debian has PostgreSQL $1: there are 13, 15, 17 and 18"
  fi
  ((have == $1)) || say "note: it has PostgreSQL $have"
  ((have < 18)) || data=/var/lib/postgresql/18/docker volume=/var/lib/postgresql
  [[ -z ${2:-} ]] || packages=("postgresql-$have-$2")
  whole "postgresql-$have" "${beside[@]}" "${packages[@]}"
}
[[ ${1:-} == sourced ]] || {
  debian_postgres "$(grep -oE '^[0-9]+' <<<"$tag" || echo 18)"
  server "$have" $uid "$data" "$volume"
}
