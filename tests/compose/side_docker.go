package compose

import (
	"bytes"
	"context"
	"errors"
	"io"
	"maps"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"dagger/stack/tests/compose/docker"
)

// Docker is the side of docker compose. It can run several cases at once.
type Docker struct {
	Daemon *docker.Daemon
	read   sync.Map // container id: how many lines of its log were observed
}

// settleTimeout bounds the wait for a service that neither ends nor says that it is ready.
const settleTimeout = 25 * time.Second

// commandTimeout bounds a single command, such as an up that waits for a service that never gets healthy.
const commandTimeout = 3 * time.Minute

// containers are those that compose made for a project: it marks them with the project's folder, which is the case's or one below.
func (d *Docker) containers(ctx context.Context, c Case) ([]docker.Container, error) {
	return d.Daemon.Containers(ctx, func(labels map[string]string) bool {
		return strings.HasPrefix(labels["com.docker.compose.project.working_dir"]+"/", c.Dir+"/")
	})
}

// flags are those that a case has for compose.
func (c Case) flags() []string {
	var flags []string
	for _, file := range c.Files {
		flags = append(flags, "--file", file)
	}
	for _, file := range c.EnvFiles {
		flags = append(flags, "--env-file", file)
	}
	for _, profile := range c.Profiles {
		flags = append(flags, "--profile", profile)
	}
	return flags
}

// Config is what `docker compose config` prints; nothing, if compose refuses the files.
func (d *Docker) Config(ctx context.Context, c Case) (string, error) {
	var text bytes.Buffer
	outcome, err := d.printing(ctx, &text, c, "config", "--format", "json")
	if err != nil || outcome.Failed {
		return "", err
	}
	return d.local(c, text.String()), nil
}

// run runs compose on a case to its end.
func (d *Docker) run(ctx context.Context, c Case, args ...string) (Outcome, error) {
	return d.printing(ctx, io.Discard, c, args...)
}

func (d *Docker) printing(ctx context.Context, stdout io.Writer, c Case, args ...string) (Outcome, error) {
	ctx, cancel := context.WithTimeout(ctx, commandTimeout)
	defer cancel()
	cmd := d.Daemon.Compose(ctx, filepath.Join(c.Dir, c.Folder), c.Env, append(c.flags(), args...)...)
	var output bytes.Buffer
	cmd.Stdout, cmd.Stderr = stdout, &output
	err := cmd.Run()
	if err == nil {
		return Outcome{Warns: d.warnings(c, output.String())}, nil
	}
	if exit := new(exec.ExitError); !errors.As(err, &exit) || ctx.Err() != nil {
		return Outcome{}, errors.Join(err, ctx.Err())
	}
	return Outcome{Failed: true, Says: d.words(c, output.String()), Warns: d.warnings(c, output.String())}, nil
}

var warning = regexp.MustCompile(`(?m)^time="[^"]*" level=warning msg="(.*)"$`)

// warnings are those that compose logged, each once.
func (d *Docker) warnings(c Case, output string) []string {
	var all []string
	for _, match := range warning.FindAllStringSubmatch(output, -1) {
		text := normalised(d.local(c, strings.NewReplacer(`\"`, `"`, `\\`, `\`).Replace(match[1])))
		if !slices.Contains(all, text) {
			all = append(all, text)
		}
	}
	return all
}

// words are the error that compose printed: all but what it logged.
func (d *Docker) words(c Case, output string) string {
	lines := slices.DeleteFunc(strings.Split(output, "\n"), func(line string) bool { return strings.HasPrefix(line, `time="`) })
	return normalised(d.local(c, strings.TrimSpace(strings.Join(lines, "\n"))))
}

// local is a text without this machine's folders: those of a case begin with its name.
func (d *Docker) local(c Case, text string) string {
	return strings.NewReplacer(filepath.Dir(c.Dir)+"/", "", d.Daemon.Dir(), "DOCKER").Replace(text)
}

// Up implements Side.
func (d *Docker) Up(ctx context.Context, c Case) (Outcome, error) {
	if err := d.external(ctx, c); err != nil {
		return Outcome{}, err
	}
	outcome, err := d.run(ctx, c, "up", "--detach", "--timeout", "2")
	if err != nil {
		return outcome, err
	}
	if err := d.settle(ctx, c); err != nil {
		return outcome, err
	}
	linger, err := time.ParseDuration(c.Linger)
	if c.Linger == "" {
		return outcome, nil
	}
	time.Sleep(linger)
	return outcome, err
}

// external makes what the case wants to be there; what is there stays as it is.
func (d *Docker) external(ctx context.Context, c Case) error {
	for _, name := range c.External.Volumes {
		if err := d.Daemon.CreateVolume(ctx, name); err != nil {
			return err
		}
	}
	for _, name := range c.External.Networks {
		if d.Daemon.HasNetwork(ctx, name) {
			continue
		}
		if err := d.Daemon.CreateNetwork(ctx, name); err != nil {
			return err
		}
	}
	return nil
}

// settle waits until every container has ended for good or is as far as it gets, twice in a row.
func (d *Docker) settle(ctx context.Context, c Case) error {
	calm := 0
	for end := time.Now().Add(settleTimeout); calm < 2 && time.Now().Before(end); time.Sleep(300 * time.Millisecond) {
		containers, err := d.containers(ctx, c)
		if err != nil {
			return err
		}
		calm++
		for _, container := range containers {
			done, err := d.settled(ctx, c, container)
			if err != nil {
				return err
			}
			if !done {
				calm = 0
				break
			}
		}
	}
	return nil
}

// settled tells whether a container has ended, or is healthy or unhealthy, or has said "ready".
func (d *Docker) settled(ctx context.Context, of Case, c docker.Container) (bool, error) {
	switch {
	case c.State.Status == "exited" || c.State.Status == "created" || c.State.Status == "dead":
		return true, nil
	case c.State.Status != "running" || c.State.Health != nil && c.State.Health.Status == "starting":
		return false, nil
	case slices.Contains(of.Quiet, service(c)):
		return true, nil
	}
	log, err := d.Daemon.Log(ctx, c)
	return slices.ContainsFunc(log, func(l docker.Line) bool { return strings.TrimSpace(l.Text) == "ready" }), err
}

// Stop implements Side.
func (d *Docker) Stop(ctx context.Context, c Case) (Outcome, error) { return d.run(ctx, c, "stop") }

// Observe implements Side.
func (d *Docker) Observe(ctx context.Context, c Case) (Observation, error) {
	containers, err := d.containers(ctx, c)
	if err != nil {
		return Observation{}, err
	}
	o := Observation{Services: map[string][]Instance{}}
	for _, container := range containers {
		log, err := d.Daemon.Log(ctx, container)
		if err != nil {
			return o, err
		}
		i := Instance{State: container.State.Status, Exit: container.State.ExitCode, Restarts: container.RestartCount, Log: []string{}, Settings: settings(container)}
		if i.State == "running" {
			i.Exit = 0
		}
		if container.State.Health != nil && i.State == "running" {
			i.Health = container.State.Health.Status
		}
		before, _ := d.read.Swap(container.ID, len(log))
		if n, ok := before.(int); ok {
			log = log[min(n, len(log)):]
		}
		name := service(container)
		if !slices.Contains(c.Quiet, name) {
			for _, line := range log {
				i.Log = append(i.Log, said(line.Stderr, line.Text))
			}
		}
		o.Services[name] = sorted(append(o.Services[name], i))
	}
	for _, address := range c.Dial {
		if o.Dialed == nil {
			o.Dialed = map[string]string{}
		}
		o.Dialed[address] = ask(d.Daemon.Dial, address)
	}
	return o, nil
}

// service is the name of the service that a container belongs to.
func service(c docker.Container) string { return c.Config.Labels["com.docker.compose.service"] }

// said is a line of a log as it is compared.
func said(stderr bool, text string) string {
	text = normalised(strings.TrimSuffix(text, "\r"))
	if stderr {
		return "stderr: " + text
	}
	return text
}

// settings are what a service cannot see, and what differs from Docker's default.
func settings(c docker.Container) map[string]any {
	all := map[string]any{}
	labels := maps.Clone(c.Config.Labels)
	maps.DeleteFunc(labels, func(name, _ string) bool { return strings.HasPrefix(name, "com.docker.compose.") })
	if len(labels) > 0 {
		all["labels"] = labels
	}
	if c.Config.StopSignal != "" {
		all["stopSignal"] = c.Config.StopSignal
	}
	if c.Config.StopTimeout != nil {
		all["stopTimeout"] = *c.Config.StopTimeout
	}
	if log := c.HostConfig.LogConfig; len(log.Config) > 0 || log.Type != "json-file" {
		all["logging"] = log
	}
	if policy := c.HostConfig.RestartPolicy; policy.Name != "" && policy.Name != "no" {
		all["restart"] = policy
	}
	if len(c.HostConfig.PortBindings) > 0 {
		all["ports"] = c.HostConfig.PortBindings
	}
	all["container"] = strings.TrimPrefix(c.Name, "/")
	return all
}

// Down implements Side.
func (d *Docker) Down(ctx context.Context, c Case, wipe bool) error {
	args := []string{"--profile", "*", "down", "--timeout", "1", "--remove-orphans"}
	if wipe {
		args = append(args, "--volumes", "--rmi", "local")
	}
	outcome, err := d.run(ctx, c, args...)
	if err != nil || !wipe {
		return err
	}
	if outcome.Failed { // a file that compose refuses has nothing to end
		return nil
	}
	// An image with a name of its own would not be built anew by the next run. By convention its name has the case's in it.
	err = d.Daemon.RemoveImages(ctx, func(name string) bool { return strings.HasPrefix(name, "stack-truth-"+c.Name+":") })
	for _, name := range c.External.Volumes {
		err = errors.Join(err, d.Daemon.RemoveVolume(ctx, name))
	}
	for _, name := range c.External.Networks {
		err = errors.Join(err, d.Daemon.RemoveNetwork(ctx, name))
	}
	return err
}
