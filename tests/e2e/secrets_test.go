package e2e

import (
	"bytes"
	"errors"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// now is the time as the file system has it.
func now(t *testing.T) time.Time {
	t.Helper()
	path := filepath.Join(t.TempDir(), "now")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info.ModTime()
}

// holds tells which of the values are in a text, as they are or as a URL has them.
func holds(text string, values []string) (found []string) {
	for _, value := range values {
		for _, form := range []string{value, url.UserPassword("", value).String()[1:], url.QueryEscape(value), url.PathEscape(value)} {
			if strings.Contains(text, form) {
				found = append(found, form)
				break
			}
		}
	}
	return found
}

// keepsSecrets searches for the values of secrets wherever they could have come to, also after the backend has
// printed them all.
func (s *stack) keepsSecrets(session *session, begun time.Time, values []string) {
	s.Helper()
	env := s.lockedEnv()
	for _, name := range []string{"DATABASE_URL", "REDIS_URL", "SECRET_KEY"} {
		if len(holds(env[name], values)) != 1 {
			s.Errorf("%s of the backend is %q", name, env[name])
		}
		s.get("backend", "/print?text="+url.QueryEscape(name+"="+env[name]))
	}
	s.get("backend", "/say?text="+url.QueryEscape("the key is "+env["SECRET_KEY"]))
	var health string
	session.until("the health check has seen the key", func() bool {
		health = s.ok("health", "--format", "json")
		return strings.Contains(health, "the key is ***")
	})
	logs := s.ok("logs")
	for _, want := range []string{"DATABASE_URL=postgresql://postgres:***@postgres:5432/app", "REDIS_URL=redis://:***@redis:6379/0", "SECRET_KEY=***"} {
		if !strings.Contains(logs, want) {
			s.Errorf("%q is not in the log\n%s", want, tail(logs))
		}
	}
	for what, text := range map[string]string{
		"logs": logs, "logs as JSON": s.ok("logs", "--format", "json"), "health": health,
		"the output of up":                session.printed(),
		"the error of a second up":        s.fails("up", "--project-path", s.project),
		"the error of an unknown service": s.fails("restart", "--service", "web"),
	} {
		if found := holds(text, values); len(found) > 0 {
			s.Errorf("%s hold %q", what, found)
		}
	}
	s.noneInProcesses(values)
	s.noneOnDisk(begun, values)
}

// noneInProcesses looks at every process of the machine, where the engine runs on it and we may: the backend's own
// environment is the only place.
func (s *stack) noneInProcesses(values []string) {
	s.Helper()
	if stateFolder() == "" {
		s.Log("not searched: the processes, since the engine is not on this machine, or we are not root")
		return
	}
	processes, err := filepath.Glob("/proc/[0-9]*")
	if err != nil {
		s.Fatal(err)
	}
	seen := false
	for _, process := range processes {
		command, _ := os.ReadFile(filepath.Join(process, "cmdline"))
		if found := holds(string(command), values); len(found) > 0 {
			s.Errorf("%s holds %q", command, found)
		}
		env, _ := os.ReadFile(filepath.Join(process, "environ"))
		found := holds(string(env), values)
		if len(found) > 0 && !bytes.HasSuffix(command, []byte("python\x00main.py\x00")) {
			s.Errorf("the environment of %s holds %q", command, found)
		}
		seen = seen || len(found) > 0
	}
	if !seen {
		s.Error("the search does not even find the backend")
	}
}

// noneOnDisk looks at all that the engine has written since: volumes, layers of containers, its own cache. But is what may hold them.
func (s *stack) noneOnDisk(begun time.Time, values []string, but ...string) {
	s.Helper()
	dir := stateFolder()
	if dir == "" {
		s.Log("not searched: the engine's disk, since the engine is not on this machine, or we are not root")
		return
	}
	searched := 0
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) || err == nil && !entry.Type().IsRegular() {
			return nil
		}
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err != nil || info.ModTime().Before(begun) || info.Size() > 64<<20 {
			return nil
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return nil // gone
		}
		searched++
		allowed := slices.ContainsFunc(but, func(part string) bool { return strings.Contains(path, part) })
		if found := holds(string(data), values); len(found) > 0 && !allowed {
			s.Errorf("%s holds %q", path, found)
		}
		return nil
	})
	if err != nil {
		s.Error(err)
	}
	if searched == 0 {
		s.Errorf("the search finds no file of this run in %s", dir)
	}
}

// stateFolder is where the engine of hack/engine keeps its files; empty if it is another one.
func stateFolder() string {
	socket, ours := strings.CutPrefix(os.Getenv("_EXPERIMENTAL_DAGGER_RUNNER_HOST"), "unix://")
	dir := filepath.Join(filepath.Dir(filepath.Dir(socket)), "state")
	if _, err := os.ReadDir(dir); !ours || err != nil || os.Getuid() != 0 {
		return ""
	}
	return dir
}

// A service that prints its secrets and ends: the error of up shows its last words, and not them.
func TestErrorHoldsNoSecret(t *testing.T) {
	t.Parallel()
	const key = "k3y-in-an-error-4410"
	path := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(path, []byte(key), 0o600); err != nil {
		t.Fatal(err)
	}
	s := newStack(t, "tests/fixtures/plain", "--secret-key=file:"+path, "--backend-command", `sh -c 'echo last words: $SECRET_KEY; echo $DATABASE_URL >&2; exit 3'`)
	r := s.call("up", "--project-path", s.project)
	if text := errorText(r.stderr); r.code == 0 || !strings.Contains(text, "last words: ***") || !strings.Contains(text, "postgresql://postgres:***@postgres") {
		t.Errorf("exit code %d, error %q", r.code, text)
	}
	if found := holds(r.stdout+r.stderr, []string{key}); len(found) > 0 {
		t.Errorf("the output holds %q\n%s", found, tail(r.stderr))
	}
}
