package render

import (
	"testing"
	"time"

	"dagger/stack/internal/control"
	"dagger/stack/internal/protocol"
)

func TestSnapshots(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	all := []control.Snapshot{
		{Name: "clean", Time: now.Add(-90 * time.Second), Size: 15 << 20, Clones: 3, Services: []protocol.ServiceSnapshot{{Service: "postgres"}, {Service: "redis"}}},
	}
	want := "SNAPSHOT  AGE  SIZE    CLONES  SERVICES\nclean     1m   15 MiB  3       postgres, redis"
	if got, err := Snapshots(all, "text", now); err != nil || got != want {
		t.Errorf("%v\n%s", err, got)
	}
	if got, _ := Snapshots(nil, "text", now); got != "no snapshots" {
		t.Errorf("%q", got)
	}
}

// A password is in a text only where it is asked for.
func TestClones(t *testing.T) {
	made := func() []control.Clone {
		return []control.Clone{
			{Service: "db", Database: "a", Inside: "postgresql://u:p%40ss@db:5432/a", Host: "postgresql://u:p%40ss@localhost:5433/a"},
			{Service: "db", Database: "b", Inside: "postgresql://u@db:5432/b"},
		}
	}
	for _, row := range []struct {
		request control.CloneRequest
		want    string
	}{
		{control.CloneRequest{}, "postgresql://u:***@localhost:5433/a\npostgresql://u@db:5432/b"},
		{control.CloneRequest{Reveal: true}, "postgresql://u:p%40ss@localhost:5433/a\npostgresql://u@db:5432/b"},
		{control.CloneRequest{Inside: true}, "postgresql://u:***@db:5432/a\npostgresql://u@db:5432/b"},
	} {
		if got, err := Clones(made(), row.request); err != nil || got != row.want {
			t.Errorf("%+v: %v\n%s", row.request, err, got)
		}
	}
	if got, err := Clones(made()[:1], control.CloneRequest{Format: "json"}); err != nil || got != `[{"service":"db","database":"a","url":"postgresql://u:***@db:5432/a","hostUrl":"postgresql://u:***@localhost:5433/a"}]` {
		t.Errorf("%v\n%s", err, got)
	}
}
