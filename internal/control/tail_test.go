package control

import (
	"context"
	"fmt"
	"testing"

	"dagger/stack/internal/state"
	"dagger/stack/internal/state/logstore"
)

// Whoever asks for a tail is told whether it is all that matches.
func TestLogsSayWhetherThereAreMore(t *testing.T) {
	client := Client{Name: "shop", State: state.At(t.TempDir())}
	if err := client.State.WriteRun(state.Run{Stack: client.Name, Services: []string{"web"}}); err != nil {
		t.Fatal(err)
	}
	log, err := logstore.Open(client.State.Service("web").Logs(), logstore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 20 {
		log.Note(fmt.Sprintf("line %d", i))
	}
	if err := log.Close(); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		request LogsRequest
		lines   int
		more    bool
	}{
		{LogsRequest{Tail: 5}, 5, true},
		{LogsRequest{Tail: 20}, 20, false},
		{LogsRequest{Tail: 10, Grep: "line 1"}, 10, true},
		{LogsRequest{Tail: 11, Grep: "line 1"}, 11, false},
		{LogsRequest{Tail: AllLines}, 20, false},
	} {
		c.request.Service = "web"
		log, err := client.Logs(c.request)
		if err != nil {
			t.Fatal(err)
		}
		lines := 0
		more, err := log.Each(context.Background(), func(*logstore.Entry) error { lines++; return nil })
		if err != nil || lines != c.lines || more != c.more {
			t.Errorf("%+v: %d lines, more %v, %v", c.request, lines, more, err)
		}
	}
}
