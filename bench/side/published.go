package side

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"path/filepath"
	"strconv"

	"dagger/stack/bench/machine"
	"dagger/stack/bench/outside"
)

// Published is what publishes the small server of tests/fixtures/quick, redis and postgres: a stack, or Dagger's tunnel without
// anything of ours.
type Published struct {
	held
	name    string
	call    tool
	up      []string
	stop    []string // the call that ends it before it is interrupted; nil: nothing
	targets []outside.Target
}

// PublishedPorts are those of the server, of its echo, of redis and of postgres.
type PublishedPorts struct{ Web, Echo, Redis, Postgres int }

// PublishedFrom are four ports in a row.
func PublishedFrom(first int) PublishedPorts {
	return PublishedPorts{first, first + 1, first + 2, first + 3}
}

// PublishedStack is a stack of them, with the dashboard on the port behind them.
func PublishedStack(root, name string, p PublishedPorts) *Published {
	project := filepath.Join(root, "tests/fixtures/quick")
	publish := fmt.Sprintf("web:8000=%d,web:8001=%d,redis:6379=%d,postgres:5432=%d", p.Web, p.Echo, p.Redis, p.Postgres)
	return &Published{
		name: name,
		call: tool{dir: project, env: daggerEnv, args: []string{
			"dagger", "--progress=plain", "-m", root, "call", "--name", name, "--compose-file", "ports.yaml", "--publish", publish, "--api-port", strconv.Itoa(p.Postgres + 1),
		}},
		up: []string{"up", "--project-path", project, "up"}, stop: []string{"stop"},
		targets: []outside.Target{
			outside.HTTP("web", p.Web, "/"), outside.Redis("redis", p.Redis, redisPassword), outside.Postgres("postgres", p.Postgres, dbPassword),
		},
	}
}

// PublishedAlone is one of them as Dagger alone publishes it, by a function of tests/fixtures/direct.
func PublishedAlone(root, service string, p PublishedPorts) (*Published, error) {
	a := &Published{
		name: "the tunnel alone",
		call: tool{env: daggerEnv, args: []string{"dagger", "--progress=plain", "-m", filepath.Join(root, "tests/fixtures/direct"), "call"}},
	}
	var ports string
	switch service {
	case "web":
		a.up, ports = []string{"up", "--source", filepath.Join(root, "tests/fixtures/quick/backend")}, fmt.Sprintf("%d:8000,%d:8001", p.Web, p.Echo)
		a.targets = []outside.Target{outside.HTTP("web", p.Web, "/")}
	case "redis":
		a.up, ports = []string{"redis", "--password", redisPassword}, fmt.Sprintf("%d:6379", p.Redis)
		a.targets = []outside.Target{outside.Redis("redis", p.Redis, redisPassword)}
	case "postgres":
		a.up, ports = []string{"postgres", "--password", dbPassword}, fmt.Sprintf("%d:5432", p.Postgres)
		a.targets = []outside.Target{outside.Postgres("postgres", p.Postgres, dbPassword)}
	default:
		return nil, fmt.Errorf("no service %q alone", service)
	}
	a.up = append(a.up, "up", "--ports", ports)
	return a, nil
}

func (p *Published) Name() string              { return p.name }
func (p *Published) Targets() []outside.Target { return p.targets }

func (p *Published) Up(ctx context.Context) (err error) {
	p.held.up, err = p.call.start(ctx, p.up...)
	return err
}

// Down ends it.
func (p *Published) Down(ctx context.Context) (err error) {
	if p.stop != nil {
		_, err = p.call.run(ctx, p.stop...)
	}
	p.end()
	return err
}

// Health asks a stack for it.
func (p *Published) Health(ctx context.Context) (string, error) {
	return p.call.run(ctx, "health")
}

// CLI is the process that publishes.
func (p *Published) CLI() int { return p.held.up.cmd.Process.Pid }

// Address is where a service of a stack listens, in its container.
func (p *Published) Address(service string) (netip.Addr, error) {
	all, err := machine.Processes()
	if err != nil {
		return netip.Addr{}, err
	}
	stack := &Stack{stack: p.name}
	for _, agent := range stack.agents(all) {
		return stack.state(agent).Lookup(service)
	}
	return netip.Addr{}, errors.New("no agent runs")
}

// Passwords are those of redis and of postgres.
func Passwords() (redis, postgres string) { return redisPassword, dbPassword }
