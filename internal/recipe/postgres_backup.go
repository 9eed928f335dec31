package recipe

import (
	"strings"

	"dagger/stack/internal/spec"
)

// A copy of a postgres is a tar of globals.sql (roles and what is granted to them), of the names of the databases, of a dump of each
// database in pg_dump's custom format, by its number in names, and of what is left out, in words. A copy of former versions is
// the dump of one database.

// postgresLogin is in a folder of its own. The password is in a file: a program's environment is there for all of the same user to
// read, and goes on to whatever the program starts.
const postgresLogin = `umask 077; dir=$(mktemp -d); cd "$dir"
password=${POSTGRES_PASSWORD:-$(cat "${POSTGRES_PASSWORD_FILE:-/dev/null}")}
printf '*:*:*:*:%s\n' "$(printf %s "$password" | sed 's/[\\:]/\\&/g')" > pgpass
unset POSTGRES_PASSWORD; export PGPASSFILE="$dir/pgpass" PGHOST=127.0.0.1 PGUSER='{user}' PGOPTIONS=--client-min-messages=warning
# sql runs its first argument, in which :'name' is the second, and prints values.
sql() { printf '%s\n' "$1" | psql -XqAt --set=ON_ERROR_STOP=1 --set=name="${2-}" --dbname=template1; }
`

// postgresDump leaves out what a restore has made for itself, and is not interrupted by psql, which would read the list of names.
const postgresDump = postgresLogin + `trap 'rm -rf "$dir"' EXIT; mkdir copy; cd copy
pg_dumpall --globals-only --no-tablespaces > globals.sql
sql "SELECT datname FROM pg_database WHERE datallowconn AND NOT datistemplate AND datname !~ '^stack_(restoring|replaced|snapshot|clone)_' ORDER BY 1" > names
sql "SELECT 'the tablespace ' || spcname FROM pg_tablespace WHERE spcname NOT IN ('pg_default', 'pg_global')
  UNION ALL SELECT 'the database ' || datname || ', which takes no connections' FROM pg_database WHERE NOT datallowconn AND datname <> 'template0' AND datname !~ '^stack_'
  UNION ALL SELECT 'the template ' || datname FROM pg_database WHERE datistemplate AND datallowconn AND datname <> 'template1'
  UNION ALL SELECT 'the setting ' || name || ' of ALTER SYSTEM' FROM pg_file_settings WHERE sourcefile LIKE '%postgresql.auto.conf'
  UNION ALL SELECT 'the replication slot ' || slot_name FROM pg_replication_slots" > left-out
i=0
while IFS= read -r name; do
  PGDATABASE=$name pg_dump --format=custom > $i.dump < /dev/null
  i=$((i + 1))
done < names
sed 's/^/note: left out: /' left-out >&2
tar -cf - globals.sql names left-out *.dump`

// postgresUnpack has the parts of a copy from stdin in its folder.
const postgresUnpack = `mkdir copy; cd copy
cat > whole
if [ "$(head -c 5 whole)" = PGDMP ]; then mv whole 0.dump; echo '{database}' > names; : > globals.sql; owner=--no-owner
else tar -xf whole; rm whole; owner=; fi
`

// postgresCheck reads all of each dump, not its table of contents alone.
const postgresCheck = postgresLogin + `trap 'rm -rf "$dir"' EXIT
` + postgresUnpack + `[ -s names ] && [ -e globals.sql ]
i=0; while IFS= read -r name; do pg_restore --file=/dev/null $i.dump; i=$((i + 1)); done < names`

// postgresRestore fills databases beside those in use and then gives them their names, and roles what they had, in one transaction:
// what cannot be restored whole changes nothing but for roles that are new, and what the backup's databases did not have is gone. The
// user that the server was made with stays as it is. A rename locks clients out and waits 5 s for the connections there are to
// end; one that was half open when the others were ended makes it fail, so it is tried again. A database that another system's
// locale was made for gets the one of this server.
const postgresRestore = postgresLogin + `
drop() { sql "SELECT datname FROM pg_database WHERE datname ~ '^stack_($1)_[0-9]+\$'" | while read -r old; do sql "DROP DATABASE $old"; done; }
trap 'drop restoring; rm -rf "$dir"' EXIT
` + postgresUnpack + `drop "restoring|replaced"
grep '^CREATE ROLE ' globals.sql | psql -Xq --dbname=template1 > /dev/null 2>&1 || true
sed -e '/^CREATE ROLE /d' -e '/^\\/d' -e '/^ALTER ROLE "\{0,1\}{user}"\{0,1\} WITH /d' globals.sql > swap.sql
i=0
while IFS= read -r name; do
  create=$(pg_restore --create --schema-only --file=- $i.dump | sed -n "s/^CREATE DATABASE .* WITH TEMPLATE = template0/CREATE DATABASE stack_restoring_$i TEMPLATE = template0/p" | head -n 1)
  : > refused; { [ -n "$create" ] && sql "$create" 2> refused; } || { sql "CREATE DATABASE stack_restoring_$i TEMPLATE template0"
    echo "note: the database $name has this server's locale: $(head -n 1 refused)" >&2; }
  pg_restore $owner --exit-on-error --dbname=stack_restoring_$i $i.dump
  sql "SELECT format('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %1\$L;
    ALTER DATABASE %1\$I RENAME TO stack_replaced_$i;', datname) FROM pg_database WHERE datname = :'name';
    SELECT format('ALTER DATABASE stack_restoring_$i RENAME TO %I;', :'name')" "$name" >> swap.sql
  if [ -z "$owner" ]; then # the owner, the settings and the rights of the database itself
    pg_restore --list $i.dump --create | grep -E '^[0-9]+; [0-9]+ [0-9]+ (DATABASE|DATABASE PROPERTIES|(ACL|COMMENT|SECURITY LABEL) - DATABASE) ' > list || true
    pg_restore --create --use-list=list --file=- $i.dump | sed -e '/^CREATE DATABASE /d' -e '/^\\/d' >> swap.sql
  fi
  i=$((i + 1))
done < names
swap() { psql -Xq --set=ON_ERROR_STOP=1 --single-transaction --dbname=template1 --file=swap.sql > /dev/null; }
swap || swap || swap
drop replaced
sql "SELECT datname FROM pg_database WHERE datallowconn AND NOT datistemplate AND datname !~ '^stack_clone_'" | grep -vxF -f names |
  sed 's/^/note: not in the backup, and as it was: the database /' >&2 || true`

// postgresBackup copies all of a server as its superuser; database is what a copy of a former version is of.
func postgresBackup(user, database string, server spec.Value) *spec.Backup {
	script := func(text string) []string {
		return []string{"sh", "-ec", strings.NewReplacer("{user}", user, "{database}", database).Replace(text)}
	}
	return &spec.Backup{
		File: "postgres.dump",
		Dump: script(postgresDump), Check: script(postgresCheck), Restore: script(postgresRestore),
		Server: server,
	}
}
