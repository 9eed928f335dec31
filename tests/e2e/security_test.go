package e2e

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// locked is the stack whose services tell what they see of their containers, with a job that tries to leave its own.
func locked(t *testing.T, flags ...string) *stack {
	flags = append(flags, "--backend-command", "python main.py", "with-job", "--name", "tries", "--like", "backend", "--command", "python escape.py")
	return newStack(t, "tests/fixtures/locked", flags...)
}

// read is a file as a service of the locked fixture sees it.
func (s *stack) read(service, path string) string {
	s.Helper()
	_, text := s.get(service, "/read?path="+url.QueryEscape(path))
	return text
}

// lockedEnv is the environment of the locked fixture's backend.
func (s *stack) lockedEnv() map[string]string {
	s.Helper()
	var env map[string]string
	_, text := s.get("backend", "/env")
	if err := json.Unmarshal([]byte(text), &env); err != nil {
		s.Fatalf("%v: %s", err, text)
	}
	return env
}

// user is the entry of a passwd file: uid and gid.
func user(t testing.TB, passwd, name string) [2]int {
	t.Helper()
	for line := range strings.Lines(passwd) {
		if fields := strings.Split(line, ":"); fields[0] == name {
			uid, _ := strconv.Atoi(fields[2])
			gid, _ := strconv.Atoi(fields[3])
			return [2]int{uid, gid}
		}
	}
	t.Fatalf("no user %s in\n%s", name, passwd)
	return [2]int{}
}

// confined checks the privileges of every service: as its agent reports them, and as three of them read them
// themselves, which shows that the agent's word can be taken for the others.
func (s *stack) confined() {
	s.Helper()
	var report struct {
		Services []struct {
			Service    string
			Privileges struct {
				UID, GID, Groups []int
				Capabilities     uint64
				NoNewPrivs       bool
				Seccomp          int
			}
		}
	}
	if err := json.Unmarshal([]byte(s.ok("health", "--format", "json")), &report); err != nil {
		s.Fatal(err)
	}
	status := map[string]string{
		"backend": s.read("backend", "/proc/self/status"), "frontend": s.read("frontend", "/proc/self/status"),
		"postgres": s.sql("SELECT pg_read_file('/proc/self/status')"),
	}
	passwd := s.sql("SELECT pg_read_file('/etc/passwd')")
	users := map[string][2]int{"postgres": user(s.TB, passwd, "postgres"), "backend": {1000, 1000}, "frontend": {1000, 1000}, "tries": {1000, 1000}}
	if len(report.Services) != len(users)+1 {
		s.Fatalf("%+v", report)
	}
	for _, r := range report.Services {
		p := r.Privileges
		want, known := users[r.Service]
		if !known { // redis: its number is the image's matter
			want = [2]int{p.UID[0], p.GID[0]}
		}
		same := func(n int) func(int) bool { return func(id int) bool { return id != n } }
		if want[0] == 0 || want[1] == 0 || slices.ContainsFunc(p.UID, same(want[0])) || slices.ContainsFunc(p.GID, same(want[1])) ||
			len(p.UID) != 4 || len(p.GID) != 4 || len(p.Groups) != 0 || p.Capabilities != 0 || !p.NoNewPrivs || p.Seccomp != 2 {
			s.Errorf("%s: %+v, want user %d", r.Service, p, want)
		}
		text, readable := status[r.Service]
		if !readable {
			continue
		}
		for _, line := range []string{
			fmt.Sprintf("Uid:\t%[1]d\t%[1]d\t%[1]d\t%[1]d\n", want[0]), fmt.Sprintf("Gid:\t%[1]d\t%[1]d\t%[1]d\t%[1]d\n", want[1]), "Groups:\t \n",
			"CapInh:\t0000000000000000\n", "CapPrm:\t0000000000000000\n", "CapEff:\t0000000000000000\n", "CapBnd:\t0000000000000000\n",
			"CapAmb:\t0000000000000000\n", "NoNewPrivs:\t1\n", "Seccomp:\t2\n",
		} {
			if !strings.Contains(text, line) {
				s.Errorf("%s reads of itself:\n%s\nwant %q", r.Service, text, line)
			}
		}
	}
}

// agentKeeps is what the agent has after its start: CHOWN, DAC_OVERRIDE, FOWNER, KILL, SETGID, SETUID and SETPCAP. Where
// the engine gives SYS_RESOURCE, it keeps that too.
const agentKeeps, sysResource = 1<<0 | 1<<1 | 1<<3 | 1<<5 | 1<<6 | 1<<7 | 1<<8, 1 << 24

// agentIsReduced checks the agent's own capabilities, which everybody in the container can read.
func (s *stack) agentIsReduced() {
	s.Helper()
	_, parent, _ := strings.Cut(s.read("backend", "/proc/self/status"), "PPid:\t")
	parent, _, _ = strings.Cut(parent, "\n")
	text := s.read("backend", "/proc/"+parent+"/status")
	if !strings.Contains(text, "Name:\tstack-agent\n") {
		s.Fatalf("not the agent:\n%s", text)
	}
	for set, want := range map[string]uint64{"CapInh": 0, "CapPrm": agentKeeps, "CapEff": agentKeeps, "CapBnd": agentKeeps, "CapAmb": 0} {
		_, value, _ := strings.Cut(text, set+":\t")
		value, _, _ = strings.Cut(value, "\n")
		if got, err := strconv.ParseUint(value, 16, 64); err != nil || got != want && got != want|sysResource {
			s.Errorf("%s of the agent is %s, want %x", set, value, want)
		}
	}
}

// attempts is what escape.py of the backend prints.
type attempts struct {
	Rights   map[string]string // what the kernel says that its process may do
	Attempts map[string]string // what it got when it tried to leave its container
}

// escapes runs the attempts of the backend against the table: from the service itself, and from each way in which a command is started like
// it, which must have the same rights.
func (s *stack) escapes() {
	s.Helper()
	_, text := s.get("backend", "/escape")
	service := s.tried("the service", text, nil)
	const command = "python escape.py" // as the job tries does
	shell := s.terminal("shell", "--service", "backend", "--command", "sh -c '"+command+" > /tmp/tried; echo tried $((40+2))'", "terminal")
	shell.types("", "tried 42")
	<-shell.exited
	logged := s.ok("logs", "--service", "tries", "--format", "json")
	for through, got := range map[string]attempts{
		"exec":  s.tried("exec", s.ok("exec", "--service", "backend", "--command", command), nil),
		"shell": s.tried("shell", s.read("backend", "/tmp/tried"), nil),
		"run":   s.tried("run", s.ok("run", "--project-path", s.project, "--service", "backend", "--command", command, "stdout"), runApart),
		"job":   s.tried("job", s.printedBy(logged), apart),
	} {
		if !maps.Equal(got.Rights, service.Rights) {
			s.Errorf("%s: rights %v, the service's are %v", through, got.Rights, service.Rights)
		}
	}
}

// tried reads what escape.py has printed, and holds it against the table; others are further answers.
func (s *stack) tried(through, text string, others map[string]string) (got attempts) {
	s.Helper()
	if err := json.Unmarshal([]byte(text), &got); err != nil || len(got.Rights) < 20 {
		s.Fatalf("%s: %v: %s", through, err, text)
	}
	for name, want := range denied {
		want += " " + others[name]
		result, tried := got.Attempts[name]
		if strings.HasPrefix(result, "worked:") && slices.Contains(strings.Fields(want), "works") {
			continue
		}
		if !tried || !slices.Contains(strings.Fields(want), result) {
			s.Errorf("%s: %s: %q, want %s", through, name, result, want)
		}
	}
	for name, result := range got.Attempts {
		if denied[name] == "" {
			s.Errorf("%s: not in the table: %s: %s", through, name, result)
		}
	}
	return got
}

// printedBy is the line of JSON that a job has printed, from its log.
func (s *stack) printedBy(log string) string {
	s.Helper()
	for line := range strings.Lines(log) {
		var entry struct{ Text string }
		if json.Unmarshal([]byte(line), &entry) == nil && strings.HasPrefix(entry.Text, "{") {
			return entry.Text
		}
	}
	s.Fatalf("no line of JSON in %s", log)
	return ""
}

// sourceIsReadOnly: who owns what in the containers of the project's own code.
func (s *stack) sourceIsReadOnly() {
	s.Helper()
	for path, want := range map[string]string{
		"/app": "0", "/app/main.py": "0", "/tmp": "0", "/opt/venv": "1000", "/opt/venv/bin/pip": "1000", "/home/app": "1000",
	} {
		if _, got := s.get("backend", "/owner?path="+path); got != want {
			s.Errorf("%s belongs to %s, want %s", path, got, want)
		}
	}
	for path, writable := range map[string]bool{"/app/new": false, "/app/main.py": false, "/opt/new": false, "/new": false, "/tmp/new": true, "/home/app/new": true} {
		if _, got := s.get("backend", "/write?path="+path); (got == "ok") != writable {
			s.Errorf("write %s: %s", path, got)
		}
	}
	if got := s.read("frontend", "/app/installed-by"); got != "1000\n" {
		s.Errorf("packages are installed as user %q", got)
	}
}

// TestLocked is all that a running stack can show of its confinement, in one.
func TestLocked(t *testing.T) {
	t.Parallel()
	secrets := map[string]string{"db-password": "dB/p@ss w0rd-7319", "redis-password": "r3dis-\"Pass\"-5521", "secret-key": "k3y-of-the-backend-9907"}
	dir := t.TempDir()
	var flags []string
	for name, value := range secrets {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(value+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		flags = append(flags, "--"+name+"=file:"+path)
	}
	s := locked(t, flags...)
	begun := now(t)
	session := s.up()
	s.confined()
	s.agentIsReduced()
	s.escapes()
	s.sourceIsReadOnly()
	s.keepsSecrets(session, begun, slices.Collect(maps.Values(secrets)))
	// A process that is started anew is not less confined.
	s.ok("restart", "--service", "postgres", "--with-dependents")
	s.ok("restart", "--service", "redis")
	s.confined()
}

// With --writable-source a service may change its source, and nothing else.
func TestWritableSource(t *testing.T) {
	t.Parallel()
	s := locked(t, "--writable-source")
	s.up()
	for path, writable := range map[string]bool{"/app/new": true, "/app/main.py": true, "/opt/new": false, "/etc/new": false} {
		if _, got := s.get("backend", "/write?path="+path); (got == "ok") != writable {
			t.Errorf("write %s: %s", path, got)
		}
	}
}
