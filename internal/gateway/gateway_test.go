package gateway

import (
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"
)

// service accepts connections on a port of its own and treats each as the test says.
func service(t *testing.T, treat func(*net.TCPConn)) Route {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go treat(c.(*net.TCPConn))
		}
	}()
	return Route{Service: "web", Port: l.Addr().(*net.TCPAddr).AddrPort().Port()}
}

// here is where every service of these tests is.
func here(string) (netip.Addr, error) { return netip.MustParseAddr("127.0.0.1"), nil }

// tunnel is a connection to the route's published port, as the engine makes it: it writes what it has, and closes
// nothing before the end of the test.
func tunnel(t *testing.T, route Route) *net.TCPConn {
	t.Helper()
	return tunnelTo(t, route, here)
}

func tunnelTo(t *testing.T, route Route, lookup Lookup) *net.TCPConn {
	t.Helper()
	l, err := Listen(0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go route.serve(l, lookup)
	c, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", l.Addr().(*net.TCPAddr).Port))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	c.SetDeadline(time.Now().Add(time.Minute))
	return c.(*net.TCPConn)
}

// keepsTaking writes more than all buffers hold, after the other side has ended.
func keepsTaking(t *testing.T, c *net.TCPConn) {
	t.Helper()
	if rest, err := io.ReadAll(c); err != nil || len(rest) > 0 {
		t.Fatalf("until its end: %q, %v", rest, err)
	}
	for range 64 {
		if _, err := c.Write(make([]byte, 1<<20)); err != nil {
			t.Fatalf("a write after the end is refused, which ends the engine's tunnel: %v", err)
		}
	}
}

func TestBothDirections(t *testing.T) {
	c := tunnel(t, service(t, func(c *net.TCPConn) { // one that answers when the client has said all
		text, _ := io.ReadAll(c)
		fmt.Fprintf(c, "you said %s", text)
		c.Close()
	}))
	io.WriteString(c, "hello")
	c.CloseWrite()
	if text, err := io.ReadAll(c); err != nil || string(text) != "you said hello" {
		t.Errorf("%q, %v", text, err)
	}
}

func TestServiceThatIsNotThere(t *testing.T) {
	route := service(t, nil)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	route.Port = l.Addr().(*net.TCPAddr).AddrPort().Port()
	l.Close()
	keepsTaking(t, tunnel(t, route))
}

func TestServiceThatResets(t *testing.T) {
	keepsTaking(t, tunnel(t, service(t, func(c *net.TCPConn) {
		c.SetLinger(0)
		c.Close()
	})))
}

func TestServiceThatEnds(t *testing.T) {
	keepsTaking(t, tunnel(t, service(t, func(c *net.TCPConn) { c.Close() })))
}

// The engine keeps its side of a connection for as long as the call runs: the gateway must not.
func TestNothingIsKept(t *testing.T) {
	route := service(t, func(c *net.TCPConn) { io.WriteString(c, "bye"); c.Close() })
	open := func() int {
		entries, err := os.ReadDir("/proc/self/fd")
		if err != nil {
			t.Fatal(err)
		}
		sockets := 0
		for _, entry := range entries {
			if name, _ := os.Readlink("/proc/self/fd/" + entry.Name()); strings.HasPrefix(name, "socket:") {
				sockets++
			}
		}
		return sockets
	}
	const n = 50
	before := open()
	for range n {
		if text, err := io.ReadAll(tunnel(t, route)); err != nil || string(text) != "bye" {
			t.Fatalf("%q, %v", text, err)
		}
	}
	// Of each there are our end and its listener.
	for end := time.Now().Add(time.Minute); open() > before+2*n; time.Sleep(100 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%d sockets, were %d before %d connections", open(), before, n)
		}
	}
}

// A service that does not run is not looked for at an address that may be another's by now.
func TestServiceThatDoesNotRun(t *testing.T) {
	route := service(t, func(c *net.TCPConn) { io.WriteString(c, "somebody else's"); c.Close() })
	keepsTaking(t, tunnelTo(t, route, func(name string) (netip.Addr, error) {
		return netip.Addr{}, fmt.Errorf("%s does not run", name)
	}))
}
