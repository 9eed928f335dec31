package gateway

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"os"
	"strings"
	"sync/atomic"
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
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go route.serve(l, lookup)
	c, err := net.Dial("tcp", l.Addr().String())
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

// The engine keeps its side of a connection for as long as the call runs, and the gateway what it reads from it: the
// service's must not be kept.
func TestNothingOfTheServiceIsKept(t *testing.T) {
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
	// Of each there are both ends of the tunnel's and its listener.
	for end := time.Now().Add(time.Minute); open() > before+3*n; time.Sleep(100 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%d sockets, were %d before %d connections", open(), before, n)
		}
	}
}

// client is on a tunnel's connection, which is there for all clients that come from one source port.
type client struct {
	testing.TB
	*net.TCPConn
	answers *bufio.Reader
}

func newClient(t *testing.T, route Route) client {
	t.Helper()
	c := tunnel(t, route)
	return client{t, c, bufio.NewReader(c)}
}

// again lets the service's end arrive before another client comes: the engine's machine takes a source port again after a
// second.
func again() { time.Sleep(200 * time.Millisecond) }

// asks sends a request and reads the answer to it.
func (c client) asks(request string) string {
	c.Helper()
	io.WriteString(c, request)
	response, err := http.ReadResponse(c.answers, nil)
	if err != nil {
		c.Fatal(err)
	}
	text, err := io.ReadAll(response.Body)
	if err != nil {
		c.Fatal(err)
	}
	return string(text)
}

// once is a service that answers one request of each connection.
func once(t *testing.T) Route {
	var count atomic.Int32
	return service(t, func(c *net.TCPConn) {
		defer c.Close()
		if _, err := http.ReadRequest(bufio.NewReader(c)); err != nil {
			return
		}
		text := fmt.Sprint("answer ", count.Add(1))
		fmt.Fprintf(c, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", len(text), text)
	})
}

// What the engine writes for a client comes over the connection of the last one with its source port.
func TestSourcePortAgain(t *testing.T) {
	c := newClient(t, once(t))
	for i := range 5 {
		if want, got := fmt.Sprint("answer ", i+1), c.asks("GET / HTTP/1.1\r\nHost: web\r\n\r\n"); got != want {
			t.Fatalf("got %q, want %q", got, want)
		}
		again()
	}
	c.asks("GET / HTTP/1.1\r\nHost: web\r\nConnection: close\r\n\r\n")
	keepsTaking(t, c.TCPConn)
}

// A client of postgres that took leave is not sent the end either; one that did not is.
func TestSourcePortAgainOfPostgres(t *testing.T) {
	startup := "\x00\x00\x00\x08\x04\xd2\x16\x2f"
	c := newClient(t, service(t, func(c *net.TCPConn) {
		defer c.Close()
		buf := make([]byte, len(startup))
		if _, err := io.ReadFull(c, buf); err != nil || string(buf) != startup {
			return
		}
		io.WriteString(c, "N")
		io.ReadFull(c, buf[:5])
	}))
	for range 3 {
		io.WriteString(c, startup)
		if answer, err := c.answers.ReadByte(); err != nil || answer != 'N' {
			t.Fatalf("%q, %v", answer, err)
		}
		io.WriteString(c, "X\x00\x00\x00\x04")
		again()
	}
	io.WriteString(c, startup+"Q\x00\x00\x00\x04")
	if rest, err := io.ReadAll(c.answers); err != nil || string(rest) != "N" {
		t.Errorf("%q, %v", rest, err)
	}
}

// A service that does not run is not looked for at an address that may be another's by now.
func TestServiceThatDoesNotRun(t *testing.T) {
	route := service(t, func(c *net.TCPConn) { io.WriteString(c, "somebody else's"); c.Close() })
	keepsTaking(t, tunnelTo(t, route, func(name string) (netip.Addr, error) {
		return netip.Addr{}, fmt.Errorf("%s does not run", name)
	}))
}
