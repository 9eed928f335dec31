package e2e

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
)

// The data of a running stack comes back by name, from the CLI and over the API, and databases for tests are made of it.
func TestSnapshots(t *testing.T) {
	t.Parallel()
	s := plain(t)
	a := s.up().api()
	s.sql("CREATE TABLE kept AS SELECT generate_series(1, 500) AS id")
	s.redis("SET", "kept", "clean")
	s.contains("snapshot", s.ok("snapshot", "--name", "clean"), "postgres: snapshot clean taken, ", "redis: snapshot clean taken, ")
	dirty := func() {
		t.Helper()
		s.sql("DROP TABLE kept")
		s.redis("SET", "kept", "dirty")
	}
	clean := func(by string) {
		t.Helper()
		if rows, value := s.sql("SELECT count(*)::text FROM kept"), s.redis("GET", "kept"); rows != "500" || value != "clean" {
			t.Errorf("after a rollback by %s: %s rows and %q", by, rows, value)
		}
	}
	dirty()
	s.contains("rollback", s.ok("rollback", "--name", "clean"), "postgres: rolled back to clean", "redis: rolled back to clean")
	clean("the CLI")
	a.testSnapshots(dirty, clean)

	addresses := strings.Fields(s.ok("clone", "--name", "clean", "--count", "50", "--reveal"))
	if len(addresses) != 50 {
		t.Fatalf("clones: %q", addresses)
	}
	var tests sync.WaitGroup
	for _, address := range addresses {
		tests.Go(func() { s.connects(address) })
	}
	tests.Wait()
	s.contains("clone-urls", s.ok("clone-urls", "--name", "clean", "--count", "2", "plaintext"), ":"+s.password()+"@postgres:5432/stack_clone_clean_")
	s.contains("snapshots", s.ok("snapshots"), "SNAPSHOT  AGE", "clean ", "postgres, redis")
	s.contains("a rollback to nothing", s.fails("rollback", "--name", "dirty"), `there is no snapshot "dirty": want one of clean`)
	s.contains("drop-snapshot", s.ok("drop-snapshot", "--name", "clean"), "postgres: dropped stack_clone_clean_", "redis: dropped redis.rdb")
	if text := s.sql("SELECT count(*)::text FROM pg_database WHERE datname LIKE 'stack%'"); text != "0" {
		t.Errorf("%s databases are left", text)
	}
}

// password is the generated one of the stack's postgres.
func (s *stack) password() string {
	s.Helper()
	config, err := pgx.ParseConfig(s.databaseURL())
	if err != nil {
		s.Fatal(err)
	}
	return config.Password
}

// connects looks for the table of the snapshot in a clone.
func (s *stack) connects(address string) {
	s.Helper()
	conn, err := pgx.Connect(context.Background(), address)
	if err != nil {
		s.Error(err)
		return
	}
	defer conn.Close(context.Background())
	var rows int
	if err := conn.QueryRow(context.Background(), "SELECT count(*) FROM kept").Scan(&rows); err != nil || rows != 500 {
		s.Errorf("%d rows in a clone, %v", rows, err)
	}
}

func (a *api) testSnapshots(dirty func(), clean func(by string)) {
	a.Helper()
	ask := func(method, path string, answer any) {
		a.Helper()
		response, body := a.do(apiRequest{method: method, path: path, headers: map[string]string{"Authorization": "Bearer " + a.token}})
		if response.StatusCode != 200 || json.Unmarshal([]byte(body), answer) != nil {
			a.Fatalf("%s %s: %d %s", method, path, response.StatusCode, body)
		}
	}
	var list struct {
		Snapshots []struct {
			Name     string
			Size     int
			Clones   int
			Services []struct{ Service string }
		}
	}
	ask(http.MethodGet, "./snapshots", &list)
	if len(list.Snapshots) != 1 || list.Snapshots[0].Name != "clean" || list.Snapshots[0].Size < 1<<20 || len(list.Snapshots[0].Services) != 2 {
		a.Errorf("list: %+v", list)
	}
	var done struct{ Services []struct{ Service string } }
	dirty()
	ask(http.MethodPost, "./snapshots/clean/rollback", &done)
	clean("the API")
	ask(http.MethodPost, "./snapshots/other", &done)
	var made struct {
		Clones []struct{ URL, HostURL string }
	}
	ask(http.MethodPost, "./snapshots/other/clones?count=2", &made)
	if len(made.Clones) != 2 || !strings.Contains(made.Clones[0].URL, "@postgres:5432/stack_clone_other_") {
		a.Errorf("clones: %d", len(made.Clones))
	}
	a.connects(made.Clones[1].HostURL)
	var reached struct {
		URLs []struct{ Service, URL, HostURL string }
	}
	ask(http.MethodGet, "./urls", &reached)
	if len(reached.URLs) != 3 || strings.Replace(reached.URLs[0].HostURL, "@localhost:", "@127.0.0.1:", 1) != a.databaseURL() || reached.URLs[2].URL != "http://backend:8000" {
		a.Errorf("URLs of postgres, redis and the backend: %d", len(reached.URLs))
	}
	ask(http.MethodDelete, "./snapshots/other?clones=true", &done)
	ask(http.MethodGet, "./snapshots", &list)
	if len(list.Snapshots) != 2 || list.Snapshots[1].Clones != 0 {
		a.Errorf("without clones: %+v", list)
	}
	ask(http.MethodDelete, "./snapshots/other", &done)
	if response, _ := a.do(apiRequest{method: http.MethodPost, path: "./snapshots/other/rollback", headers: map[string]string{"Authorization": "Bearer " + a.token}}); response.StatusCode != 400 {
		a.Errorf("one that is gone: %d", response.StatusCode)
	}
	if response, _ := a.do(apiRequest{method: http.MethodDelete, path: "./snapshots/clean"}); response.StatusCode != 401 {
		a.Errorf("without the token: %d", response.StatusCode)
	}
}
