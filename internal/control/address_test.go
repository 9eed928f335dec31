package control

import (
	"net/url"
	"testing"

	"dagger/stack/internal/spec"
)

func TestReached(t *testing.T) {
	t.Parallel()
	ports := []spec.Port{{Container: 5432, Published: 15432}, {Container: 80}}
	for _, row := range []struct{ own, inside, host string }{
		{"postgresql://user:p%40ss@10.87.0.3:5432/app", "postgresql://user:p%40ss@db:5432/app", "postgresql://user:p%40ss@localhost:15432/app"},
		{"http://:80", "http://db:80", ""},
		{"redis://10.87.0.3:6379/0", "redis://db:6379/0", ""},
	} {
		own, err := url.Parse(row.own)
		if err != nil {
			t.Fatal(err)
		}
		if inside, host := reached(own, "db", ports); inside != row.inside || host != row.host {
			t.Errorf("%s: %q and %q, want %q and %q", row.own, inside, host, row.inside, row.host)
		}
	}
}
