package spec

import (
	"slices"
	"syscall"
	"testing"
)

// What a build has of its service's variables: no secret, none that is known at the start alone, and no NODE_ENV.
func TestBundled(t *testing.T) {
	t.Parallel()
	secret := Variable{Name: "KEY", Value: Value{SecretPart("key", Plain)}}
	address := Env("DATABASE_URL", "postgresql://u:p@db")
	address.Sensitive = true
	s := Service{Process: Process{Env: []Variable{Env("VITE_TITLE", "hello"), secret, address, Env("NODE_ENV", "production"), {Name: "OFF", Unset: true}, Env("EMPTY", "")}}}
	if got, want := s.Bundled(), []string{"VITE_TITLE=hello", "EMPTY="}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

// A variable that names a cache of the build would have npx of the running service fail to write there.
func TestRunning(t *testing.T) {
	t.Parallel()
	path := BuildVariable{Name: "PATH", Value: "/bin"}
	b := Build{Env: []BuildVariable{{Name: "npm_config_cache", Value: "/cache/npm"}, path}, Caches: []Cache{{Name: "npm", Path: "/cache/npm"}}}
	if got, want := b.Running(), []BuildVariable{path}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

// STOPSIGNAL of an image is a name with SIG or without, or a number.
func TestSignal(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]syscall.Signal{
		"": syscall.SIGTERM, "SIGQUIT": syscall.SIGQUIT, "quit": syscall.SIGQUIT, "3": syscall.SIGQUIT, "SIGRTMIN+3": 37, "nonsense": syscall.SIGTERM,
	} {
		if got := (Process{StopSignal: text}).Signal(); got != want {
			t.Errorf("%q is %s, want %s", text, got, want)
		}
	}
}
