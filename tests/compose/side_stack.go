package compose

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"dagger/stack/internal/freeport"
)

// Stack is the side of this project: its functions, called through the dagger CLI.
type Stack struct {
	Module string // the folder of the module
	mu     sync.Mutex
	runs   map[string]*run // by the case's name
}

// run is the stack of one case.
type run struct {
	name    string
	port    string // of the API
	begun   bool   // there was an up
	session *exec.Cmd
	said    *bytes.Buffer  // by the session; to be read when it has ended
	ended   chan struct{}  // closed with the session
	read    map[string]int // how many lines of a service's log were observed
	stopped []reported     // what is known of the services of a stack that does not run any more
}

// run is the case's. The stack is called as the project of docker compose is, by its folder: containers are found by names that begin
// with it.
func (s *Stack) run(c Case) *run {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.runs == nil {
		s.runs = map[string]*run{}
	}
	if s.runs[c.Name] == nil {
		port, err := freeport.Take()
		if err != nil {
			port = 9002 // the module's own
		}
		s.runs[c.Name] = &run{port: strconv.Itoa(port), name: c.Name, read: map[string]int{}}
	}
	return s.runs[c.Name]
}

// command is a call of a function of the case's stack.
func (s *Stack) command(ctx context.Context, c Case, call ...string) *exec.Cmd {
	args := []string{"--progress=plain", "-m", s.Module, "call", "--name", s.run(c).name, "--api-port", s.run(c).port}
	files := c.Files
	if c.Folder != "" && len(files) == 0 {
		if file := filepath.Join(c.Folder, "compose.yaml"); exists(filepath.Join(c.Dir, file)) {
			files = []string{file}
		}
	}
	for flag, values := range map[string][]string{"--compose-file": files, "--env-file": c.EnvFiles, "--profile": c.Profiles, "--env": c.Env} {
		for _, value := range values {
			args = append(args, flag, quoted(value))
		}
	}
	cmd := exec.CommandContext(ctx, "dagger", append(args, call...)...)
	cmd.Dir = filepath.Dir(c.Dir) // not in the project: Dagger reads a .env of the folder that it is called in, and ends where it cannot
	cmd.Env = append(os.Environ(), "NO_COLOR=1", "DAGGER_NO_NAG=1", "DO_NOT_TRACK=1")
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	return cmd
}

// quoted is a value of a list flag: Dagger reads one as a line of CSV.
func quoted(value string) string {
	if !strings.ContainsAny(value, ",\"") {
		return value
	}
	return `"` + strings.ReplaceAll(value, `"`, `""`) + `"`
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// answer is what a call printed, or the words of its error, of which a report is one.
func (s *Stack) answer(ctx context.Context, c Case, call ...string) (string, error) {
	var stdout, stderr bytes.Buffer
	cmd := s.command(ctx, c, call...)
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		return errorText(stderr.String()), err
	}
	return stdout.String(), nil
}

// errorText is the error that the CLI printed last.
func errorText(stderr string) string {
	if i := strings.LastIndex(stderr, "\nError: "); i >= 0 {
		stderr = stderr[i+len("\nError: "):]
	}
	text, _, _ := strings.Cut(stderr, " [traceparent:")
	return strings.TrimSpace(text)
}

// Up implements Side.
func (s *Stack) Up(ctx context.Context, c Case) (Outcome, error) {
	r := s.run(c)
	if r.session != nil {
		s.end(r)
	}
	if !r.begun { // what a run that was killed has left
		if text, err := s.reset(ctx, c); err != nil {
			return Outcome{}, errors.New(text)
		}
		r.begun = true
	}
	r.said, r.ended = &bytes.Buffer{}, make(chan struct{})
	r.session = s.command(context.WithoutCancel(ctx), c, "up", "--project-path", c.Dir, "up")
	r.session.Stdout, r.session.Stderr = r.said, r.said
	if err := r.session.Start(); err != nil {
		return Outcome{}, err
	}
	go func(session *exec.Cmd, ended chan struct{}) {
		defer close(ended)
		_ = session.Wait() // its exit code says the same
	}(r.session, r.ended)
	calm := 0
	for end := time.Now().Add(commandTimeout); calm < 2 && time.Now().Before(end); time.Sleep(500 * time.Millisecond) {
		select {
		case <-r.ended:
			return Outcome{Failed: r.session.ProcessState.ExitCode() != 0, Says: errorText(r.said.String())}, nil
		case <-ctx.Done():
			return Outcome{}, ctx.Err()
		default:
		}
		if s.settled(ctx, c) {
			calm++
		} else {
			calm = 0
		}
	}
	if linger, err := time.ParseDuration(c.Linger); err == nil {
		time.Sleep(linger)
	}
	return Outcome{}, nil
}

// settled tells whether every service has ended, has a verdict on its health, or has said "ready".
func (s *Stack) settled(ctx context.Context, c Case) bool {
	services := s.report(ctx, c)
	for _, service := range services {
		if service.Phase == "exited" || service.Phase == "completed" || slices.Contains(c.Quiet, service.Service) {
			continue
		}
		log, err := s.log(ctx, c, service.Service)
		if err != nil || service.Phase != "running" || service.Health == "starting" || !slices.Contains(log, "ready") {
			return false
		}
	}
	return len(services) > 0
}

// Observe implements Side.
func (s *Stack) Observe(ctx context.Context, c Case) (Observation, error) {
	o := Observation{Services: map[string][]Instance{}}
	r := s.run(c)
	services := s.report(ctx, c)
	if services == nil { // a stack that was stopped has logs, but no report
		services = r.stopped
	}
	r.stopped = slices.Clone(services)
	for _, service := range services {
		log, err := s.log(ctx, c, service.Service)
		if err != nil {
			return o, fmt.Errorf("logs of %s: %w", service.Service, err)
		}
		i := Instance{State: service.Phase, Health: service.Health, Restarts: service.Restarts, Log: log[min(r.read[service.Service], len(log)):]}
		r.read[service.Service] = len(log)
		if i.State == "completed" {
			i.State = "exited"
		}
		if i.State == "exited" && service.LastExit != nil {
			i.Exit, i.Health = service.LastExit.Code, ""
		}
		if slices.Contains(c.Quiet, service.Service) {
			i.Log = []string{}
		}
		name := cmp.Or(service.InstanceOf, service.Service)
		o.Services[name] = sorted(append(o.Services[name], i))
	}
	for _, address := range c.Dial {
		if o.Dialed == nil {
			o.Dialed = map[string]string{}
		}
		o.Dialed[address] = ask(net.Dial, address)
	}
	return o, nil
}

// Stop implements Side.
func (s *Stack) Stop(ctx context.Context, c Case) (Outcome, error) {
	text, err := s.answer(ctx, c, "stop")
	if err != nil {
		return Outcome{Failed: true, Says: text}, nil
	}
	ended := endings(text)
	for i, service := range s.run(c).stopped {
		s.run(c).stopped[i].Phase, s.run(c).stopped[i].LastExit = "exited", cmp.Or(ended[service.Service], service.LastExit)
	}
	return Outcome{}, nil
}

// Down implements Side.
func (s *Stack) Down(ctx context.Context, c Case, wipe bool) error {
	r := s.run(c)
	if r.session == nil {
		return nil
	}
	_, _ = s.answer(ctx, c, "stop") // fails where nothing runs any more
	s.end(r)
	if !wipe {
		return nil
	}
	if text, err := s.reset(ctx, c); err != nil {
		return errors.New(text)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.runs, c.Name)
	return nil
}

// reset forgets the stack, if it ever ran.
func (s *Stack) reset(ctx context.Context, c Case) (string, error) {
	text, err := s.answer(ctx, c, "reset", "--confirm", s.run(c).name)
	if strings.Contains(text, "never ran") {
		return "", nil
	}
	return text, err
}

// end ends the call that has the stack running, as Ctrl-C does.
func (s *Stack) end(r *run) {
	r.session.Process.Signal(syscall.SIGINT)
	<-r.ended
	r.session = nil
}
