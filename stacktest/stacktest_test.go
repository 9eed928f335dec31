package stacktest

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
)

// A test has a database; its subtests, which run at the same time, have clones; another test has another stack meanwhile; and a test
// that fails has the log.
func TestUp(t *testing.T) {
	t.Parallel()
	failed := &failing{TB: t}
	stack := Up(failed, Options{Module: "..", Project: "../tests/fixtures/plain", Services: []string{"postgres"}, Args: map[string]any{"dbPassword": Secret("p@ss/word")}})
	at := stack.URL(t, "postgres")
	if !strings.Contains(at, "postgres:p%40ss%2Fword@localhost:") {
		t.Errorf("URL: %s", at)
	}
	query(t, at, "CREATE TABLE kept AS SELECT 1 AS n")
	stack.Snapshot(t, "clean")
	query(t, at, "DROP TABLE kept")
	stack.Rollback(t, "clean")
	query(t, at, "SELECT n FROM kept")

	clones := make(chan string, 2)
	t.Run("clones", func(t *testing.T) {
		for i := range cap(clones) {
			t.Run(fmt.Sprint(i), func(t *testing.T) {
				t.Parallel()
				clone := stack.Clone(t, "clean")
				query(t, clone, fmt.Sprintf("DELETE FROM kept; INSERT INTO kept VALUES (%d)", i))
				clones <- clone
			})
		}
	})
	if a, b := <-clones, <-clones; a == b {
		t.Errorf("two tests have one database: %s", a)
	}
	failed.fail()
	if !strings.Contains(failed.logged, "database system is ready") {
		t.Errorf("the log of a failed test: %q", failed.logged)
	}
}

func TestUpOfAnother(t *testing.T) {
	t.Parallel()
	stack := Up(t, Options{Module: "..", Project: "../tests/fixtures/plain", Services: []string{"postgres"}})
	query(t, stack.URL(t, "postgres"), "CREATE TABLE kept (n int)")
	if api, _ := stack.API(); stack.Port(9002) == 0 || !strings.Contains(api, fmt.Sprint(stack.Port(9002))) {
		t.Errorf("the API is at %s, port 9002 at %d", api, stack.Port(9002))
	}
}

func query(t *testing.T, url, statement string) {
	t.Helper()
	conn, err := pgx.Connect(context.Background(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	if _, err := conn.Exec(context.Background(), statement); err != nil {
		t.Fatal(err)
	}
}

// failing is a test that fails, and ends before the one that it is a part of.
type failing struct {
	testing.TB
	logged string
	ends   []func()
}

func (f *failing) Cleanup(end func())              { f.ends = append(f.ends, end) }
func (f *failing) Failed() bool                    { return true }
func (f *failing) Logf(format string, args ...any) { f.logged += fmt.Sprintf(format, args...) }
func (f *failing) fail() {
	for _, end := range f.ends {
		end()
	}
}

func TestNames(t *testing.T) {
	t.Parallel()
	valid := regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,39}$`)
	for _, test := range []string{"TestUp", "Test/a long name/with_more than forty letters in it", "Täst", "//", ""} {
		if a, b := nameOf(test), nameOf(test); a == b || !valid.MatchString(a) {
			t.Errorf("%q: %q and %q", test, a, b)
		}
	}
}
