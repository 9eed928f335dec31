package side

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"dagger/stack/bench/machine"
	"dagger/stack/bench/outside"
)

// Compose is docker compose on a daemon of the bench's own.
type Compose struct {
	Daemon  *Daemon
	ports   Ports
	targets []outside.Target
	file    string
	build   bool // up builds what has changed
	up      *started
}

// NewCompose uses the compose file at that path.
func NewCompose(daemon *Daemon, file string) *Compose {
	ports := portsFrom(17430)
	return &Compose{Daemon: daemon, ports: ports, targets: ports.targets(), file: file}
}

func (c *Compose) Name() string              { return "docker compose" }
func (c *Compose) Targets() []outside.Target { return c.targets }

func (c *Compose) compose() tool {
	t := c.Daemon.compose(c.file)
	t.env = append(t.env,
		"DB_PASSWORD="+dbPassword, "REDIS_PASSWORD="+redisPassword,
		"POSTGRES_PORT="+strconv.Itoa(c.ports.Postgres), "REDIS_PORT="+strconv.Itoa(c.ports.Redis),
		"BACKEND_PORT="+strconv.Itoa(c.ports.Backend), "FRONTEND_PORT="+strconv.Itoa(c.ports.Frontend))
	return t
}

func (c *Compose) Up(ctx context.Context) (err error) {
	args := []string{"up", "--detach", "--wait"}
	if c.build {
		args = append(args, "--build")
	}
	c.up, err = c.compose().start(ctx, args...)
	return err
}

func (c *Compose) Said() string { return c.up.said() }

func (c *Compose) Failed() error { return c.up.wait() }

// Abandon removes what a run that failed has left.
func (c *Compose) Abandon(ctx context.Context) { _ = c.Wipe(ctx) }

// Config asks how the file is understood.
func (c *Compose) Config(ctx context.Context) error {
	_, err := c.compose().run(ctx, "config")
	return err
}

// Version is compose's own.
func (c *Compose) Version(ctx context.Context) (string, error) {
	text, err := c.compose().run(ctx, "version", "--short")
	return strings.TrimSpace(text), err
}

func (c *Compose) Settle(context.Context) error { return c.up.wait() }

func (c *Compose) Again(ctx context.Context) error {
	_, err := c.compose().run(ctx, "up", "--detach", "--wait")
	return err
}

func (c *Compose) Down(ctx context.Context) error { return c.down(ctx) }

func (c *Compose) Wipe(ctx context.Context) error { return c.down(ctx, "--volumes") }

// down tries again: with 40 containers Docker sometimes finds a network in use whose last container has just gone.
func (c *Compose) down(ctx context.Context, options ...string) (err error) {
	for range 3 {
		if _, err = c.compose().run(ctx, append([]string{"down"}, options...)...); err == nil || ctx.Err() != nil {
			return err
		}
	}
	return err
}

func (c *Compose) Restart(ctx context.Context, service string) error {
	// Otherwise compose restarts what depends on it as well, which ours does when it is asked to.
	_, err := c.compose().run(ctx, "restart", "--no-deps", service)
	return err
}

func (c *Compose) Health(ctx context.Context) error {
	_, err := c.compose().run(ctx, "ps", "--format", "json")
	return err
}

func (c *Compose) Exec(ctx context.Context) error {
	_, err := c.compose().run(ctx, "exec", "-T", "backend", "true")
	return err
}

func (c *Compose) Run(ctx context.Context) error {
	_, err := c.compose().run(ctx, "run", "--rm", "-T", "backend", "true")
	return err
}

func (c *Compose) Logs(ctx context.Context) error {
	_, err := c.compose().run(ctx, "logs", "--tail", "100")
	return err
}

// Process is the container's first, or the child of the init that compose was told to put before it.
func (c *Compose) Process(service string) (int, error) {
	ctx := context.Background()
	id, err := c.compose().run(ctx, "ps", "--quiet", service)
	if err != nil {
		return 0, err
	}
	text, err := c.Daemon.docker().run(ctx, "inspect", "--format", "{{.State.Pid}}", strings.TrimSpace(id))
	if err != nil {
		return 0, err
	}
	pid, err := strconv.Atoi(strings.TrimSpace(text))
	if err != nil {
		return 0, err
	}
	all, err := machine.Processes()
	if err != nil {
		return 0, err
	}
	for _, p := range all {
		if p.PID == pid && p.Name() == "docker-init" {
			return childOf(all, pid)
		}
	}
	return pid, nil
}

func childOf(all []machine.Process, parent int) (int, error) {
	for _, p := range all {
		if p.Parent == parent {
			return p.PID, nil
		}
	}
	return 0, fmt.Errorf("process %d has no child", parent)
}

// Fill makes a container whose log is that long.
func (c *Compose) Fill(ctx context.Context, log string, mib int) error {
	lines := mib << 20 / jsonRecord
	_, err := c.Daemon.docker().run(ctx, "run", "--name", log, "--network", "none", "alpine:3", "sh", "-c",
		fmt.Sprintf("yes '%s' | head -n %d", line, lines))
	return err
}

func (c *Compose) Tail(ctx context.Context, log string) error {
	text, err := c.Daemon.docker().run(ctx, "logs", "--tail", "100", log)
	return wantLines(text, err)
}

// Overhead is the daemon and all that it starts beside the services.
func (c *Compose) Overhead() ([]machine.Process, error) { return c.Daemon.processes() }
