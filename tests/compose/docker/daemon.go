// Package docker runs a dockerd of today for the length of a comparison: built by bench/docker/build.sh, and in namespaces of its own,
// so that its bridges, its firewall rules and its mounts are gone with the daemon.
package docker

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// Daemon is a dockerd with its folder: socket, log, and the data that stays for the next time.
type Daemon struct {
	*API
	dir  string
	bin  string // the folder of the programs
	cmd  *exec.Cmd
	hold io.Closer // its standard input
	done chan error
}

// begin is how the daemon starts inside of its namespaces, below an init, because what its containers leave becomes the init's. It ends when
// nobody holds the other end of its standard input any more: however its user has ended.
const begin = `ip link set lo up && { tini -s -- dockerd "$@" & cat; kill "$!"; wait "$!"; }`

// Start starts a daemon on a folder and waits until it answers. Programs is the folder that bench/docker/build.sh prints.
func Start(ctx context.Context, dir, programs string) (*Daemon, error) {
	d := &Daemon{API: newAPI(filepath.Join(dir, "docker.sock")), dir: dir, bin: programs, done: make(chan error, 1)}
	if err := d.prepare(); err != nil {
		return nil, err
	}
	log, err := os.Create(filepath.Join(dir, "dockerd.log"))
	if err != nil {
		return nil, err
	}
	defer log.Close()
	d.cmd = exec.Command("unshare", "--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc", "sh", "-c", begin, "sh",
		"--host", d.Host(), "--data-root", filepath.Join(dir, "data"), "--exec-root", filepath.Join(dir, "exec"),
		"--pidfile", filepath.Join(dir, "docker.pid"), "--bip", "10.213.0.1/24", "--ip6tables=false",
		"--default-address-pool", "base=10.214.0.0/16,size=24", "--log-level", "warn")
	d.cmd.Env = append(os.Environ(), "PATH="+d.path())
	d.cmd.Stdout, d.cmd.Stderr = log, log
	d.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // Ctrl-C is for its user, who ends it
	if d.hold, err = d.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	if err := d.cmd.Start(); err != nil {
		return nil, err
	}
	go func() { d.done <- d.cmd.Wait() }()
	for end := time.Now().Add(time.Minute); ; time.Sleep(100 * time.Millisecond) {
		if _, err := d.Version(ctx); err == nil {
			if err := d.clear(ctx); err != nil {
				return nil, errors.Join(err, d.Stop())
			}
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

// prepare has the folders and the two programs that are looked for by another name than their own.
func (d *Daemon) prepare() error {
	plugins := filepath.Join(d.config(), "cli-plugins")
	for _, dir := range []string{d.dir, filepath.Join(d.dir, "bin"), plugins} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return err
		}
	}
	os.Remove(filepath.Join(d.dir, "docker.pid")) // of a daemon that was killed, in a namespace that is gone
	for link, program := range map[string]string{
		filepath.Join(d.dir, "bin", "docker-init"): "/usr/bin/tini-static", // a container has it as its own, without any library
		filepath.Join(plugins, "docker-buildx"):    filepath.Join(d.bin, "docker-buildx"),
	} {
		os.Remove(link)
		if err := os.Symlink(program, link); err != nil {
			return err
		}
	}
	return nil
}

// Dir is the daemon's folder.
func (d *Daemon) Dir() string { return d.dir }

func (d *Daemon) path() string {
	return strings.Join([]string{filepath.Join(d.dir, "bin"), d.bin, os.Getenv("PATH"), "/usr/sbin", "/sbin"}, ":")
}

func (d *Daemon) config() string { return filepath.Join(d.dir, "config") }

// Compose is a docker compose command in a folder. Nothing of the caller's environment reaches it but what is given.
func (d *Daemon) Compose(ctx context.Context, dir string, environ []string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, filepath.Join(d.bin, "docker-compose"), append([]string{"--progress", "quiet", "--ansi", "never"}, args...)...)
	cmd.Dir = dir
	cmd.Env = append([]string{"PATH=" + d.path(), "HOME=" + d.dir, "DOCKER_HOST=" + d.Host(), "DOCKER_CONFIG=" + d.config()}, environ...)
	return cmd
}

// Pull brings an image from the local mirror here, by way of a file: the daemon's own network does not reach the mirror, and skopeo speaks a
// version of the API that today's Docker refuses.
func (d *Daemon) Pull(ctx context.Context, mirror, image string) error {
	archive := filepath.Join(d.dir, "image.tar")
	defer os.Remove(archive)
	out, err := exec.CommandContext(ctx, "skopeo", "copy", "--quiet", "--src-tls-verify=false",
		"docker://"+mirror+"/library/"+image, "docker-archive:"+archive+":"+image).CombinedOutput()
	if err != nil {
		return fmt.Errorf("skopeo copy %s: %w: %s", image, err, out)
	}
	file, err := os.Open(archive)
	if err != nil {
		return err
	}
	defer file.Close()
	return d.load(ctx, file)
}

// Dial connects with an address as it is seen from where the daemon publishes ports.
func (d *Daemon) Dial(network, address string) (net.Conn, error) {
	child, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", d.cmd.Process.Pid, d.cmd.Process.Pid))
	if err != nil {
		return nil, err
	}
	return dialIn("/proc/"+strings.TrimSpace(string(child))+"/ns/net", network, address)
}

// Stop ends the daemon, its containers and its network.
func (d *Daemon) Stop() error {
	if err := d.hold.Close(); err != nil {
		return err
	}
	select {
	case err := <-d.done:
		return err
	case <-time.After(time.Minute):
		return errors.Join(errors.New("dockerd does not end on SIGTERM"), d.cmd.Process.Kill())
	}
}
