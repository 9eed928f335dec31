package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// boot is one project on its way to health.
type boot struct {
	root, dir, name string
	bound           time.Duration
	flags           []string // of the stack
}

// call is a call of the module from the project's folder, as a user makes it.
func (b boot) call(ctx context.Context, args ...string) *exec.Cmd {
	args = slices.Concat([]string{"dagger", "--progress=plain", "-m", b.root, "call", "--name", b.name}, b.flags, args)
	// A new network has a loopback that is down.
	cmd := exec.CommandContext(ctx, "sh", append([]string{"-c", `ip link set lo up && exec "$@"`, "sh"}, args...)...)
	cmd.Dir = b.dir
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) } // as Ctrl-C does: a session that is killed leaves things behind
	cmd.WaitDelay = 30 * time.Second
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Cloneflags: syscall.CLONE_NEWNET}
	return cmd
}

// run starts the project and stops it again. It returns what its ports answered, or why the project is not healthy.
func (b boot) run(log string) (string, error) {
	output, err := os.Create(log)
	if err != nil {
		return "", err
	}
	defer output.Close()
	ctx, cancel := context.WithTimeout(context.Background(), b.bound)
	defer cancel()
	up := b.call(ctx, "up", "--project-path", ".", "up")
	up.Stdout, up.Stderr = output, output
	if err := up.Start(); err != nil {
		return "", err
	}
	ended := make(chan struct{})
	go func() { _ = up.Wait(); close(ended) }()
	answers := ""
	ports, err := published(ctx, log, ended)
	if err == nil {
		answers, err = ask(ctx, up.Process.Pid, ports)
	}
	if err == nil { // a service without a health check may have ended since it was started
		err = b.health(ctx, output)
	}
	b.stop(output)
	cancel()
	<-ended
	if err != nil {
		return "", errors.New(reason(log, err))
	}
	return answers, nil
}

// stop ends the stack, if it runs, keeps what its services said, and drops its data: the next run is a first one again.
func (b boot) stop(output io.Writer) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	for _, args := range [][]string{{"stop"}, {"logs", "--tail", "60"}, {"reset", "--confirm", b.name}} {
		cmd := b.call(ctx, args...)
		cmd.Stdout, cmd.Stderr = output, output
		_ = cmd.Run() // a stack that never started cannot be stopped
	}
}

var (
	tunnel      = regexp.MustCompile(`http_url=http://localhost:(\d+)`)
	withoutSome = regexp.MustCompile(`\| stack "[^"]*" runs without (.*), which failed`)
)

// published waits until the call has published the ports, which it does when all services are healthy.
func published(ctx context.Context, log string, ended <-chan struct{}) (ports []string, err error) {
	for done := false; !done; {
		select {
		case <-ended:
			done = true // and what it printed last still counts
		case <-time.After(300 * time.Millisecond):
		}
		said, err := text(log)
		if err != nil {
			return nil, err
		}
		if !strings.Contains(said, "tunnel started") {
			continue
		}
		if without := withoutSome.FindStringSubmatch(said); without != nil {
			return nil, errors.New("it runs without " + without[1])
		}
		time.Sleep(time.Second) // a line for each port
		said, err = text(log)
		_, said, _ = strings.Cut(said, "dashboard  ")
		_, said, _ = strings.Cut(said, "tunnel started")
		for _, match := range tunnel.FindAllStringSubmatch(said, -1) {
			if !slices.Contains(other, match[1]) {
				ports = append(ports, match[1])
			}
		}
		return ports, err
	}
	if ctx.Err() != nil {
		return nil, errors.New("not healthy in time")
	}
	return nil, errors.New("the call ended")
}

// other are the usual ports of what does not speak HTTP, and that of the dashboard.
var other = []string{"5432", "3306", "6379", "27017", "5672", "1883", "1025", "9002"}

// ask makes an HTTP request to each port from within the call's network, and again until an answer is no error: a service without a
// health check may still be at its start. One port that answers is enough, because some are a debugger's; an error is none.
func ask(ctx context.Context, pid int, ports []string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, 90*time.Second)
	defer cancel()
	answers := make([]string, len(ports))
	var good atomic.Int32
	var group sync.WaitGroup
	for i, port := range ports {
		group.Go(func() {
			for ctx.Err() == nil {
				code := get(ctx, pid, port)
				answers[i] = fmt.Sprintf("%s: %s", port, strings.Replace(code, "000", "no answer", 1))
				if code != "000" && code < "500" {
					good.Add(1)
					time.AfterFunc(15*time.Second, cancel) // what starts beside it
					return
				}
				time.Sleep(time.Second)
			}
		})
	}
	group.Wait()
	said := strings.Join(answers, ", ")
	if good.Load() == 0 && len(ports) > 0 || failed.MatchString(said) {
		return "", errors.New("healthy, and on its ports: " + said)
	}
	return said, nil
}

// failed is an answer of a service that does not work. The gateway itself answers 502 where nobody listens.
var failed = regexp.MustCompile(`: 50[0134]`)

// get is the status of an answer, 000 if there is none.
func get(ctx context.Context, pid int, port string) string {
	cmd := exec.CommandContext(context.WithoutCancel(ctx), "nsenter", fmt.Sprintf("--net=/proc/%d/ns/net", pid),
		"curl", "-s", "-o", "/dev/null", "--max-time", "30", "-w", "%{http_code}", "http://localhost:"+port+"/")
	code, _ := cmd.Output()
	return string(code)
}

// health is what the stack says of itself.
func (b boot) health(ctx context.Context, output io.Writer) error {
	cmd := b.call(ctx, "health")
	said, err := cmd.CombinedOutput()
	_, _ = output.Write(said)
	if err != nil {
		return errors.New("it was healthy, and is not any more")
	}
	return nil
}

var colours = regexp.MustCompile("\x1b\\[[0-9;]*m")

// text is what the call has printed, without colours.
func text(log string) (string, error) {
	said, err := os.ReadFile(log)
	return colours.ReplaceAllString(string(said), ""), err
}

// reason is the error that the call printed, or else what is known.
func reason(log string, known error) string {
	said, err := text(log)
	if err != nil {
		return err.Error()
	}
	_, said, found := strings.Cut(said, "\nError: ")
	if !found {
		return known.Error()
	}
	said, _, _ = strings.Cut(said, "[traceparent:")
	const most = 600
	said = strings.Join(strings.Fields(said), " ")
	return said[:min(len(said), most)]
}
