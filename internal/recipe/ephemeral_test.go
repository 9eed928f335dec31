package recipe

import (
	"strings"
	"testing"

	"dagger/stack/internal/spec"
)

// A postgres whose data is not kept does not wait for the disk, unless its command says something else; another service is as it was.
func TestEphemeral(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ image, command, want string }{
		{"postgres:15-alpine", "docker-entrypoint.sh postgres -c shared_buffers=1GB", "docker-entrypoint.sh postgres -c fsync=off -c shared_buffers=1GB"},
		{"postgres:15-alpine", "docker-entrypoint.sh postgres -c fsync=on", "docker-entrypoint.sh postgres -c fsync=on"},
		{"redis:7-alpine", "redis-server", "redis-server"},
	} {
		s := Ephemeral(spec.Service{
			Build: spec.Build{Image: c.image}, Process: spec.Process{Command: strings.Fields(c.command)}, Data: []spec.DataDir{{Name: "a"}},
		})
		if got := strings.Join(s.Process.Command, " "); got != c.want || !s.Data[0].Ephemeral {
			t.Errorf("%s: %q, want %q", c.image, got, c.want)
		}
	}
}
