//go:build root

package agent

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"dagger/stack/internal/control"
	"dagger/stack/internal/protocol"
	"dagger/stack/internal/spec"
	"dagger/stack/internal/state"
)

// terminal is one that somebody has open in a service.
type terminal struct {
	*running
	*control.Command
	mu     sync.Mutex
	screen bytes.Buffer
	ended  chan protocol.ExecResult
}

func (t *terminal) Write(text []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.screen.Write(text)
}

func (r *running) open(command ...string) *terminal {
	r.Helper()
	stack := control.Client{Name: "test", State: state.At(r.State)}
	request := control.ExecRequest{Service: r.Service.Name, Command: command, Input: true, Terminal: &protocol.Size{Rows: 20, Columns: 70}}
	opened, err := stack.Start(r.Context(), request)
	if err != nil {
		r.Fatal(err)
	}
	r.Cleanup(func() { opened.Close() })
	t := &terminal{running: r, Command: opened, ended: make(chan protocol.ExecResult, 1)}
	go func() {
		result, _ := opened.Wait(r.Context(), t, t)
		t.ended <- result
	}()
	return t
}

// types types, and waits until something is on the screen.
func (t *terminal) types(keys, want string) {
	t.Helper()
	if err := t.Type([]byte(keys)); err != nil {
		t.Fatal(err)
	}
	t.until(want, func() bool {
		t.mu.Lock()
		defer t.mu.Unlock()
		return strings.Contains(t.screen.String(), want)
	})
}

// A shell has a terminal of the size that is said, answers letter by letter, and handles Ctrl-C and Ctrl-D.
func TestTerminal(t *testing.T) {
	r := newTest(t, script(`exec sleep 60`)).start()
	r.untilHealthy()
	shell := r.open("sh", "-i")
	shell.types("stty size; echo $TERM; tty\n", "20 70\r\nxterm-256color\r\n/dev/pts/")
	if err := shell.Resize(protocol.Size{Rows: 33, Columns: 99}); err != nil {
		t.Fatal(err)
	}
	shell.types("stty size\n", "33 99")
	shell.types("ech", "ech")
	shell.types("o $((40 + 2))\n", "42\r\n")
	shell.types("echo begun; sleep 78\n", "begun\r\n")
	r.until("sleep has the terminal", func() bool { return sleepers("78") == 1 })
	shell.types("\x03", "^C")
	shell.types("echo interrupted: $?\n", "interrupted: 130")
	shell.types("sleep 78 & echo started\n", "started\r\n")
	shell.types("exit 5\n", "exit")
	if result := <-shell.ended; result.Code != 5 {
		t.Errorf("%+v", result)
	}
	r.until("what it has left is gone", func() bool { return sleepers("78") == 0 })
}

// The end of the connection is that of the terminal, with each of its jobs; what the service runs stays.
func TestTerminalEndsWithItsCall(t *testing.T) {
	r := newTest(t, script(`exec sleep 61`)).start()
	r.untilHealthy()
	shell := r.open("sh", "-i")
	shell.types("set -m; (trap '' HUP; sleep 79) & sleep 79 & echo both\n", "both\r\n")
	shell.types("(trap '' HUP; sleep 79; true)\n", "true")
	r.until("the jobs run", func() bool { return sleepers("79") == 3 })
	shell.Close()
	r.until("they are gone", func() bool { return sleepers("79") == 0 })
	r.untilHealthy()
}

// What is printed is redacted; what is typed comes back letter by letter, also where a secret begins like it.
func TestTerminalIsRedacted(t *testing.T) {
	service := script(`exec sleep 60`)
	service.Process.Env = []spec.Variable{{Name: "KEY", Value: spec.Value{spec.SecretPart("key", spec.Plain)}}}
	r := newTest(t, service)
	if err := os.Mkdir(r.Secrets, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(r.Secrets, "key"), []byte("hush-hush-hush"), 0o600); err != nil {
		t.Fatal(err)
	}
	r.start().untilHealthy()
	shell := r.open("sh", "-i")
	shell.types("echo \"it is <$KEY>\"\n", "it is <***>")
	shell.types("hush-h", "hush-h")
}

// sleepers counts the processes that sleep for so many seconds.
func sleepers(seconds string) (all int) {
	paths, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, path := range paths {
		if text, err := os.ReadFile(path); err == nil && string(text) == "sleep\x00"+seconds+"\x00" {
			all++
		}
	}
	return all
}
