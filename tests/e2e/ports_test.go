package e2e

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sys/unix"

	"dagger/stack/internal/freeport"
)

// from dials a published port from one source port. The kernel lets it be used again a second after its last use.
func (s *session) from(source int, address string) net.Conn {
	s.Helper()
	dialer := net.Dialer{
		LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: source},
		Control: func(_, _ string, c syscall.RawConn) error {
			return c.Control(func(fd uintptr) { syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_REUSEADDR, 1) })
		},
	}
	var conn net.Conn
	s.until("the source port can be used again", func() (done bool) {
		var err error
		conn, err = dialer.Dial("tcp", address)
		return err == nil
	})
	conn.SetDeadline(time.Now().Add(waitTimeout))
	return conn
}

// After some 3,000 connections, or at once by chance, a source port comes again, and Dagger's tunnel takes the client for
// the last one.
func TestSourcePortAgain(t *testing.T) {
	t.Parallel()
	s := plain(t)
	session := s.up()
	source := freeport.For(t)
	for round := range 3 { // in the second, clients say Connection: close
		for service, path := range map[string]string{"backend": "/env/PORT", "api": "/openapi.json"} {
			address := fmt.Sprintf("127.0.0.1:%d", s.ports[service])
			client := http.Client{Transport: &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) {
				return session.from(source, address), nil
			}, DisableKeepAlives: round == 1}}
			response, err := client.Get("http://" + address + path)
			if err != nil {
				t.Fatalf("%s: %v", service, err)
			}
			if text, err := io.ReadAll(response.Body); err != nil || response.StatusCode != 200 || len(text) == 0 {
				t.Errorf("%s: %s %q, %v", service, response.Status, text, err)
			}
			response.Body.Close()
			client.CloseIdleConnections()
		}
		config, err := pgx.ParseConfig(s.databaseURL())
		if err != nil {
			t.Fatal(err)
		}
		config.DialFunc = func(_ context.Context, _, address string) (net.Conn, error) {
			return session.from(source, address), nil
		}
		conn, err := pgx.ConnectConfig(t.Context(), config)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := conn.Exec(t.Context(), "SELECT 1"); err != nil {
			t.Error(err)
		}
		conn.Close(t.Context())
	}
}

// A client gets its own answers and its own session, whatever the last one with its source port was in the middle of.
func TestNobodyIsInAnothersSession(t *testing.T) {
	t.Parallel()
	s := newStack(t, "tests/fixtures/quick")
	session := s.up()
	password, _ := url.Parse(s.own("REDIS_URL"))
	secret, _ := password.User.Password()
	web, redis, source := fmt.Sprintf("127.0.0.1:%d", s.ports["backend"]), fmt.Sprintf("127.0.0.1:%d", s.ports["redis"]), freeport.For(t)
	talk := func(address, say string, answers int) (heard string) {
		t.Helper()
		conn := session.from(source, address)
		defer conn.Close()
		conn.(*net.TCPConn).SetLinger(0) // killed
		io.WriteString(conn, say)
		for reader := bufio.NewReader(conn); answers > 0; answers-- {
			line, err := reader.ReadString('\n')
			if err != nil {
				t.Fatalf("%q, %v", heard, err)
			}
			heard += line
		}
		return heard
	}
	get := func(path string) string { return "GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n" }
	own := func(after string) {
		t.Helper()
		conn := session.from(source, web)
		defer conn.Close()
		io.WriteString(conn, get("/echo/own"))
		response, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Fatalf("after %s: %.200v", after, err)
		}
		if text, err := io.ReadAll(response.Body); err != nil || string(text) != "own" {
			t.Errorf("after %s: %q, %v", after, text, err)
		}
	}
	// Dagger reads each client in a goroutine of its own: what a killed client has said may be sent on after what the next one
	// with its source port says. So the next one comes when the service has the request of the killed one: see docs/ports.md.
	killed := func(say string, answers int) {
		t.Helper()
		before := session.begun(web)
		talk(web, say, answers)
		session.until("the service has the request of the killed client", func() bool { return session.begun(web) > before })
	}
	killed(get("/never"), 0)
	own("an answer that did not come")
	killed(get("/bytes/1000000"), 4)
	time.Sleep(5 * time.Second) // what is in the tunnel already when a client comes, it gets: see docs/ports.md
	own("a download that was broken off")
	killed("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\nhalf", 0)
	time.Sleep(2 * time.Second) // within a second it could be the rest of the upload
	own("half an upload")

	command := func(words ...string) (text string) {
		text = fmt.Sprintf("*%d\r\n", len(words))
		for _, word := range words {
			text += fmt.Sprintf("$%d\r\n%s\r\n", len(word), word)
		}
		return text
	}
	login := command("AUTH", secret)
	talk(redis, login+command("SELECT", "5")+command("MULTI"), 3)
	if got, want := talk(redis, login+command("SET", "k", "v"), 2), "+OK\r\n+OK\r\n"; got != want {
		t.Errorf("redis: %q, want %q", got, want)
	}
	if got := talk(redis, login+command("GET", "k"), 3); !strings.HasSuffix(got, "\r\nv\r\n") {
		t.Errorf("in database 0 there is %q", got)
	}
}

// begun is how many requests have reached the server of the fixture quick.
func (s *session) begun(address string) (count int) {
	s.Helper()
	response, err := http.Get("http://" + address + "/begun")
	if err != nil {
		s.Fatal(err)
	}
	defer response.Body.Close()
	if _, err := fmt.Fscan(response.Body, &count); err != nil {
		s.Fatal(err)
	}
	return count
}

// own is a variable that the stack gives its services, read from the environment of the backend's process.
func (s *stack) own(name string) string {
	s.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/environ", s.child("backend").pid))
	if err != nil {
		s.Fatal(err)
	}
	for variable := range strings.SplitSeq(string(text), "\x00") {
		if value, found := strings.CutPrefix(variable, name+"="); found {
			return value
		}
	}
	s.Fatalf("the backend has no %s", name)
	return ""
}

// Clients that were killed do not keep others out of postgres, and leave no lock behind for long when there are many.
func TestKilledClientsOfPostgres(t *testing.T) {
	t.Parallel()
	s := plain(t)
	session := s.up()
	config, err := pgx.ParseConfig(s.databaseURL())
	if err != nil {
		t.Fatal(err)
	}
	begin := func() error {
		var raw net.Conn
		config.DialFunc = func(ctx context.Context, network, address string) (net.Conn, error) {
			raw, err = (&net.Dialer{}).DialContext(ctx, network, address)
			return raw, err
		}
		conn, err := pgx.ConnectConfig(t.Context(), config)
		if err != nil {
			return err
		}
		if _, err := conn.Exec(t.Context(), "BEGIN"); err != nil {
			return err
		}
		raw.(*net.TCPConn).SetLinger(0)
		return raw.Close()
	}
	for range 150 {
		if begin() != nil {
			break // it is full
		}
	}
	session.until("there is room for clients again", func() bool { return begin() == nil })
}

// gateway is the process that publishes the stack.
func (s *stack) gateway() int {
	s.Helper()
	folders, _ := filepath.Glob("/proc/[0-9]*")
	for _, folder := range folders {
		args := arguments(folder)
		if len(args) > 2 && filepath.Base(args[0]) == "stack-agent" && args[1] == "gateway" && strings.Contains(args[2], fmt.Sprintf("%q", s.name)) {
			pid, _ := strconv.Atoi(filepath.Base(folder))
			return pid
		}
	}
	s.Fatal("there is no gateway")
	return 0
}

// health, the dashboard and up show within moments that the gateway hangs, takes no clients or is gone, and health that it is back.
func TestHealthKnowsTheGateway(t *testing.T) {
	t.Parallel()
	s := plain(t)
	session := s.up()
	api := session.api()
	d := api.open("#token=" + api.token)
	d.shows("all healthy", `document.getElementById("verdict").textContent === "All 3 services healthy"`)
	gateway := s.gateway()
	gone := func(why string) {
		t.Helper()
		session.until("the gateway is unhealthy: it "+why, func() bool {
			r := s.call("health")
			return r.code != 0 && strings.Contains(r.stderr, "gateway: not running, last seen")
		})
	}
	var files unix.Rlimit
	if err := unix.Prlimit(gateway, unix.RLIMIT_NOFILE, &unix.Rlimit{Cur: 0, Max: 20000}, &files); err != nil {
		t.Fatal(err)
	}
	gone("takes no clients")
	if err := unix.Prlimit(gateway, unix.RLIMIT_NOFILE, &files, nil); err != nil {
		t.Fatal(err)
	}
	s.ok("health", "--wait", "20s")
	if err := syscall.Kill(gateway, syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { syscall.Kill(gateway, syscall.SIGCONT) })
	// What says so in up looks less often than health: of the moments before, it may have seen any.
	says := func(text string, before int) {
		t.Helper()
		session.until("up says: "+text, func() bool { return strings.Count(session.printed(), text) > before })
	}
	const ended, back = "the gateway has ended: no published port answers", "the gateway is back"
	before := strings.Count(session.printed(), back)
	gone("hangs")
	says(ended, before)
	syscall.Kill(gateway, syscall.SIGCONT)
	s.ok("health", "--wait", "20s")
	says(back, before)
	if text := s.ok("dashboard"); !strings.Contains(text, fmt.Sprintf("http://localhost:%d/#token=", s.ports["api"])) {
		t.Errorf("dashboard: %q", text)
	}
	d.shows("all healthy again", `document.body.dataset.link === "live" && document.getElementById("verdict").textContent === "All 3 services healthy"`)

	if err := syscall.Kill(gateway, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	gone("was killed")
	d.shows("that nobody answers", `document.body.dataset.link === "lost" && !document.getElementById("lost").hidden`)
	says(ended, before+1)
	s.ok("stop")
}
