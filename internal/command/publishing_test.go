package command

import (
	"bytes"
	"context"
	"strings"
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
	beat := func(age time.Duration) {
		if err := stack.WriteGateway(state.Gateway{Session: "s", Updated: time.Now().Add(-age)}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(state.QuietHeartbeat + state.Heartbeat)
	}
	ctx, cancel := context.WithCancel(t.Context())
	said := map[string]*bytes.Buffer{"redis": {}, "web": {}}
	done := make(chan struct{})
	for service, out := range said {
		go func() { watchGateway(ctx, stack, service, "s", out); done <- struct{}{} }()
	}
	beat(time.Minute)
	beat(0)
	cancel()
	<-done
	<-done
	if text := said["redis"].String(); strings.Count(text, "the gateway has ended") != 1 || strings.Count(text, "the gateway is back") != 1 {
		t.Errorf("the first service says %q", text)
	}
	if said["web"].Len() > 0 {
		t.Errorf("another says it too: %q", said["web"])
	}
}
