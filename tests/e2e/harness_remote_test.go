package e2e

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// Engines on another host.

// host is a network namespace with an address of its own, at which the engine of the tests is reached by TCP, as an engine on another host is.
type host struct {
	address string
	calls   atomic.Int64  // connections so far
	bytes   atomic.Int64  // carried so far
	delay   time.Duration // of each packet, in one direction: the kernel of the tests has no netem
}

// newHost is gone with the test. number tells hosts of one test apart.
func newHost(t testing.TB, number int, delay time.Duration) *host {
	t.Helper()
	socket, found := strings.CutPrefix(os.Getenv("_EXPERIMENTAL_DAGGER_RUNNER_HOST"), "unix://")
	if !found {
		t.Fatal("the engine is reached by no socket of this machine: run this with hack/engine/with")
	}
	id := fmt.Sprintf("%x%d", os.Getpid()&0xfffff, number)
	namespace, ours, theirs := "stack-"+id, "sh"+id, "st"+id
	network := fmt.Sprintf("10.99.%d.", (os.Getpid()+number)%250)
	ip := func(args ...string) {
		t.Helper()
		if out, err := exec.Command("ip", args...).CombinedOutput(); err != nil {
			t.Fatalf("ip %s: %v\n%s", strings.Join(args, " "), err, out)
		}
	}
	ip("netns", "add", namespace)
	t.Cleanup(func() { ip("netns", "delete", namespace) }) // and with it both ends of the cable
	ip("link", "add", ours, "type", "veth", "peer", "name", theirs, "netns", namespace)
	ip("address", "add", network+"1/30", "dev", ours)
	ip("link", "set", ours, "up")
	ip("-n", namespace, "address", "add", network+"2/30", "dev", theirs)
	ip("-n", namespace, "link", "set", theirs, "up")
	h := &host{delay: delay}
	listener := listenIn(t, namespace, network+"2:0")
	t.Cleanup(func() { listener.Close() })
	h.address = "tcp://" + listener.Addr().String()
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			h.calls.Add(1)
			go h.carry(client, socket)
		}
	}()
	return h
}

// listenIn listens in a network namespace: a socket stays where it was made.
func listenIn(t testing.TB, namespace, address string) (listener net.Listener) {
	t.Helper()
	made := make(chan error)
	go func() {
		runtime.LockOSThread() // and never unlocks: the thread ends with the function
		there, err := os.Open("/run/netns/" + namespace)
		if err == nil {
			err = unix.Setns(int(there.Fd()), unix.CLONE_NEWNET)
			there.Close()
		}
		if err == nil {
			listener, err = net.Listen("tcp", address)
		}
		made <- err
	}()
	if err := <-made; err != nil {
		t.Fatal(err)
	}
	return listener
}

// carry brings one connection to the engine's socket, and back.
func (h *host) carry(client net.Conn, socket string) {
	defer client.Close()
	engine, err := net.Dial("unix", socket)
	if err != nil {
		return
	}
	defer engine.Close()
	done := make(chan bool, 2)
	go func() { h.late(engine, client); done <- true }()
	go func() { h.late(client, engine); done <- true }()
	<-done
	<-done
}

// late copies, each byte after the delay, however many are under way.
func (h *host) late(to, from net.Conn) {
	type chunk struct {
		data []byte
		due  time.Time
	}
	chunks := make(chan chunk, 1<<14)
	go func() {
		defer close(chunks)
		for {
			data := make([]byte, 32<<10)
			n, err := from.Read(data)
			if n > 0 {
				chunks <- chunk{data[:n], time.Now().Add(h.delay)}
			}
			if err != nil {
				return
			}
		}
	}()
	for c := range chunks {
		time.Sleep(time.Until(c.due))
		n, err := to.Write(c.data)
		h.bytes.Add(int64(n))
		if err != nil {
			from.Close()
			io.Copy(io.Discard, from)
			break
		}
	}
	if half, is := to.(interface{ CloseWrite() error }); is {
		if err := half.CloseWrite(); err != nil && !errors.Is(err, net.ErrClosed) {
			to.Close()
		}
	}
}

// far has the stack's calls made on the engine of another host.
func (s *stack) far(h *host) {
	s.environ = append(s.environ, "_EXPERIMENTAL_DAGGER_RUNNER_HOST="+h.address)
}
