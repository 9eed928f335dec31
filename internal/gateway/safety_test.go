package gateway

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// A client that begins while another's answer is outstanding, whole or in part, gets its own.
func TestAnswerOfAnother(t *testing.T) {
	gone := make(chan struct{}, 1)
	c := newClient(t, service(t, func(c *net.TCPConn) {
		defer c.Close()
		request, err := http.ReadRequest(bufio.NewReader(c))
		if err != nil {
			return
		}
		switch request.URL.Path {
		case "/never":
			io.Copy(io.Discard, c)
			gone <- struct{}{}
			return
		case "/upload":
			io.Copy(io.Discard, request.Body)
			return
		case "/half":
			io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\nhalf")
			io.Copy(io.Discard, c)
			gone <- struct{}{}
			return
		}
		fmt.Fprintf(c, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", len(request.URL.Path), request.URL.Path)
	}))
	for i, path := range []string{"/never", "/half"} {
		fmt.Fprintf(c, "GET %s HTTP/1.1\r\nHost: web\r\n\r\n", path)
		if path == "/half" {
			c.reads("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\nhalf")
		}
		nextClient()
		own := fmt.Sprint("/own", i)
		if got := c.asks("GET " + own + " HTTP/1.1\r\nHost: web\r\n\r\n"); got != own {
			t.Errorf("got %q, want %q", got, own)
		}
		select {
		case <-gone:
		case <-time.After(time.Minute):
			t.Errorf("%s: the service is not told that its client is gone", path)
		}
	}
	nextClient()
	io.WriteString(c, "POST /upload HTTP/1.1\r\nHost: web\r\nContent-Length: 1000\r\n\r\nhalf of it")
	nextClient()
	if got := c.asks("GET /own HTTP/1.1\r\nHost: web\r\n\r\n"); got != "/own" {
		t.Errorf("after half an upload: %q", got)
	}
}

// A login begins a session of redis: nobody is in another's database or transaction.
func TestSourcePortAgainOfRedis(t *testing.T) {
	c := newClient(t, service(t, func(c *net.TCPConn) { // answers with the number of commands in this session
		defer c.Close()
		r := bufio.NewReader(c)
		for n := 1; ; n++ {
			line, err := r.ReadString('\n')
			if err != nil {
				return
			}
			for range 2 * (line[1] - '0') {
				r.ReadString('\n')
			}
			fmt.Fprintf(c, ":%d\r\n", n)
		}
	}))
	command := func(words ...string) string {
		var b strings.Builder
		fmt.Fprintf(&b, "*%d\r\n", len(words))
		for _, word := range words {
			fmt.Fprintf(&b, "$%d\r\n%s\r\n", len(word), word)
		}
		return b.String()
	}
	for _, begin := range []string{command("AUTH", "a"), command("HELLO", "3", "AUTH", "a", "b"), command("auth", "a")} {
		io.WriteString(c, begin)
		c.reads(":1\r\n")
		io.WriteString(c, command("SELECT", "5")+command("MULTI"))
		c.reads(":2\r\n:3\r\n")
		nextClient()
	}
}

// A request to a service that is not there, or ends without an answer, is answered: the line is good for the next client.
func TestAnswersForTheService(t *testing.T) {
	var there atomic.Bool
	route := service(t, func(c *net.TCPConn) {
		defer c.Close()
		http.ReadRequest(bufio.NewReader(c))
		if there.Load() {
			io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
		}
	})
	c := newClient(t, route)
	const request = "GET / HTTP/1.1\r\nHost: web\r\n\r\n"
	if got := c.asks(request); got != "stack: web ended the connection without an answer\n" {
		t.Errorf("%q", got)
	}
	there.Store(true)
	nextClient()
	if got := c.asks(request); got != "ok" {
		t.Errorf("%q", got)
	}
}

// A service that ends a connection just when the next request comes is asked once more.
func TestRequestThatMeetsTheEnd(t *testing.T) {
	var count atomic.Int32
	c := newClient(t, service(t, func(c *net.TCPConn) {
		defer c.Close()
		r := bufio.NewReader(c)
		if _, err := http.ReadRequest(r); err != nil {
			return
		}
		fmt.Fprintf(c, "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n%d", count.Add(1))
		http.ReadRequest(r) // and then it ends
	}))
	for i := range 3 {
		if got := c.asks("GET / HTTP/1.1\r\nHost: web\r\n\r\n"); got != fmt.Sprint(i+1) {
			t.Errorf("%q", got)
		}
	}
}

// A service that does not read holds up nobody, and is not kept for ever.
func TestServiceThatDoesNotRead(t *testing.T) {
	c := tunnel(t, service(t, func(c *net.TCPConn) { time.Sleep(time.Minute); c.Close() }))
	c.SetWriteDeadline(time.Now().Add(10 * time.Second))
	io.WriteString(c, "POST / HTTP/1.1\r\nHost: web\r\nContent-Length: 100000000\r\n\r\n")
	if n, err := c.Write(make([]byte, window)); err != nil {
		t.Errorf("%d bytes were taken: %v", n, err)
	}
}

// At its bound a port refuses who is new, at once, and serves those it knows.
func TestFullPort(t *testing.T) {
	l, err := listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	route := service(t, func(c *net.TCPConn) {
		for r := bufio.NewReader(c); ; io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok") {
			if _, err := http.ReadRequest(r); err != nil {
				return
			}
		}
	})
	startHub(t, l, route, here, Limits{Lines: 10, Port: 3})
	var known []client
	for range 3 {
		conn, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		conn.SetDeadline(time.Now().Add(time.Minute))
		known = append(known, client{t, conn.(*net.TCPConn), bufio.NewReader(conn)})
	}
	for end := time.Now().Add(time.Minute); ; time.Sleep(10 * time.Millisecond) {
		conn, err := net.DialTimeout("tcp", l.Addr().String(), 5*time.Second)
		if errors.Is(err, syscall.ECONNREFUSED) {
			break
		}
		if err != nil {
			t.Fatalf("a fourth is not refused: %v", err)
		}
		defer conn.Close()
		if _, err := io.WriteString(conn, "GET / HTTP/1.1\r\nHost: web\r\n\r\n"); err != nil {
			t.Fatalf("one that was in the queue is reset: %v", err)
		}
		if time.Now().After(end) {
			t.Fatal("more and more are taken")
		}
	}
	for _, c := range known {
		if got := c.asks("GET / HTTP/1.1\r\nHost: web\r\n\r\n"); got != "ok" {
			t.Errorf("%q", got)
		}
	}
}

// A gateway that is out of files takes clients again when it has some.
func TestOutOfFiles(t *testing.T) {
	l, err := listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	conn, err := net.Dial("tcp", l.Addr().String()) // waits in the listener's queue
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	route := once(t)
	var before syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &before); err != nil {
		t.Fatal(err)
	}
	defer syscall.Setrlimit(syscall.RLIMIT_NOFILE, &before)
	// No file at all can be opened, whatever what is left of other tests closes meanwhile.
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &syscall.Rlimit{Cur: 0, Max: before.Max}); err != nil {
		t.Fatal(err)
	}
	p := startHub(t, l, route, here, Limits{Lines: 10, Port: 10})
	for end := time.Now().Add(time.Minute); p.refused.Load() == 0; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("there was a file for it")
		}
	}
	syscall.Setrlimit(syscall.RLIMIT_NOFILE, &before)
	conn.SetDeadline(time.Now().Add(time.Minute))
	c := client{t, conn.(*net.TCPConn), bufio.NewReader(conn)}
	if got := c.asks("GET / HTTP/1.1\r\nHost: web\r\n\r\n"); got != "answer 1" {
		t.Errorf("%q", got)
	}
}

// A service that has enough of a request answers before the request's end, and ends the connection. What the client still says of
// it is for nobody; a request that comes in the same piece is answered on another connection.
func TestAnsweredBeforeItsEnd(t *testing.T) {
	c := newClient(t, service(t, func(c *net.TCPConn) {
		defer c.Close()
		request, err := http.ReadRequest(bufio.NewReader(c))
		switch {
		case err != nil:
		case request.URL.Path == "/large":
			io.WriteString(c, "HTTP/1.1 413 Too Large\r\nConnection: close\r\nContent-Length: 2\r\n\r\nno")
		default:
			io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
		}
	}))
	if got := c.asks("POST /large HTTP/1.1\r\nHost: web\r\nContent-Length: 10\r\n\r\n12345"); got != "no" {
		t.Errorf("got %q", got)
	}
	nextClient()
	if got := c.asks("67890POST /small HTTP/1.1\r\nHost: web\r\nContent-Length: 2\r\n\r\nhi"); got != "ok" {
		t.Errorf("got %q", got)
	}
}

// A head and the body behind it are one piece for the tunnel, however the service writes them; without its body a head does not wait.
func TestHeadAndBodyTogether(t *testing.T) {
	for name, c := range map[string]struct {
		hold  time.Duration
		first string
	}{
		"together": {time.Minute, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"},
		"the head": {time.Millisecond, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"},
	} {
		t.Run(name, func(t *testing.T) {
			body := make(chan struct{})
			route := service(t, func(c *net.TCPConn) {
				defer c.Close()
				r := bufio.NewReader(c)
				for range 2 {
					if _, err := http.ReadRequest(r); err != nil {
						return
					}
					io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n")
					<-body
					io.WriteString(c, "ok")
				}
			})
			conn := tunnelWithin(t, route, here, Limits{Lines: 10, Port: 10, Together: c.hold})
			for range 2 {
				io.WriteString(conn, "GET / HTTP/1.1\r\nHost: web\r\n\r\n")
				if c.hold == time.Minute {
					nextClient() // until the head is there
					body <- struct{}{}
				}
				text := make([]byte, 1024)
				n, err := conn.Read(text)
				if err != nil || string(text[:n]) != c.first {
					t.Errorf("%q, %v", text[:n], err)
				}
				if c.hold != time.Minute {
					body <- struct{}{}
					if _, err := io.ReadFull(conn, text[:2]); err != nil || string(text[:2]) != "ok" {
						t.Errorf("%q, %v", text[:2], err)
					}
				}
			}
		})
	}
}
