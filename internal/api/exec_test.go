//go:build root

package api

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"os"
	"runtime"
	"strings"
	"testing"

	"dagger/stack/internal/socket"
)

// execution is a command that is asked for over the API.
type execution struct {
	query url.Values
	stdin string
}

func (e execution) request() request {
	return request{method: http.MethodPost, path: base + "/services/backend/exec?" + e.query.Encode(), body: e.stdin}
}

type execAnswer struct {
	ExitCode             int
	Signal               string
	TimedOut             bool
	Stdout, Stderr       string
	StdoutCut, StderrCut int64
}

func TestExec(t *testing.T) {
	s := serve(t, Config{})
	s.startAgent()
	query := func(command string, more ...string) url.Values {
		v := url.Values{"command": {command}}
		for i := 0; i < len(more); i += 2 {
			v.Add(more[i], more[i+1])
		}
		return v
	}
	for _, c := range []struct {
		ask  execution
		want execAnswer
	}{
		{execution{query("sh -c 'echo out; echo err >&2; exit 3'"), ""}, execAnswer{ExitCode: 3, Stdout: "out\n", Stderr: "err\n"}},
		{execution{query("sh -c 'echo $A $B; pwd'", "env", "A=1", "env", "B=2", "workingDir", "/tmp"), ""}, execAnswer{Stdout: "1 2\n/tmp\n"}},
		{execution{query("cat"), "from the body"}, execAnswer{Stdout: "from the body"}},
		{execution{query("cat"), ""}, execAnswer{}},
		{execution{query("true"), strings.Repeat("nobody reads this", 1<<16)}, execAnswer{}},
		{execution{query("sleep 60", "timeout", "100ms"), ""}, execAnswer{ExitCode: 137, Signal: "SIGKILL", TimedOut: true}},
		{execution{query("head -c 1048579 /dev/zero"), ""}, execAnswer{Stdout: strings.Repeat("\x00", 1<<20), StdoutCut: 3}},
	} {
		r := c.ask.request()
		r.headers = s.bearer()
		response, body := s.do(r)
		var got execAnswer
		if err := json.Unmarshal([]byte(body), &got); err != nil || response.StatusCode != 200 || got != c.want {
			t.Errorf("%v: %d %.300s", c.ask.query, response.StatusCode, body)
		}
	}
	for _, c := range []struct {
		ask    execution
		status int
		want   string
	}{
		{execution{query("no-such-program"), ""}, 400, `command \"no-such-program\": not found`},
		{execution{nil, `{"command": "true"}`}, 400, "command: want the command in the query"},
		{execution{query("sh -c 'open"), ""}, 400, "needs a shell"},
		{execution{query("true", "timeout", "soon"), ""}, 400, `timeout \"soon\": want a duration`},
		{execution{query("true", "env", "1=2"), ""}, 400, `variable name \"1\"`},
		{execution{query("true", "reveal", "perhaps"), ""}, 400, `reveal \"perhaps\": want true or false`},
		{execution{query("true", "user", "root"), ""}, 400, `parameter \"user\" is not known: want one of command, env, workingDir, timeout, reveal`},
		{execution{query("true", "command", "false"), ""}, 400, `parameter \"command\" is given 2 times`},
	} {
		r := c.ask.request()
		if response, _ := s.do(r); response.StatusCode != 401 {
			t.Errorf("without the token: %d", response.StatusCode)
		}
		r.headers = s.bearer()
		if response, body := s.do(r); response.StatusCode != c.status || !strings.Contains(body, c.want) {
			t.Errorf("%v: %d %s", c.ask.query, response.StatusCode, body)
		}
	}
}

// stream runs a command whose output comes while it runs.
func (s *served) stream(ctx context.Context, command string, stdin io.Reader) *http.Response {
	s.Helper()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url+base+"/services/backend/exec?"+url.Values{"command": {command}}.Encode(), stdin)
	if err != nil {
		s.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+s.Token)
	r.Header.Set("Accept", "application/vnd.docker.multiplexed-stream, */*;q=0.1")
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		s.Fatal(err)
	}
	s.Cleanup(func() { response.Body.Close() })
	if kind := response.Header.Get("Content-Type"); response.StatusCode != 200 || kind != multiplexed {
		s.Fatal(response.StatusCode, kind)
	}
	return response
}

// 256 MiB go in and come out at the same time, all of them, and the server does not hold them.
func TestExecStreams(t *testing.T) {
	s := serve(t, Config{})
	s.startAgent()
	const size = 256 << 20
	seed := make([]byte, 1<<20)
	_, _ = rand.Read(seed)
	response := s.stream(t.Context(), "sh -c 'cat; echo done >&2; exit 7'", io.LimitReader(&repeated{seed: seed}, size))
	want, stderr, got := &repeated{seed: seed}, "", 0
	for {
		kind, text, err := socket.ReadFrame(response.Body)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(got, err)
		}
		if kind == socket.FrameStderr {
			stderr += string(text)
			continue
		}
		expected := make([]byte, len(text))
		_, _ = io.ReadFull(want, expected)
		if kind != socket.FrameStdout || !bytes.Equal(text, expected) {
			t.Fatalf("piece %d after %d bytes is another", kind, got)
		}
		got += len(text)
	}
	if code := response.Trailer.Get(exitCodeHeader); got != size || stderr != "done\n" || code != "7" {
		t.Errorf("%d bytes, %q, exit code %q", got, stderr, code)
	}
	var memory runtime.MemStats
	if runtime.ReadMemStats(&memory); memory.Sys > size/2 {
		t.Errorf("%d bytes of memory", memory.Sys)
	}
}

type repeated struct {
	seed []byte
	at   int
}

func (r *repeated) Read(text []byte) (int, error) {
	n := copy(text, r.seed[r.at:])
	r.at = (r.at + n) % len(r.seed)
	return n, nil
}

// The output comes while the command runs; a client that leaves ends it, also in the middle of its stdin.
func TestExecIsLive(t *testing.T) {
	s := serve(t, Config{})
	s.startAgent()
	stdin, write := io.Pipe()
	defer write.Close()
	ctx, leave := context.WithCancel(t.Context())
	response := s.stream(ctx, "sh -c 'echo $$ > /tmp/api-exec-pid; while read line; do echo got $line; done'", stdin)
	for _, word := range []string{"one", "two"} {
		_, _ = io.WriteString(write, word+"\n")
		if _, text, err := socket.ReadFrame(response.Body); err != nil || string(text) != "got "+word+"\n" {
			t.Fatalf("%q %v", text, err)
		}
	}
	leave()
	until(t, "the end of the command", func() bool {
		r := execution{query: url.Values{"command": {"sh -c 'kill -0 $(cat /tmp/api-exec-pid)'"}}}.request()
		r.headers = s.bearer()
		_, body := s.do(r)
		return strings.Contains(body, `"exitCode":1`)
	})
	until(t, "a free place", func() bool { return len(s.execs) == 0 })
}

// More commands than there is room for are refused.
func TestExecsAreBounded(t *testing.T) {
	s := serve(t, Config{})
	s.startAgent()
	stdin, write := io.Pipe()
	for range execsAtOnce {
		s.stream(t.Context(), "cat", stdin)
	}
	r := execution{query: url.Values{"command": {"true"}}}.request()
	r.headers = s.bearer()
	if response, body := s.do(r); response.StatusCode != 503 || !strings.Contains(body, "too_many_commands") {
		t.Errorf("%d %s", response.StatusCode, body)
	}
	write.Close()
	until(t, "a free place", func() bool {
		response, _ := s.do(r)
		return response.StatusCode == 200
	})
}

// A hundred commands, one after the other, some of which are left in their middle, leave no file, no goroutine and no place taken.
func TestExecsLeaveNothing(t *testing.T) {
	s := serve(t, Config{})
	s.startAgent()
	left := func() (files, routines int) {
		http.DefaultClient.CloseIdleConnections()
		open, err := os.ReadDir("/proc/self/fd")
		if err != nil {
			t.Fatal(err)
		}
		return len(open), runtime.NumGoroutine()
	}
	run := func() {
		r := execution{url.Values{"command": {"cat"}}, "stdin"}.request()
		r.headers = s.bearer()
		if _, body := s.do(r); !strings.Contains(body, `"stdout":"stdin"`) {
			t.Error(body)
		}
		ctx, leave := context.WithCancel(t.Context())
		response := s.stream(ctx, "sh -c 'echo begun; exec sleep 60'", nil)
		if _, text, err := socket.ReadFrame(response.Body); string(text) != "begun\n" {
			t.Error(string(text), err)
		}
		leave()
		response.Body.Close()
	}
	run()
	until(t, "a free place", func() bool { return len(s.execs) == 0 })
	files, routines := left()
	for range 50 {
		run()
	}
	until(t, "nothing is left", func() bool {
		f, r := left()
		return len(s.execs) == 0 && f <= files && r <= routines
	})
}
