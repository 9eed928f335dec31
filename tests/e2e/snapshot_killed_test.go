package e2e

import (
	"context"
	"net/url"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// kept is how many rows the snapshot of these tests has: some 100 MB, so that there is a middle.
const kept = "200000"

// untilCopying waits until the server copies a database: one that is called so, and has no mark yet, is there.
func (s *session) untilCopying(prefix string) {
	s.Helper()
	address, err := url.Parse(s.databaseURL())
	if err != nil {
		s.Fatal(err)
	}
	address.Path = "/template1" // no snapshot has it, so its connections are not cut
	conn, err := pgx.Connect(context.Background(), address.String())
	if err != nil {
		s.Fatal(err)
	}
	defer conn.Close(context.Background())
	s.until("a database "+prefix+"…", func() bool {
		var copying bool
		err := conn.QueryRow(context.Background(), `SELECT EXISTS (SELECT FROM pg_stat_activity WHERE query LIKE 'CREATE DATABASE%' || $1 || '%' AND pid <> pg_backend_pid() AND state = 'active')`, prefix).Scan(&copying)
		if err != nil {
			s.Fatal(err)
		}
		return copying
	})
}

// Whatever is killed with kill -9 in the middle of a snapshot or a rollback: no data is lost, the snapshot before is there, the next call
// works, and nothing is left over.
func TestKilledSnapshot(t *testing.T) {
	t.Parallel()
	s := plain(t)
	up := s.up()
	s.sql("CREATE TABLE kept AS SELECT id, repeat('x', 450) AS filler FROM generate_series(1, " + kept + ") AS id")
	s.redis("SET", "kept", "clean")
	s.ok("snapshot", "--name", "clean")
	const ofOurs = "SELECT string_agg(substr(datname, 1, 9), ' ' ORDER BY datname) FROM pg_database WHERE datname LIKE 'stack%'"
	for _, verb := range []struct{ name, makes string }{{"snapshot", "stack_snapshot_"}, {"rollback", "stack_restoring_"}} {
		for _, victim := range []string{"server", "agent", "CLI"} {
			s.sql("INSERT INTO kept VALUES (0, 'dirty')")
			s.redis("SET", "kept", "dirty")
			old := s.child("postgres")
			call := s.begin(verb.name, "--name", "clean")
			call.untilCopying(verb.makes)
			switch victim {
			case "server":
				s.signal(old, syscall.SIGKILL)
				<-call.exited
				s.untilHealthy("postgres", old)
			case "agent":
				s.signal(s.running("postgres"), syscall.SIGKILL)
				<-call.exited
				up.end()
				up = s.up()
			case "CLI":
				call.kill()
			}
			t.Logf("killed the %s in the middle of a %s", victim, verb.name)
			s.untilSettled()
			rows := s.sql("SELECT count(*)::text FROM kept WHERE id > 0")
			if rows != kept {
				t.Errorf("%s rows, want %s", rows, kept)
			}
			if verb.name == "snapshot" && s.sql("SELECT count(*)::text FROM kept WHERE id = 0") == "0" {
				t.Error("what was written before the snapshot is lost")
			}
			if value := s.redis("GET", "kept"); value != "dirty" && (verb.name != "rollback" || value != "clean") {
				t.Errorf("redis has %q", value)
			}
			s.contains("snapshots", s.ok("snapshots"), "clean ")
			s.sql("DELETE FROM kept WHERE id = 0") // the snapshot may be the new one
			s.redis("SET", "kept", "clean")
			s.ok("snapshot", "--name", "clean")
			s.sql("TRUNCATE kept")
			s.redis("SET", "kept", "dirty")
			s.ok("rollback", "--name", "clean")
			if rows, value := s.sql("SELECT count(*)::text FROM kept"), s.redis("GET", "kept"); rows != kept || value != "clean" {
				t.Errorf("after the next rollback: %s rows, and %q in redis", rows, value)
			}
			s.eventually("the snapshot's two databases and the copies for the next rollback, and no other of ours", func() bool {
				return s.sql(ofOurs) == "stack_res stack_res stack_sna stack_sna"
			})
		}
	}
}

// untilSettled waits until the agents answer again: one that goes on with what a killed call has asked does that first.
func (s *stack) untilSettled() {
	s.Helper()
	s.eventually("an answer to snapshots", func() bool {
		r := s.call("snapshots")
		if r.code != 0 {
			time.Sleep(time.Second)
		}
		return r.code == 0
	})
}
