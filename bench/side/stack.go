package side

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"dagger/stack/bench/machine"
	"dagger/stack/bench/outside"
	"dagger/stack/internal/layout"
	"dagger/stack/internal/state"
	"dagger/stack/internal/state/logstore"
)

// Stack is this project's module, called as its users call it.
type Stack struct {
	held
	stack   string // its name
	root    string // of the repository
	project string // the example's folder
	ports   Ports
	targets []outside.Target
	token   string     // of the API
	flags   []string   // of every call
	locks   []*os.File // of the services that Fill made up
}

// NewStack is a stack of that project.
func NewStack(root, project string) *Stack {
	ports := portsFrom(17440)
	return &Stack{
		stack: fmt.Sprintf("bench-%x", time.Now().UnixNano()%1e9), root: root, project: project,
		ports: ports, targets: ports.targets(),
		flags: []string{
			"--postgres-port", strconv.Itoa(ports.Postgres), "--redis-port", strconv.Itoa(ports.Redis),
			"--backend-port", strconv.Itoa(ports.Backend), "--frontend-port", strconv.Itoa(ports.Frontend),
			"--api-port", strconv.Itoa(ports.API), "--db-password", "env:BENCH_DB", "--redis-password", "env:BENCH_REDIS",
		},
	}
}

func (s *Stack) Name() string              { return "stack" }
func (s *Stack) Targets() []outside.Target { return s.targets }

// call is a call in a project that has installed the module as a toolchain, which loads quicker than one that names the module by -m: as the
// module of the call, it would have Dagger define all its functions twice.
func (s *Stack) call() tool {
	return tool{
		dir:  filepath.Join(s.root, "bench/project"),
		args: append([]string{"dagger", "--progress=plain", "call", "stack", "--name", s.stack}, s.flags...),
		env:  append([]string{"BENCH_DB=" + dbPassword, "BENCH_REDIS=" + redisPassword}, daggerEnv...),
	}
}

// Empty calls a function of another module that does nothing: what any call costs.
func (s *Stack) Empty(ctx context.Context) error {
	_, err := tool{args: []string{"dagger", "--progress=plain", "-m", filepath.Join(s.root, "tests/fixtures/empty"), "call", "nothing"}}.run(ctx)
	return err
}

// HealthOverHTTP asks the API that the stack publishes for all services' health.
func (s *Stack) HealthOverHTTP(ctx context.Context) error {
	return s.api(ctx, http.MethodGet, "/health")
}

// LogsOverHTTP asks it for the last 100 lines of all.
func (s *Stack) LogsOverHTTP(ctx context.Context) error {
	return s.api(ctx, http.MethodGet, "/logs?tail=100")
}

// RestartOverHTTP has it restart a service.
func (s *Stack) RestartOverHTTP(ctx context.Context, service string) error {
	if err := s.ReadToken(ctx); err != nil {
		return err
	}
	return s.api(ctx, http.MethodPost, "/services/"+service+"/restart")
}

// ExecOverHTTP has it run a command that does nothing in the backend. Who measures reads the token before.
func (s *Stack) ExecOverHTTP(ctx context.Context) error {
	if err := s.ReadToken(ctx); err != nil {
		return err
	}
	return s.api(ctx, http.MethodPost, "/services/backend/exec?command=true")
}

// ReadToken reads the token of the API, once for a stack.
func (s *Stack) ReadToken(ctx context.Context) error {
	if s.token != "" {
		return nil
	}
	token, err := s.call().run(ctx, "api-token")
	s.token = strings.TrimSpace(token)
	return err
}

// api asks as curl does: by a connection of its own.
func (s *Stack) api(ctx context.Context, method, path string) error {
	url := fmt.Sprintf("http://127.0.0.1:%d/api/v1/projects/%s%s", s.ports.API, s.stack, path)
	request, err := http.NewRequestWithContext(ctx, method, url, nil)
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+s.token)
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode >= 300 {
		err = fmt.Errorf("%s %s: %s: %s", method, url, response.Status, body)
	}
	return err
}

// Version names the CLI and its engine.
func (s *Stack) Version(ctx context.Context) (string, error) {
	text, err := tool{args: []string{"dagger", "version"}}.run(ctx)
	text, _, _ = strings.Cut(strings.TrimSpace(text), " (")
	return text, err
}

func (s *Stack) Up(ctx context.Context) (err error) {
	s.up, err = s.call().start(ctx, "up", "--project-path", s.project, "up")
	return err
}

// Config asks how the project is understood.
func (s *Stack) Config(ctx context.Context) error {
	_, err := s.call().run(ctx, "config", "--project-path", s.project)
	return err
}

// Again is health: of a stack that runs, `up` says no more than that it does, and fails.
func (s *Stack) Again(ctx context.Context) error { return s.Health(ctx) }

func (s *Stack) Down(ctx context.Context) error {
	// No agent answers for what Fill made up.
	for _, lock := range s.locks {
		lock.Close()
	}
	s.locks = nil
	if _, err := s.call().run(ctx, "stop"); err != nil {
		return err
	}
	s.end()
	return nil
}

func (s *Stack) Wipe(ctx context.Context) error {
	s.token = ""
	_, err := s.call().run(ctx, "reset", "--confirm", s.stack)
	return err
}

func (s *Stack) Restart(ctx context.Context, service string) error {
	_, err := s.call().run(ctx, "restart", "--service", service)
	return err
}

func (s *Stack) Health(ctx context.Context) error {
	_, err := s.call().run(ctx, "health")
	return err
}

func (s *Stack) Exec(ctx context.Context) error {
	_, err := s.call().run(ctx, "exec", "--service", "backend", "--command", "true")
	return err
}

func (s *Stack) Run(ctx context.Context) error {
	_, err := s.call().run(ctx, "run", "--service", "backend", "--command", "true", "--project-path", s.project, "stdout")
	return err
}

func (s *Stack) Logs(ctx context.Context) error {
	_, err := s.call().run(ctx, "logs")
	return err
}

// Process is the child of the service's agent.
func (s *Stack) Process(service string) (int, error) {
	all, err := machine.Processes()
	if err != nil {
		return 0, err
	}
	for _, agent := range s.agents(all) {
		if status, err := s.state(agent).Service(service).Status(); err == nil && status.Service == service && serves(agent, service) {
			return childOf(all, agent.PID)
		}
	}
	return 0, fmt.Errorf("no agent runs %s", service)
}

// state is the stack's state volume, as an agent has it.
func (s *Stack) state(agent machine.Process) state.Stack {
	return state.At(fmt.Sprintf("/proc/%d/root%s", agent.PID, layout.State))
}

// serves tells whether the agent is the one of that service: its spec is in its container.
func serves(agent machine.Process, service string) bool {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/root%s", agent.PID, layout.Spec))
	return err == nil && strings.HasPrefix(string(text), `{"name":"`+service+`"`)
}

// agents are those of this stack.
func (s *Stack) agents(all []machine.Process) []machine.Process {
	return slices.DeleteFunc(slices.Clone(all), func(p machine.Process) bool {
		if p.Args[0] != layout.Agent || len(p.Args) < 2 || p.Args[1] != "run" {
			return true
		}
		run, err := s.state(p).Run()
		return err != nil || run.Stack != s.stack
	})
}

// Agents are the supervisors of the services, without the gateway.
func (s *Stack) Agents() ([]machine.Process, error) {
	all, err := machine.Processes()
	return s.agents(all), err
}

// Overhead is the agents, the gateway, and the call that holds the stack up; the engine is shared by all that run on
// it, and counted apart.
func (s *Stack) Overhead() ([]machine.Process, error) {
	all, err := machine.Processes()
	if err != nil {
		return nil, err
	}
	some := s.agents(all)
	for _, p := range all {
		if s.isGateway(p) || p.PID == s.up.cmd.Process.Pid {
			some = append(some, p)
		}
	}
	return some, nil
}

// Engine is the engine itself.
func (s *Stack) Engine() ([]machine.Process, error) {
	all, err := machine.Processes()
	return slices.DeleteFunc(all, func(p machine.Process) bool {
		return p.Name() != "engine" && p.Name() != "dagger-engine"
	}), err
}

// Fill writes a log that long onto the state volume, beside those of the real services. Agents keep 64 MiB: this shows
// that a tail does not depend on it.
func (s *Stack) Fill(_ context.Context, log string, mib int) error {
	agents, err := s.Agents()
	if err != nil {
		return err
	}
	if len(agents) == 0 {
		return errors.New("no agent runs, so there is no volume to write to")
	}
	service := s.state(agents[0]).Service(log)
	lock, err := service.Lock() // a service is one that is held by an agent
	if err != nil {
		return err
	}
	s.locks = append(s.locks, lock)
	w, err := logstore.Open(service.Logs(), logstore.Options{SegmentSize: 256 << 20, SegmentsKept: 8})
	if err != nil {
		return err
	}
	block := strings.Repeat(line+"\n", 600)
	for range mib << 20 / criRecord / 600 {
		if err := w.Copy(logstore.Stdout, strings.NewReader(block)); err != nil {
			return err
		}
	}
	return w.Close()
}

func (s *Stack) Tail(ctx context.Context, log string) error {
	text, err := s.call().run(ctx, "logs", "--service", log, "--tail", "100")
	return wantLines(text, err)
}
