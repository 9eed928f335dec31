package socket

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"dagger/stack/internal/protocol"
	"dagger/stack/internal/state"
)

// listen is an agent that says who it is and takes up nothing yet.
func listen(t *testing.T, instance string) (state.Service, *Server) {
	t.Helper()
	// Longer than a socket's path may be.
	service := state.At(filepath.Join(t.TempDir(), strings.Repeat("long/", 30))).Service("web")
	if err := service.Create(); err != nil {
		t.Fatal(err)
	}
	server, err := Listen(service, instance)
	if err != nil {
		t.Fatal(err)
	}
	if err := service.WriteStatus(state.Status{Instance: instance}); err != nil {
		t.Fatal(err)
	}
	return service, server
}

// answering is an agent that serves all.
func answering(t *testing.T, answer func(*Request)) state.Service {
	service, server := listen(t, "me")
	done := make(chan struct{})
	t.Cleanup(func() { close(done); server.Close() })
	go func() {
		for {
			select {
			case request := <-server.Requests:
				if request.Take() {
					answer(request)
				}
			case <-done:
				return
			}
		}
	}()
	return service
}

func TestAsk(t *testing.T) {
	service := answering(t, func(r *Request) {
		switch r.Verb {
		case "fail":
			r.Reply(nil, errors.New("no"))
		case "refuse":
			r.Reply(nil, fmt.Errorf("not now: %w", protocol.Errorf(protocol.CodeBusy, "occupied")))
		case "nothing":
			r.Reply(nil, nil)
		default:
			r.Reply(string(r.Args)+"!", nil)
		}
	})
	var got string
	if err := Ask(t.Context(), service, "do", 7, &got, time.Minute); err != nil || got != "7!" {
		t.Errorf("%q, %v", got, err)
	}
	if err := Ask(t.Context(), service, "nothing", nil, &got, time.Minute); err != nil {
		t.Error(err)
	}
	for verb, want := range map[string]protocol.Error{
		"fail": {Code: protocol.CodeFailed, Message: "no"}, "refuse": {Code: protocol.CodeBusy, Message: "not now: occupied"},
	} {
		var refused protocol.Error
		if err := Ask(t.Context(), service, verb, nil, nil, time.Minute); !errors.As(err, &refused) || refused != want {
			t.Errorf("%s: %#v", verb, err)
		}
	}
	if stream, err := Open(t.Context(), service, "do", nil, time.Minute); err == nil || !strings.Contains(err.Error(), "without a stream") {
		t.Errorf("%v, %v", stream, err)
	}
	// Nothing is left of many: no connection, no file.
	before := open(t)
	var all sync.WaitGroup
	for range 100 {
		all.Go(func() {
			if err := Ask(t.Context(), service, "do", 7, nil, time.Minute); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	for end := time.Now().Add(time.Minute); open(t) > before; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%d files are open, %d before", open(t), before)
		}
	}
}

func open(t *testing.T) int {
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(entries)
}

// A request that nobody takes up in time, or whose sender is gone, is not to be had later.
func TestGivingUp(t *testing.T) {
	service, server := listen(t, "me")
	defer server.Close()
	given, cancel := context.WithCancel(t.Context())
	defer cancel()
	asked := make(chan error)
	for _, c := range []struct {
		ctx     context.Context
		timeout time.Duration
		giveUp  func()
		want    error
	}{{t.Context(), 20 * time.Millisecond, func() {}, ErrNoAnswer}, {given, time.Minute, cancel, context.Canceled}} {
		go func() { asked <- Ask(c.ctx, service, "do", nil, nil, c.timeout) }()
		request := <-server.Requests
		c.giveUp()
		if err := <-asked; !errors.Is(err, c.want) || errors.Is(err, ErrEnded) {
			t.Errorf("%v", err)
		}
		for request.Pending() {
			time.Sleep(time.Millisecond)
		}
		if request.Take() {
			t.Error("taken after its sender gave up")
		}
	}
}

// One that was taken is answered also after its deadline: its agent gives up at it, and says how.
func TestTakenInTime(t *testing.T) {
	service := answering(t, func(r *Request) {
		time.Sleep(time.Until(r.Deadline) + 50*time.Millisecond)
		r.Reply("late", nil)
	})
	var got string
	if err := Ask(t.Context(), service, "do", nil, &got, 50*time.Millisecond); err != nil || got != "late" {
		t.Errorf("%q, %v", got, err)
	}
}

// What a killed agent leaves is no trap: it refuses at once. Another instance is not asked.
func TestAskOfTheDead(t *testing.T) {
	service, server := listen(t, "killed")
	defer server.Close()
	dead := filepath.Join(service.Control(), "dead")
	left, err := net.ListenUnix("unix", &net.UnixAddr{Name: server.folder.path("dead"), Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	left.SetUnlinkOnClose(false)
	left.Close()
	if _, err := os.Stat(dead); err != nil {
		t.Fatal(err)
	}
	for _, instance := range []string{"dead", "never"} {
		if err := service.WriteStatus(state.Status{Instance: instance}); err != nil {
			t.Fatal(err)
		}
		if err := Ask(t.Context(), service, "do", nil, nil, time.Hour); !errors.Is(err, ErrEnded) {
			t.Errorf("%s: %v", instance, err)
		}
	}
}

// The answer of an agent that ends at once counts, and who had none knows at once.
func TestAskOfOneThatEnds(t *testing.T) {
	for range 20 {
		service, server := listen(t, "me")
		var answered, refused atomic.Int32
		var asking sync.WaitGroup
		for range 2 {
			asking.Go(func() {
				switch err := Ask(t.Context(), service, "stop", nil, nil, time.Hour); {
				case err == nil:
					answered.Add(1)
				case errors.Is(err, ErrEnded):
					refused.Add(1)
				default:
					t.Error(err)
				}
			})
		}
		first, second := <-server.Requests, <-server.Requests
		if !first.Take() || !second.Take() {
			t.Fatal("not to be taken")
		}
		first.Reply(nil, nil)
		server.Close()
		asking.Wait()
		if answered.Load() != 1 || refused.Load() != 1 {
			t.Errorf("%d answered, %d refused", answered.Load(), refused.Load())
		}
		if entries, _ := os.ReadDir(service.Control()); len(entries) != 0 {
			t.Errorf("left behind: %v", entries)
		}
	}
}

// A stream goes both ways, and ends with its sender.
func TestOpen(t *testing.T) {
	ended := make(chan error, 1)
	service := answering(t, func(r *Request) {
		r.Stream(func(conn net.Conn) {
			_, err := io.Copy(conn, conn)
			ended <- err
		})
	})
	stream, err := Open(t.Context(), service, "echo", nil, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewReader(stream)
	for _, text := range []string{"one\n", "two\n"} {
		io.WriteString(stream, text)
		if got, err := lines.ReadString('\n'); err != nil || got != text {
			t.Errorf("%q, %v", got, err)
		}
	}
	stream.Close()
	<-ended
}

// What is none of our requests reaches no agent.
func TestOtherRequests(t *testing.T) {
	service := answering(t, func(r *Request) { t.Errorf("served: %s %s", r.Verb, r.Args) })
	folder, err := openFolder(service)
	if err != nil {
		t.Fatal(err)
	}
	defer folder.Close()
	client := http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return net.Dial("unix", folder.path("me"))
	}}}
	defer client.CloseIdleConnections()
	later, before := time.Now().Add(time.Hour).Format(time.RFC3339Nano), time.Now().Add(-time.Second).Format(time.RFC3339Nano)
	for _, c := range []struct {
		method, deadline, body string
		status                 int
	}{
		{"GET", later, "null", 400}, {"POST", "", "null", 400}, {"POST", "soon", "null", 400}, {"POST", later, "{", 400},
		{"POST", later, "", 400}, {"POST", later, `"` + strings.Repeat("a", argsMax) + `"`, 400}, {"POST", before, "null", 504},
	} {
		request, err := http.NewRequest(c.method, "http://agent/restart", strings.NewReader(c.body))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set(deadlineHeader, c.deadline)
		response, err := client.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != c.status {
			t.Errorf("%s %q %.10q: %s", c.method, c.deadline, c.body, response.Status)
		}
	}
}
