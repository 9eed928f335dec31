//go:build root

package agent

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"dagger/stack/internal/protocol"
	"dagger/stack/internal/spec"
	"dagger/stack/internal/state"
)

// contained is a service that is a container, as a compose file has it: root with Docker's capabilities.
func contained(text string) spec.Service {
	service := script(text)
	service.Mode, service.Described, service.Container.PID1 = spec.ModeContainer, true, true
	service.Process.User, service.Process.Root = "", true
	service.Process.Capabilities = []string{"CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_SETGID", "CAP_SETUID", "CAP_KILL", "CAP_NET_BIND_SERVICE"}
	service.Restart = spec.Restart{Policy: spec.RestartNo, FirstStart: true}
	return service
}

// newContainer is a test of one; at is a path in the test's own folder.
func newContainer(t *testing.T, service spec.Service) (r *running, at func(string) string) {
	r = newTest(t, service)
	dir := filepath.Dir(r.State)
	at = func(name string) string { return filepath.Join(dir, name) }
	r.Isolation = &Isolation{Volumes: at("stack/volumes"), Binds: at("stack/binds"), Sources: at("stack/sources"), Files: at("stack/files"), Hide: []string{at("stack")}}
	if err := os.Mkdir(at("stack"), 0o700); err != nil {
		t.Fatal(err)
	}
	return r, at
}

// prepare runs a shell script in the test's folder.
func (r *running) prepare(text string) {
	r.Helper()
	cmd := exec.Command("sh", "-euc", text)
	cmd.Dir = filepath.Dir(r.State)
	if out, err := cmd.CombinedOutput(); err != nil {
		r.Fatalf("%v\n%s", err, out)
	}
}

// untilOutcome waits for what becomes of the service.
func (r *running) untilOutcome(outcome state.Outcome) state.Status {
	r.Helper()
	return r.untilStatus(string(outcome), func(s state.Status) bool { return s.Outcome() == outcome && s.Instance != r.before })
}

// ends is how often the log says that the service has ended as it should.
func (r *running) ends() int { return strings.Count(r.logs(), "ended: exit code 0") }

// said waits for the end of the service's work and returns what it printed.
func (r *running) said() string {
	r.Helper()
	r.untilOutcome(state.Completed)
	r.until("its output", func() bool { return r.ends() > r.endsBefore })
	var lines []string
	for line := range strings.Lines(r.logs()) {
		if !strings.HasPrefix(line, "[stack]") && !strings.Contains(line, "ended: exit code 0") {
			lines = append(lines, line)
		}
	}
	return strings.TrimSpace(strings.Join(lines, ""))
}

// What a container sees of itself.
func TestContainer(t *testing.T) {
	one, mode := 1, uint32(0o444)
	for _, c := range []struct {
		name, text, want string
		change           func(s *spec.Service, at func(string) string)
	}{
		{"a container of Docker's", "echo $$ $(id -u) $(id -g); grep CapEff /proc/self/status | tr -d '\\t'; echo $HOME", "1 0 0\nCapEff:00000000000004eb\n/root", nil},
		{"names", "hostname; cat /etc/hostname; echo $HOSTNAME; cat /proc/sys/kernel/domainname", "web\nweb\nweb\nexample.org", func(s *spec.Service, _ func(string) string) {
			s.Container.Hostname, s.Container.Domainname = "web", "example.org"
		}},
		{"an init", "[ $$ -gt 1 ] && echo child", "child", func(s *spec.Service, _ func(string) string) { s.Container.Init = true }},
		{"a user and groups", "id -u; id -g; id -G", "1\n1\n1 7 100", func(s *spec.Service, _ func(string) string) {
			s.Process.User, s.Process.Root, s.Process.Groups = "daemon", false, []string{"7", "users"}
		}},
		{"a user without an entry", "id -u; id -g; echo $HOME; grep -E 'CapPrm|CapBnd' /proc/self/status | tr -d '\t'", "4321\n0\n/\nCapPrm:0000000000000000\nCapBnd:00000000000004eb", func(s *spec.Service, _ func(string) string) {
			s.Process.User, s.Process.Root = "4321", false
		}},
		{"limits", "ulimit -Sn; ulimit -Hn; ulimit -c", "100\n200\nunlimited", func(s *spec.Service, _ func(string) string) {
			s.Container.Ulimits = []spec.Ulimit{{Name: "nofile", Soft: 100, Hard: 200}, {Name: "core", Soft: -1, Hard: -1}}
		}},
		{"a working directory that is made", "pwd", "", func(s *spec.Service, at func(string) string) { s.Process.Workdir = at("made/deep") }},
		{"shared memory", "stat -fc %b /dev/shm", "256", func(s *spec.Service, _ func(string) string) { s.Container.ShmSize = 1 << 20 }},
		{"shared memory under a limit", "stat -fc %b /dev/shm", "76800", func(s *spec.Service, _ func(string) string) { s.Limits.Memory = 300 << 20 }},
		{"shared memory under a small limit", "stat -fc %b /dev/shm", "16384", func(s *spec.Service, _ func(string) string) { s.Limits.Memory = 32 << 20 }},
		{"a terminal", "test -t 0 && test -t 1 && test -t 2 && echo all $TERM", "all xterm", func(s *spec.Service, _ func(string) string) { s.Container.TTY = true }},
		{"no stdin", "cat; echo end", "end", nil},
		{"a file", "stat -c '%a %u:%g' $F; cat $F; echo x 2>/dev/null >$F || echo no", "444 1:0\ntext no", func(s *spec.Service, at func(string) string) {
			s.Files = []spec.File{{Path: at("run/secrets/one"), Content: spec.Value{spec.Text("text ")}, UID: &one, Mode: &mode}}
			s.Process.Env = append(s.Process.Env, spec.Env("F", at("run/secrets/one")))
		}},
		{"the stack's own files", "ls -A $S | wc -l", "0", func(s *spec.Service, at func(string) string) {
			s.Process.Env = append(s.Process.Env, spec.Env("S", at("stack")))
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r, at := newContainer(t, contained(c.text))
			if c.change != nil {
				c.change(&r.Service, at)
			}
			want := c.want
			if want == "" {
				want = r.Service.Process.Workdir
			}
			r.start()
			if got := strings.ReplaceAll(r.said(), "\r", ""); got != want {
				t.Errorf("%q, want %q", got, want)
			}
		})
	}
}

func TestRootThatWasNotAllowed(t *testing.T) {
	r, _ := newContainer(t, contained("true"))
	r.Service.Process.Root = false
	if code := r.start().exitCode(); code != 99 || !strings.Contains(r.output.String(), "is root, and the service was not allowed") {
		t.Errorf("%d %s", code, r.output.String())
	}
}

// A file of the project, and the stdin of a service that is open.
func TestFilesAndStdin(t *testing.T) {
	r, at := newContainer(t, contained("cat $F; echo up; cat; echo closed"))
	r.Service.Files = []spec.File{{Path: at("conf"), Source: "./conf"}, {Path: at("missing"), Source: "./missing"}}
	r.Service.Process.Env = append(r.Service.Process.Env, spec.Env("F", at("conf")))
	r.Service.Container.StdinOpen = true
	r.prepare("mkdir -p stack/sources; echo from the project >stack/sources/0")
	r.start()
	r.until("what is missing", func() bool { return strings.Contains(r.logs(), "the project has no ./missing") })
	if s := r.untilOutcome(state.Failed); s.LastExit.Code != 127 {
		t.Errorf("%+v", s)
	}
	r.Service.Files = r.Service.Files[:1]
	r.end()
	r = r.again()
	r.until("up", func() bool { return strings.Contains(r.logs(), "from the project\nup\n") })
	time.Sleep(100 * time.Millisecond)
	if strings.Contains(r.logs(), "closed") {
		t.Error("its stdin came to an end")
	}
}

// Probes and commands run where the process runs, as its user, and with what it sees.
func TestBesideTheProcess(t *testing.T) {
	service := contained("echo up >$T/up; trap 'echo bye; exit 0' TERM; while :; do sleep 0.05; done")
	r, at := newContainer(t, service)
	r.Service.Process.Env = append(r.Service.Process.Env, spec.Env("T", at("t")))
	r.Service.Container.Hostname = "web"
	r.Service.Container.Mounts = []spec.Mount{{Type: spec.MountTmpfs, Target: at("t")}}
	r.Service.Container.PostStart = []spec.Command{
		{Args: []string{"sh", "-c", "sleep 0.3; echo started $(id -u) $(hostname) $X $(pwd)"}, User: "daemon", Workdir: "/usr", Env: []spec.Variable{spec.Env("X", "y")}},
		{Args: []string{"sh", "-c", "touch $T/second"}},
	}
	r.Service.Container.PreStop = []spec.Command{{Args: []string{"sh", "-c", "cat /proc/1/cmdline | tr '\\0' ' ' | cut -c1-7; echo stopping"}}}
	r.Service.Probe = quick(spec.Probe{Exec: []string{"sh", "-c", "cat $T/up && test -e $T/second"}})
	s := r.start().untilHealthy()
	if s.PostStarting || s.Probes[len(s.Probes)-1].Output != "up\n" {
		t.Errorf("%+v", s)
	}
	if !strings.Contains(r.logs(), "started 1 web y /usr\n") {
		t.Error(r.logs())
	}
	if err := r.ask(protocol.VerbStop, nil); err != nil {
		t.Fatal(err)
	}
	if code := r.exitCode(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	if i, j := strings.Index(r.logs(), "/bin/sh\nstopping\n"), strings.Index(r.logs(), "bye\n"); i < 0 || j < i {
		t.Errorf("log:\n%s", r.logs())
	}
}

// The start of a service has failed if a command of it has, though the process runs.
func TestPostStartThatFails(t *testing.T) {
	r, _ := newContainer(t, contained("exec sleep 60"))
	r.Service.Container.PostStart = []spec.Command{{Args: []string{"sh", "-c", "echo no such table; exit 5"}}}
	s := r.start().untilOutcome(state.Failed)
	if !strings.Contains(s.Why, "post_start: sh -c") || !strings.Contains(s.Why, "exit code 5") || s.PID == 0 || !alive(s.PID) {
		t.Errorf("%+v", s)
	}
	if !strings.Contains(r.logs(), "no such table\n") {
		t.Error(r.logs())
	}
}

// Without privileges, what a service can do without is noted, and what it cannot is an error.
func TestWithoutPrivileges(t *testing.T) {
	service := contained("id -u; touch $T/x && echo made")
	service.Process.User, service.Process.Root, service.Process.Capabilities = "nobody", false, nil
	service.Container.Hostname, service.Container.ReadOnly = "web", true
	service.Container.Hosts, service.Container.DNS.Search = []spec.Host{{Name: "web", Service: "thing"}}, []string{"example.org"}
	r := newTest(t, service)
	at := filepath.Join(filepath.Dir(r.State), "t")
	r.Service.Process.Env = append(r.Service.Process.Env, spec.Env("T", at))
	r.Service.Container.Mounts = []spec.Mount{{Type: spec.MountTmpfs, Target: at}}
	if got := r.start().said(); got != "65534\nmade" {
		t.Errorf("%q", got)
	}
	for _, want := range []string{"not number 1", "host name", "not read-only", "on disk", "only those of the services that it depends on resolve", "search domains"} {
		if !strings.Contains(strings.Join(r.status().Notes, "\n"), want) {
			t.Errorf("no note of %q: %q", want, r.status().Notes)
		}
	}
	for want, change := range map[string]func(*spec.Service){
		"would run as root": func(s *spec.Service) { s.Process.Root = true },
		"cannot have a volume at": func(s *spec.Service) {
			s.Container.Mounts = []spec.Mount{{Type: spec.MountVolume, Source: "v", Target: "/v"}}
		},
	} {
		r := newTest(t, r.Service)
		change(&r.Service)
		if code := r.start().exitCode(); code != 99 || !strings.Contains(r.output.String(), want) {
			t.Errorf("%s: %d %s", want, code, r.output.String())
		}
	}
}
