package agent

import (
	"fmt"
	"io"
	"sync"

	"dagger/stack/internal/state/logstore"
)

// tee passes the service's output on to the container's own, for the engine's log. The engine may read slowly or
// not at all, and the log store must not wait for it: what does not fit into the buffer is dropped and counted.
type tee struct {
	mu      sync.Mutex
	filled  sync.Cond
	queue   []teed
	size    int
	dropped int
}

type teed struct {
	to   io.Writer
	data []byte
}

// teeSize is Docker's for its non-blocking mode (moby daemon/logger/ring.go).
const teeSize = 1 << 20

type teePair struct {
	*tee
	outputs map[logstore.Stream]io.Writer
}

func newTee(stdout, stderr io.Writer) teePair {
	t := &tee{}
	t.filled.L = &t.mu
	go t.run()
	return teePair{t, map[logstore.Stream]io.Writer{logstore.Stdout: stdout, logstore.Stderr: stderr}}
}

// pass queues a copy of the chunk.
func (t teePair) pass(stream logstore.Stream, chunk []byte) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.size+len(chunk) > teeSize {
		t.dropped += len(chunk)
		return
	}
	if t.dropped > 0 {
		note := fmt.Appendf(nil, "[stack] %d bytes of output are in the stack's log only\n", t.dropped)
		t.queue = append(t.queue, teed{t.outputs[logstore.Stderr], note})
		t.dropped = 0
	}
	t.queue = append(t.queue, teed{t.outputs[stream], append([]byte(nil), chunk...)})
	t.size += len(chunk)
	t.filled.Signal()
}

func (t *tee) run() {
	for {
		t.mu.Lock()
		for len(t.queue) == 0 {
			t.filled.Wait()
		}
		next := t.queue[0]
		t.queue = t.queue[1:]
		t.size -= min(t.size, len(next.data))
		t.mu.Unlock()
		_, _ = next.to.Write(next.data)
	}
}
