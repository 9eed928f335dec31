package command

import (
	"bytes"
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"dagger/stack/internal/state"
)

// One service says where `up` shows it that the gateway is gone, and that it is back.
func TestWatchGateway(t *testing.T) {
	stack := state.At(t.TempDir())
	if err := stack.WriteRun(state.Run{Services: []string{"redis", "web"}, Session: "s"}); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	said := map[string]*terminal{"redis": {}, "web": {}}
	done := make(chan struct{})
	for service, out := range said {
		go func() { watchGateway(ctx, stack, service, "s", out); done <- struct{}{} }()
	}
	// until the first service says so, the gateway is as old as that.
	until := func(says string, age time.Duration) {
		t.Helper()
		for deadline := time.Now().Add(time.Minute); !strings.Contains(said["redis"].String(), says); time.Sleep(100 * time.Millisecond) {
			if err := stack.WriteGateway(state.Gateway{Session: "s", Updated: time.Now().Add(-age)}); err != nil || time.Now().After(deadline) {
				t.Fatalf("%q is not said, %v", says, err)
			}
		}
	}
	until("the gateway has ended", time.Minute)
	until("the gateway is back", 0)
	cancel()
	<-done
	<-done
	if text := said["redis"].String(); strings.Count(text, "the gateway has ended") != 1 || strings.Count(text, "the gateway is back") != 1 {
		t.Errorf("the first service says %q", text)
	}
	if text := said["web"].String(); text != "" {
		t.Errorf("another says it too: %q", text)
	}
}

// terminal keeps what is written to it.
type terminal struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (t *terminal) Write(text []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.text.Write(text)
}

func (t *terminal) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.text.String()
}
