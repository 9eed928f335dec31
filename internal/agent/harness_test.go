//go:build root

package agent

import (
	"context"
	"encoding/json"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"dagger/stack/internal/agent/boot"
	"dagger/stack/internal/agent/enforce/alone"
	"dagger/stack/internal/agent/process"
	"dagger/stack/internal/socket"
	"dagger/stack/internal/spec"
	"dagger/stack/internal/state"
	"dagger/stack/internal/state/logstore"
)

// The tests run the agent as a process of its own, so that it can be killed: the test binary, started again.
const agentTest = "AGENT_TEST"

type testConfig struct {
	Service   spec.Service
	State     string
	Secrets   string
	Session   string
	Confine   process.Confinement
	Cgroup    string
	Hosts     string // with it, the agent has a network of its own, and answers for names there
	Isolation *Isolation
	OneOff    string // the folder of a command that is run once, "" for a service
}

func TestMain(m *testing.M) {
	if text := os.Getenv(agentTest); text != "" {
		os.Exit(beAgent(text))
	}
	if code, done := alone.Run(); done {
		os.Exit(code)
	}
	if os.Getuid() != 0 {
		fmt.Fprintln(os.Stderr, "these tests start services as another user and make cgroups: run them as root")
		os.Exit(1)
	}
	os.Exit(m.Run())
}

func beAgent(text string) int {
	var cfg testConfig
	if err := json.Unmarshal([]byte(text), &cfg); err != nil {
		panic(err)
	}
	names, err := cfg.names()
	if err != nil {
		panic(err)
	}
	config := Config{
		Service: cfg.Service, State: state.At(cfg.State), Secrets: cfg.Secrets, Session: cfg.Session, Confine: cfg.Confine, Cgroup: cfg.Cgroup, Names: names, Isolation: cfg.Isolation,
		Address: netip.MustParseAddr("127.0.0.1"), Environ: boot.Environ(), Stdout: os.Stdout, Stderr: os.Stderr,
	}
	if cfg.OneOff != "" {
		return beOneOff(config, cfg.OneOff)
	}
	code, err := Run(context.Background(), config)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 99
	}
	return code
}

// beOneOff runs the service's command once, and writes how it has ended beside the folder.
func beOneOff(config Config, folder string) int {
	result, err := OneOff(context.Background(), config, folder)
	if err == nil {
		var data []byte
		if data, err = json.Marshal(result); err == nil {
			err = os.WriteFile(folder+".json", data, 0o600)
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 99
	}
	return 0
}

// running is an agent in a test.
type running struct {
	*testing.T
	testConfig
	cmd    *exec.Cmd
	folder state.Service
	output strings.Builder
	closed *os.File // in the place of output: a pipe that nobody reads
	exited chan error
	before string // the instance before this one, whose status may still be there
	// endsBefore is ends of the instances before: the log has theirs, too.
	endsBefore int
}

// script is a service that runs a shell script.
func script(text string) spec.Service {
	return spec.Service{
		Name:    "thing",
		Process: spec.Process{Command: []string{"/bin/sh", "-c", text}, User: "nobody", StopGrace: spec.Duration(2 * time.Second)},
		Restart: spec.Restart{Policy: spec.RestartOnFailure},
	}
}

func newTest(t *testing.T, service spec.Service) *running {
	dir := t.TempDir()
	// The service's user must reach its files in here.
	for _, path := range []string{dir, filepath.Dir(dir)} {
		if err := os.Chmod(path, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	r := &running{T: t, testConfig: testConfig{Service: service, State: filepath.Join(dir, "state"), Secrets: filepath.Join(dir, "secrets"), Confine: process.Full}}
	r.folder = state.At(r.State).Service(service.Name)
	return r
}

func (r *running) start() *running {
	r.Helper()
	text, err := json.Marshal(r.testConfig)
	if err != nil {
		r.Fatal(err)
	}
	r.cmd = exec.Command("/proc/self/exe")
	r.cmd.Env = append(os.Environ(), agentTest+"="+string(text))
	r.cmd.Stdout, r.cmd.Stderr = &r.output, &r.output
	if r.closed != nil {
		r.cmd.Stdout, r.cmd.Stderr = r.closed, r.closed
	}
	if r.Hosts != "" {
		r.cmd.SysProcAttr = &syscall.SysProcAttr{Unshareflags: syscall.CLONE_NEWNET | syscall.CLONE_NEWNS}
	}
	if err := r.cmd.Start(); err != nil {
		r.Fatal(err)
	}
	exited := make(chan error, 1)
	r.exited = exited
	cmd := r.cmd
	go func() { exited <- cmd.Wait() }()
	r.Cleanup(func() {
		pid := r.status().PID
		cmd.Process.Kill()
		if pid > 0 {
			syscall.Kill(-pid, syscall.SIGKILL)
		}
	})
	return r
}

func (r *running) status() state.Status {
	status, _ := r.folder.Status()
	return status
}

// until waits for a condition; how long it takes is no claim of the test.
func (r *running) until(what string, condition func() bool) {
	r.Helper()
	for end := time.Now().Add(2 * time.Minute); !condition(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			r.Fatalf("never: %s\nstatus: %+v\nlog:\n%s\noutput: %s", what, r.status(), r.logs(), r.output.String())
		}
	}
}

// untilStatus waits for a status. It is read once for all that is asked of it: of two readings, one may be the agent's before.
func (r *running) untilStatus(what string, want func(state.Status) bool) (s state.Status) {
	r.Helper()
	r.until(what, func() bool { s = r.status(); return want(s) })
	return s
}

func (r *running) untilHealthy() state.Status {
	r.Helper()
	return r.untilStatus("healthy", func(s state.Status) bool { return s.Health == state.Healthy && s.Instance != r.before })
}

// exitCode waits for the end of the agent.
func (r *running) exitCode() int {
	r.Helper()
	select {
	case <-r.exited:
		return r.cmd.ProcessState.ExitCode()
	case <-time.After(20 * time.Second):
		r.Fatalf("the agent does not end\nlog:\n%s", r.logs())
		return 0
	}
}

func (r *running) logs() string {
	entries, err := logstore.Tail(r.folder.Logs(), logstore.Query{})
	if err != nil {
		r.Error(err)
	}
	var text []byte
	for _, entry := range entries {
		text = logstore.Text{}.Append(text, &entry)
	}
	return string(text)
}

func (r *running) ask(verb string, answer any) error { return r.askWith(verb, nil, answer) }

func (r *running) askWith(verb string, args, answer any) error {
	return socket.Ask(context.Background(), r.folder, verb, args, answer, 2*time.Minute)
}

func alive(pid int) bool { return syscall.Kill(pid, 0) == nil }
