package side

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"runtime"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"dagger/stack/bench/machine"
	"dagger/stack/internal/layout"
	"dagger/stack/internal/socket"
)

// Pipe asks compose.
func (c *Compose) Pipe(ctx context.Context, command string, stdin io.Reader, stdout io.Writer) error {
	cmd := c.compose().command(ctx, append([]string{"exec", "-T", "backend"}, strings.Fields(command)...)...)
	var stderr strings.Builder
	cmd.Stdin, cmd.Stdout, cmd.Stderr = stdin, stdout, &stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s: %w\n%s", strings.Join(cmd.Args, " "), err, lastOf(stderr.String()))
	}
	return nil
}

// Pipe asks over the API that the stack publishes.
func (s *Stack) Pipe(ctx context.Context, command string, stdin io.Reader, stdout io.Writer) error {
	return s.pipe(ctx, command, stdin, stdout, fmt.Sprintf("127.0.0.1:%d", s.ports.API), &net.Dialer{})
}

// PipeInside asks from where the API's server is: without Dagger's tunnel.
func (s *Stack) PipeInside(ctx context.Context, command string, stdin io.Reader, stdout io.Writer) error {
	server, err := s.gateway()
	if err != nil {
		return err
	}
	address, err := server.listens(s.ports.API)
	if err != nil {
		return err
	}
	return s.pipe(ctx, command, stdin, stdout, address, server)
}

// dialer is a way to connections.
type dialer interface {
	DialContext(ctx context.Context, network, address string) (net.Conn, error)
}

func (s *Stack) pipe(ctx context.Context, command string, stdin io.Reader, stdout io.Writer, address string, from dialer) error {
	if err := s.ReadToken(ctx); err != nil {
		return err
	}
	path := fmt.Sprintf("http://%s/api/v1/projects/%s/services/backend/exec?%s", address, s.stack, url.Values{"command": {command}}.Encode())
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, path, stdin)
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+s.token)
	request.Header.Set("Accept", "application/vnd.docker.multiplexed-stream")
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true, DialContext: from.DialContext}}
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", path, response.Status)
	}
	for {
		kind, text, err := socket.ReadFrame(response.Body)
		if errors.Is(err, io.EOF) {
			break
		}
		if err == nil && kind == socket.FrameStdout {
			_, err = stdout.Write(text)
		} else if err == nil {
			err = fmt.Errorf("%s says %q", command, text)
		}
		if err != nil {
			return err
		}
	}
	if code := response.Trailer.Get("Stack-Exit-Code"); code != "0" {
		return fmt.Errorf("%s ended with exit code %q", command, code)
	}
	return nil
}

// gateway is the process that serves the API.
func (s *Stack) gateway() (inNetworkOf, error) {
	all, err := machine.Processes()
	if err != nil {
		return 0, err
	}
	for _, p := range all {
		if s.isGateway(p) {
			return inNetworkOf(p.PID), nil
		}
	}
	return 0, errors.New("no gateway runs")
}

func (s *Stack) isGateway(p machine.Process) bool {
	return p.Args[0] == layout.Agent && len(p.Args) > 2 && p.Args[1] == "gateway" && strings.Contains(p.Args[2], s.targets[0].Addr[len("127.0.0.1:"):])
}

// inNetworkOf is a process, in whose network connections begin.
type inNetworkOf int

// DialContext connects. A connection stays in the network in which its socket was made, whichever thread uses it.
func (pid inNetworkOf) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	own, err := os.Open("/proc/thread-self/ns/net")
	if err != nil {
		return nil, err
	}
	defer own.Close()
	theirs, err := os.Open(fmt.Sprintf("/proc/%d/ns/net", pid))
	if err != nil {
		return nil, err
	}
	defer theirs.Close()
	runtime.LockOSThread()
	if err := unix.Setns(int(theirs.Fd()), unix.CLONE_NEWNET); err != nil {
		runtime.UnlockOSThread()
		return nil, err
	}
	conn, err := new(net.Dialer).DialContext(ctx, network, address)
	if back := unix.Setns(int(own.Fd()), unix.CLONE_NEWNET); back != nil {
		return nil, errors.Join(err, back) // and the thread ends with its goroutine
	}
	runtime.UnlockOSThread()
	return conn, err
}

// listens is the address at which somebody in the process's network listens on a port (proc_net_tcp in the kernel's documentation).
func (pid inNetworkOf) listens(port int) (string, error) {
	const listening = "0A"
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/net/tcp", pid))
	if err != nil {
		return "", err
	}
	for line := range strings.Lines(string(text)) {
		fields := strings.Fields(line)
		if len(fields) < 4 || fields[3] != listening || !strings.HasSuffix(fields[1], fmt.Sprintf(":%04X", port)) {
			continue
		}
		number, err := strconv.ParseUint(fields[1][:8], 16, 32)
		if err != nil {
			return "", err
		}
		address := binary.NativeEndian.AppendUint32(nil, uint32(number))
		return net.JoinHostPort(net.IP(address).String(), strconv.Itoa(port)), nil
	}
	return "", fmt.Errorf("nobody listens on port %d in the network of process %d", port, pid)
}
