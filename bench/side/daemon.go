package side

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"dagger/stack/bench/machine"
)

const (
	docker  = "/usr/bin/docker" // Debian's client: it prepares, and measures nothing but the last lines of a container's log
	project = "stack-bench"     // compose's name for the stack
	// pool is where the daemon's networks get their addresses: apart from the engine's and from Docker's own choice.
	pool = "10.213."
)

// Daemon is a dockerd of the bench's own: socket, data and network are no other daemon's.
type Daemon struct {
	dir      string
	programs string // the folder that bench/docker/build.sh prints
	cmd      *exec.Cmd
	done     chan error
}

// StartDaemon starts it and waits until it answers. mirror is where its images come from.
func StartDaemon(ctx context.Context, dir, programs, mirror string) (*Daemon, error) {
	d := &Daemon{dir: dir, programs: programs, done: make(chan error, 1)}
	bin := filepath.Join(dir, "bin")
	if err := os.MkdirAll(bin, 0o700); err != nil {
		return nil, err
	}
	// dockerd looks for its init by another name than Debian's.
	if err := os.Symlink("/usr/bin/tini-static", filepath.Join(bin, "docker-init")); err != nil && !errors.Is(err, os.ErrExist) {
		return nil, err
	}
	plugins := filepath.Join(dir, "cli-plugins") // compose builds with buildx, which it looks for below DOCKER_CONFIG
	if err := os.MkdirAll(plugins, 0o700); err != nil {
		return nil, err
	}
	buildx := filepath.Join(plugins, "docker-buildx")
	os.Remove(buildx) // of another version
	if err := os.Symlink(filepath.Join(programs, "docker-buildx"), buildx); err != nil {
		return nil, err
	}
	log, err := os.Create(filepath.Join(dir, "dockerd.log"))
	if err != nil {
		return nil, err
	}
	defer log.Close()
	d.cmd = exec.Command(filepath.Join(programs, "dockerd"), "--host", d.host(), "--data-root", filepath.Join(dir, "data"), "--exec-root", filepath.Join(dir, "exec"),
		"--pidfile", filepath.Join(dir, "docker.pid"), "--registry-mirror", "http://"+mirror, "--bridge", "none",
		// Forwarding is on, for the engine; a daemon that turns it on also drops what is forwarded for others.
		"--ip-forward=false", "--ip6tables=false", "--default-address-pool", "base="+pool+"0.0/16,size=24", "--log-level", "warn")
	d.cmd.Env = append(os.Environ(), "PATH="+strings.Join([]string{bin, programs, os.Getenv("PATH"), "/usr/sbin", "/sbin"}, ":"))
	d.cmd.Stdout, d.cmd.Stderr = log, log
	d.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := d.cmd.Start(); err != nil {
		return nil, err
	}
	go func() { d.done <- d.cmd.Wait() }()
	for end := time.Now().Add(time.Minute); ; time.Sleep(100 * time.Millisecond) {
		if _, err := d.docker().run(ctx, "version"); err == nil {
			return d, nil
		}
		select {
		case err := <-d.done:
			return nil, fmt.Errorf("dockerd ended: %w (see %s)", err, log.Name())
		default:
		}
		if time.Now().After(end) {
			return nil, errors.Join(fmt.Errorf("dockerd does not answer (see %s)", log.Name()), d.Stop())
		}
	}
}

// Host is where it is asked, as DOCKER_HOST says it.
func (d *Daemon) Host() string { return d.host() }

func (d *Daemon) host() string { return "unix://" + filepath.Join(d.dir, "docker.sock") }

func (d *Daemon) env() []string { return []string{"DOCKER_HOST=" + d.host(), "DOCKER_CONFIG=" + d.dir} }

func (d *Daemon) docker() tool { return tool{args: []string{docker}, env: d.env()} }

func (d *Daemon) compose(file string) tool {
	return tool{args: []string{filepath.Join(d.programs, "docker-compose"), "--file", file, "--project-name", project, "--progress", "quiet"}, env: d.env()}
}

// Version names the daemon and compose.
func (d *Daemon) Version(ctx context.Context) (string, error) {
	server, err := d.docker().run(ctx, "version", "--format", "{{.Server.Version}}")
	if err != nil {
		return "", err
	}
	info, err := d.docker().run(ctx, "info", "--format", "{{.Driver}}, {{.LoggingDriver}}")
	return fmt.Sprintf("Docker %s (%s)", strings.TrimSpace(server), strings.TrimSpace(info)), err
}

// Pull brings an image here.
func (d *Daemon) Pull(ctx context.Context, image string) error {
	_, err := d.docker().run(ctx, "pull", "--quiet", image)
	return err
}

// Build makes an image, by the builder that needs no plugin.
func (d *Daemon) Build(ctx context.Context, image, dockerfile, dir string) error {
	t := d.docker()
	t.env = append(t.env, "DOCKER_BUILDKIT=0")
	_, err := t.run(ctx, "build", "--network", "host", "--tag", image, "--file", dockerfile, dir)
	return err
}

// Clear removes every container.
func (d *Daemon) Clear(ctx context.Context) error {
	text, err := d.docker().run(ctx, "ps", "--all", "--quiet")
	if err != nil || strings.TrimSpace(text) == "" {
		return err
	}
	_, err = d.docker().run(ctx, append([]string{"rm", "--force", "--volumes"}, strings.Fields(text)...)...)
	return err
}

// processes are the daemon, containerd, the shims and the proxies; the containers' own are their shims' children.
func (d *Daemon) processes() ([]machine.Process, error) {
	all, err := machine.Processes()
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(all, func(p machine.Process) bool {
		return !slices.Contains([]string{"dockerd", "containerd", "containerd-shim-runc-v2", "docker-proxy"}, p.Name())
	}), nil
}

// Stop ends it and what it changed outside its folder.
func (d *Daemon) Stop() error {
	d.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-d.done: //nolint:errcheck // it was told to end: how it ended says nothing
	case <-time.After(time.Minute):
		return errors.New("dockerd does not end on SIGTERM")
	}
	return sweep()
}

// sweep removes the firewall rules that dockerd leaves behind.
func sweep() error {
	saved, err := exec.Command("iptables-save").Output()
	if err != nil {
		return fmt.Errorf("iptables-save: %w", err)
	}
	restore := exec.Command("iptables-restore", "--noflush", "--wait", "10")
	restore.Stdin = strings.NewReader(undo(string(saved)))
	if out, err := restore.CombinedOutput(); err != nil {
		return fmt.Errorf("iptables-restore: %w: %s", err, out)
	}
	return nil
}

// undo takes what iptables-save says and returns what removes Docker's part of it: rules that name its chains or its
// addresses, then the chains.
func undo(saved string) string {
	var text strings.Builder
	var chains []string
	for line := range strings.Lines(saved) {
		switch {
		case strings.HasPrefix(line, "*"):
			text.WriteString(line)
		case strings.HasPrefix(line, ":DOCKER"):
			chains = append(chains, strings.Fields(line)[0][1:])
		case strings.HasPrefix(line, "-A") && (strings.Contains(line, "DOCKER") || strings.Contains(line, " "+pool)):
			text.WriteString("-D" + strings.TrimPrefix(line, "-A"))
		case strings.HasPrefix(line, "COMMIT"):
			for _, chain := range chains {
				text.WriteString("-F " + chain + "\n")
			}
			for _, chain := range chains {
				text.WriteString("-X " + chain + "\n")
			}
			text.WriteString(line)
			chains = nil
		}
	}
	return text.String()
}
