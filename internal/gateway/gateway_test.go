package gateway

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"os"
	"strings"
	"sync"
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
			if errors.Is(err, net.ErrClosed) {
				return
			}
			if err == nil { // else there are no files left, which a test is about
				go treat(c.(*net.TCPConn))
			}
		}
	}()
	return Route{Service: "web", Port: l.Addr().(*net.TCPAddr).AddrPort().Port()}
}

var loopback = netip.MustParseAddr("127.0.0.1")

// here is where every service of these tests is.
func here(string) (netip.Addr, error) { return loopback, nil }

// tunnel is a connection to the route's published port, as the engine makes it: it writes what it has, and closes
// nothing before the end of the test.
func tunnel(t *testing.T, route Route) *net.TCPConn {
	t.Helper()
	return tunnelTo(t, route, here)
}

func tunnelTo(t *testing.T, route Route, lookup Lookup) *net.TCPConn {
	t.Helper()
	return tunnelWithin(t, route, lookup, Limits{Lines: 1000, Port: 1000})
}

func tunnelWithin(t *testing.T, route Route, lookup Lookup, limits Limits) *net.TCPConn {
	t.Helper()
	l, err := listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	startHub(t, l, route, lookup, limits)
	c, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	c.SetDeadline(time.Now().Add(time.Minute))
	return c.(*net.TCPConn)
}

// startHub forwards what comes to a listener.
func startHub(t *testing.T, l *net.TCPListener, route Route, lookup Lookup, limits Limits) *port {
	t.Helper()
	h := &Hub{lookup: lookup, limits: limits, lines: map[*line]struct{}{}}
	p := &port{Hub: h, Route: route, listener: l}
	h.ports = []*port{p}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { defer close(ended); h.Serve(ctx) }()
	t.Cleanup(func() { cancel(); <-ended })
	return p
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

// The engine's own listener in the container has whatever port the kernel gives: also one that is to be published.
func TestPortThatTheEngineHas(t *testing.T) {
	engine, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer engine.Close()
	own := netip.MustParseAddr("127.0.0.2")
	port := engine.Addr().(*net.TCPAddr).Port
	hub, err := Gateway{Routes: []Route{{Listen: port, Service: "web"}}}.New(own, here, OwnLimits())
	if err != nil {
		t.Fatal(err)
	}
	defer hub.Close()
	if got, want := hub.ports[0].listener.Addr().String(), netip.AddrPortFrom(own, uint16(port)).String(); got != want {
		t.Errorf("it listens on %s, want %s", got, want)
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

// nextClient lets the service's end arrive before another client comes: the engine's machine takes a source port again after a
// second.
func nextClient() { time.Sleep(200 * time.Millisecond) }

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
		nextClient()
	}
}

// Who asks for the end gets an answer with its length and is not sent it: the next client is served.
func TestSourcePortAgainAfterClose(t *testing.T) {
	for name, answer := range map[string]string{
		"length":  "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok",
		"chunks":  "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
		"neither": "HTTP/1.0 200 OK\r\n\r\nok",
	} {
		t.Run(name, func(t *testing.T) {
			c := newClient(t, service(t, func(c *net.TCPConn) {
				http.ReadRequest(bufio.NewReader(c))
				io.WriteString(c, answer)
				c.Close()
			}))
			for range 3 {
				for _, request := range []string{"Connection: close\r\n", ""} {
					if got := c.asks("GET / HTTP/1.1\r\nHost: web\r\n" + request + "\r\n"); got != "ok" {
						t.Fatalf("%q", got)
					}
					nextClient()
				}
			}
		})
	}
}

// A client of HTTP/1.0 waits for the end and gets it.
func TestHTTP10(t *testing.T) {
	c := tunnel(t, once(t))
	io.WriteString(c, "GET / HTTP/1.0\r\n\r\n")
	if answer, err := io.ReadAll(c); err != nil || !strings.HasSuffix(string(answer), "answer 1") {
		t.Fatalf("%q, %v", answer, err)
	}
	keepsTaking(t, c)
}

// postgresServer lets everybody in and answers every query with how many the session has had.
func postgresServer(t *testing.T) Route {
	return service(t, func(c *net.TCPConn) {
		defer c.Close()
		head := make([]byte, 8)
		for {
			if _, err := io.ReadFull(c, head); err != nil {
				return
			}
			if head[5] == 3 {
				break
			}
			io.WriteString(c, "N")
		}
		io.WriteString(c, "Z\x00\x00\x00\x05I")
		for n := byte('1'); ; n++ {
			if _, err := io.ReadFull(c, head[:5]); err != nil || head[0] == 'X' || head[0] == 'k' {
				return
			}
			c.Write([]byte{'C', 0, 0, 0, 5, n})
			io.WriteString(c, "Z\x00\x00\x00\x05I")
		}
	})
}

const (
	pgSSL     = "\x00\x00\x00\x08\x04\xd2\x16\x2f"
	pgStart   = "\x00\x00\x00\x08\x00\x03\x00\x00"
	pgQuery   = "Q\x00\x00\x00\x04"
	pgLeave   = "X\x00\x00\x00\x04"
	pgKill    = "k\x00\x00\x00\x04"
	pgReady   = "Z\x00\x00\x00\x05I"
	pgAnswer1 = "C\x00\x00\x00\x051" + pgReady
)

// reads reads what is expected.
func (c client) reads(want string) {
	c.Helper()
	got := make([]byte, len(want))
	if n, err := io.ReadFull(c.answers, got); err != nil || string(got) != want {
		c.Fatalf("got %q, %v, want %q", got[:n], err, want)
	}
}

// Each client of postgres has a session of its own, whether the last took leave or was killed; who took leave is not sent
// the end, who waits for an answer is.
func TestSourcePortAgainOfPostgres(t *testing.T) {
	c := newClient(t, postgresServer(t))
	for _, leave := range []string{pgLeave, "", pgLeave, ""} {
		io.WriteString(c, pgSSL)
		c.reads("N")
		io.WriteString(c, pgStart)
		c.reads(pgReady)
		io.WriteString(c, pgQuery)
		c.reads(pgAnswer1)
		io.WriteString(c, leave)
		nextClient()
	}
	io.WriteString(c, pgStart)
	c.reads(pgReady)
	io.WriteString(c, pgKill)
	if rest, err := io.ReadAll(c.answers); err != nil || len(rest) > 0 {
		t.Errorf("%q, %v", rest, err)
	}
}

// A client that was idle when its session was ended is told so when it speaks; another that comes in its place is served.
func TestPostgresSessionThatWasEnded(t *testing.T) {
	var kill sync.Map
	inner := postgresServer(t)
	route := service(t, func(c *net.TCPConn) { // hands on, and can be killed from outside
		kill.Store(c, nil)
		to, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", inner.Port))
		if err != nil {
			return
		}
		go io.Copy(to, c)
		io.Copy(c, to)
	})
	c := newClient(t, route)
	for range 2 {
		io.WriteString(c, pgStart)
		c.reads(pgReady)
		kill.Range(func(conn, _ any) bool { conn.(net.Conn).Close(); kill.Delete(conn); return true })
		nextClient()
	}
	io.WriteString(c, pgQuery)
	if rest, err := io.ReadAll(c.answers); err != nil || len(rest) > 0 {
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
