package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What a new database is made with is run once. Where it fails nothing of the database is kept, and the next up runs all of it.
func TestPostgresInit(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s := plain(t, "--postgres-init", dir)
	if text := s.fails("up"); !strings.Contains(text, "--postgres-init: the folder has nothing that the image runs: want files *.sql") {
		t.Errorf("an empty folder: %s", text)
	}
	write("1.sql", "CREATE TABLE made (name text); INSERT INTO made VALUES ('first');")
	write("2.sh", "echo the last words; psql -v ON_ERROR_STOP=1 -U $POSTGRES_USER -d $POSTGRES_DB -c 'no such statement'")
	text := s.fails("up")
	for _, want := range []string{"postgres did not become healthy", "the last words", "syntax error"} {
		if !strings.Contains(text, want) {
			t.Errorf("a script that fails: %q, want %q in it", text, want)
		}
	}
	write("2.sh", `psql -U $POSTGRES_USER -d $POSTGRES_DB -c "INSERT INTO made VALUES ('second')"`)
	for range 2 { // the second time the data is there
		session := s.up()
		if got := s.sql("SELECT string_agg(name, ' ') FROM made"); got != "first second" {
			t.Errorf("the table has %q", got)
		}
		session.end()
	}
}
