//go:build root

package agent

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"dagger/stack/internal/protocol"
	"dagger/stack/internal/socket"
	"dagger/stack/internal/spec"
)

// in runs statements in a database, one by one, and returns the first value of the last.
func (d *database) in(user, password, name string, statements ...string) (value string, err error) {
	conn, err := pgconn.Connect(context.Background(), fmt.Sprintf("postgres://%s:%s@127.0.0.1:%d/%s?sslmode=disable", user, password, d.port, name))
	if err != nil {
		return "", err
	}
	defer conn.Close(context.Background())
	for _, statement := range statements {
		results, err := conn.Exec(context.Background(), statement).ReadAll()
		if err != nil {
			return "", fmt.Errorf("%s: %w", statement, err)
		}
		if last := results[len(results)-1]; len(last.Rows) > 0 {
			value = string(last.Rows[0][0])
		}
	}
	return value, nil
}

// bring has a running service restore a file that another one has dumped.
func (d *database) bring(file string, dumped protocol.DumpResult) (protocol.RestoreNotes, error) {
	d.Helper()
	content, err := os.ReadFile(file)
	if err == nil {
		err = os.WriteFile(filepath.Join(d.folder.Exchange(), dumped.File), content, 0o600)
	}
	if err != nil {
		d.Fatal(err)
	}
	var notes protocol.RestoreNotes
	err = socket.Ask(context.Background(), d.folder, protocol.VerbRestore, dumped, &notes, time.Minute)
	return notes, err
}

// Roles and what they may do, every database and its settings, and extensions come back in a server that has none of it, whose user
// keeps the password of its own. What is left out is named.
func TestPostgresBackupIsWhole(t *testing.T) {
	from := newPostgres(t)
	spy(from)
	from.start().untilHealthy()
	const odd = `O'dd "name" x=y`
	setUp := []string{
		"CREATE ROLE reader LOGIN PASSWORD 'readerpw'", "CREATE ROLE staff", "GRANT staff TO reader", "ALTER ROLE reader SET statement_timeout = '7s'",
		"CREATE TABLE orders AS SELECT generate_series(1, 10) AS id", "GRANT SELECT ON orders TO reader", "CREATE SCHEMA private AUTHORIZATION reader",
		"ALTER TABLE orders ENABLE ROW LEVEL SECURITY", "CREATE POLICY p ON orders FOR SELECT TO reader USING (id < 5)",
		"CREATE EXTENSION pgcrypto", "CREATE DATABASE analytics OWNER reader", "ALTER DATABASE analytics SET work_mem = '9MB'",
		`CREATE DATABASE "O'dd ""name"" x=y"`, "CREATE DATABASE closed ALLOW_CONNECTIONS false", "ALTER SYSTEM SET work_mem = '5MB'",
	}
	password := from.secret("db-password")
	if _, err := from.in("postgres", password, "app", setUp...); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"analytics", "O%27dd%20%22name%22%20x%3Dy"} {
		if _, err := from.in("postgres", password, name, "CREATE TABLE facts AS SELECT 1 AS x"); err != nil {
			t.Fatal(err)
		}
	}
	var dumped protocol.DumpResult
	if err := from.ask(protocol.VerbDump, &dumped); err != nil {
		t.Fatal(err)
	}
	want := "left out: the database closed, which takes no connections; left out: the setting work_mem of ALTER SYSTEM"
	if got := strings.Join(dumped.Notes, "; "); got != want {
		t.Errorf("notes %q, want %q", got, want)
	}
	if env, err := os.ReadFile(spied(from)); err != nil || strings.Contains(string(env), password) || !strings.Contains(string(env), "PGPASSFILE=") {
		t.Errorf("the environment of pg_dump: %v\n%s", err, env)
	}

	to := newPostgres(t)
	to.start().untilHealthy()
	own := to.secret("db-password")
	if _, err := to.in("postgres", own, "app", "CREATE DATABASE mine", "CREATE TABLE orders (other int)"); err != nil {
		t.Fatal(err)
	}
	notes, err := to.bring(filepath.Join(from.folder.Exchange(), dumped.File), dumped)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := strings.Join(notes.Notes, "; "), "not in the backup, and as it was: the database mine"; got != want {
		t.Errorf("notes %q, want %q", got, want)
	}
	for _, row := range []struct{ user, password, name, query, want string }{
		{"reader", "readerpw", "app", "SELECT count(*) FROM orders", "4"},
		{"reader", "readerpw", "app", "SHOW statement_timeout", "7s"},
		{"reader", "readerpw", "app", "SELECT pg_has_role('staff', 'member')", "t"},
		{"postgres", own, "app", "SELECT nspowner::regrole FROM pg_namespace WHERE nspname = 'private'", "reader"},
		{"postgres", own, "app", "SELECT length(crypt('a', gen_salt('md5'))) > 0", "t"},
		{"reader", "readerpw", "analytics", "SHOW work_mem", "9MB"},
		{"postgres", own, "analytics", "SELECT count(*) FROM facts", "1"},
		{"postgres", own, "app", "SELECT datdba::regrole FROM pg_database WHERE datname = 'analytics'", "reader"},
		{"postgres", own, "O%27dd%20%22name%22%20x%3Dy", "SELECT count(*) FROM facts", "1"},
		{"postgres", own, "app", "SELECT string_agg(datname, '; ' ORDER BY datname) FROM pg_database WHERE NOT datistemplate", odd + "; analytics; app; mine; postgres"},
	} {
		if got, err := to.in(row.user, row.password, row.name, row.query); err != nil || got != row.want {
			t.Errorf("%s in %s: %q, %v, want %q", row.query, row.name, got, err, row.want)
		}
	}
}

// A backup of a former version is a dump of the one database.
func TestPostgresRestoresFormerBackups(t *testing.T) {
	d := newPostgres(t)
	d.start().untilHealthy()
	d.sql("CREATE TABLE kept AS SELECT generate_series(1, 3) AS id")
	dump := exec.Command("/usr/lib/postgresql/15/bin/pg_dump", "--format=custom", "--host=127.0.0.1", fmt.Sprintf("--port=%d", d.port), "--username=postgres", "app")
	dump.Env = []string{"PGPASSWORD=" + d.secret("db-password")}
	file := filepath.Join(t.TempDir(), "postgres.dump")
	content, err := dump.Output()
	if err == nil {
		err = os.WriteFile(file, content, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.in("postgres", d.secret("db-password"), "app", "DROP TABLE kept", "CREATE ROLE other", "CREATE DATABASE other OWNER other"); err != nil {
		t.Fatal(err)
	}
	if _, err := d.bring(file, protocol.DumpResult{File: "postgres.dump"}); err != nil {
		t.Fatal(err)
	}
	if got := d.sql("SELECT count(*) || ' ' || (SELECT datdba::regrole FROM pg_database WHERE datname = 'other') FROM kept"); got != "3 other" {
		t.Errorf("got %q", got)
	}
}

// spy has pg_dump write its environment down.
func spy(d *database) {
	folder := filepath.Join(filepath.Dir(d.State), "spy")
	script := "#!/bin/sh\nenv > " + spied(d) + "\nexec /usr/lib/postgresql/15/bin/pg_dump \"$@\"\n"
	if err := os.Mkdir(folder, 0o777); err == nil {
		err = os.WriteFile(filepath.Join(folder, "pg_dump"), []byte(script), 0o755)
		if err == nil {
			err = os.Chmod(folder, 0o777)
		}
		if err != nil {
			d.Fatal(err)
		}
	}
	env := d.Service.Process.Env
	env[len(env)-2] = spec.Env("PATH", folder+":"+strings.TrimPrefix(path, "PATH="))
}

func spied(d *database) string { return filepath.Join(filepath.Dir(d.State), "spy", "environment") }

// A user who drops the database, renames the user or changes the password does not lose the stack.
func TestPostgresMakesItsLoginAgain(t *testing.T) {
	d := newPostgres(t)
	d.start().untilHealthy()
	password := d.secret("db-password")
	for _, row := range []struct {
		what       string
		statements []string
	}{
		{"a database that is gone", []string{"CREATE TABLE kept AS SELECT 1", "DROP DATABASE app WITH (FORCE)"}},
		{"another password", []string{"ALTER ROLE postgres PASSWORD 'other'"}},
		{"a renamed user", []string{"CREATE ROLE second SUPERUSER LOGIN PASSWORD 'second'", "SET SESSION AUTHORIZATION second", "ALTER ROLE postgres RENAME TO former"}},
	} {
		data := d.status().Data
		if _, err := d.in("postgres", password, "postgres", row.statements...); err != nil {
			t.Fatalf("%s: %v", row.what, err)
		}
		d.end()
		d.again()
		d.untilHealthy()
		if got := d.sql("SELECT current_database()"); got != "app" {
			t.Errorf("%s: %q", row.what, got)
		}
		if d.status().Data == data {
			t.Errorf("%s: the data counts as the data that was there", row.what)
		}
		if got := strings.Count(d.logs(), "make what the login needs again: an empty database app if it is missing"); got == 0 {
			t.Errorf("%s: no note\n%s", row.what, d.logs())
		}
	}
}
