package render

import (
	"testing"
	"time"

	"dagger/stack/internal/protocol"
)

func TestSnapshots(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	all := []protocol.Snapshot{
		{Name: "clean", Time: now.Add(-90 * time.Second), Size: 15 << 20, Clones: 3, Services: []protocol.ServiceSnapshot{{Service: "postgres"}, {Service: "redis"}}},
	}
	want := "SNAPSHOT  AGE  SIZE    CLONES  SERVICES\nclean     1m   15 MiB  3       postgres, redis"
	if got, err := Snapshots(all, "text", now); err != nil || got != want {
		t.Errorf("%v\n%s", err, got)
	}
	if got, _ := Snapshots(nil, "text", now); got != "no snapshots" {
		t.Errorf("%q", got)
	}
	for _, row := range []struct {
		result protocol.SnapshotResult
		want   string
	}{
		{protocol.SnapshotResult{Act: protocol.SnapshotTake, Service: "postgres", Name: "clean", Size: 1 << 20, Cut: 2}, "postgres: snapshot clean taken, 1 MiB; 2 connections were cut"},
		{protocol.SnapshotResult{Act: protocol.SnapshotRollback, Service: "db", Name: "clean", Cut: 1, Notes: []string{"a note"}}, "db: rolled back to clean; 1 connection was cut\n  a note"},
		{protocol.SnapshotResult{Act: protocol.SnapshotDrop, Service: "redis", Name: "clean", Dropped: []string{"redis.rdb"}}, "redis: dropped redis.rdb"},
	} {
		if got := Snapshot(row.result); got != row.want {
			t.Errorf("%q, want %q", got, row.want)
		}
	}
}

// A password is in a text only where it is asked for.
func TestClones(t *testing.T) {
	made := func() []protocol.Clone {
		return []protocol.Clone{
			{Service: "db", Database: "a", Inside: "postgresql://u:p%40ss@db:5432/a", Host: "postgresql://u:p%40ss@localhost:5433/a"},
			{Service: "db", Database: "b", Inside: "postgresql://u@db:5432/b"},
		}
	}
	for _, row := range []struct {
		request protocol.CloneRequest
		want    string
	}{
		{protocol.CloneRequest{}, "postgresql://u:***@localhost:5433/a\npostgresql://u@db:5432/b"},
		{protocol.CloneRequest{Reveal: true}, "postgresql://u:p%40ss@localhost:5433/a\npostgresql://u@db:5432/b"},
		{protocol.CloneRequest{Inside: true}, "postgresql://u:***@db:5432/a\npostgresql://u@db:5432/b"},
	} {
		if got, err := Clones(made(), row.request); err != nil || got != row.want {
			t.Errorf("%+v: %v\n%s", row.request, err, got)
		}
	}
	if got, err := Clones(made()[:1], protocol.CloneRequest{Format: "json"}); err != nil || got != `[{"service":"db","database":"a","url":"postgresql://u:***@db:5432/a","hostUrl":"postgresql://u:***@localhost:5433/a"}]` {
		t.Errorf("%v\n%s", err, got)
	}
}
