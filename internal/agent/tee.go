package agent

import (
	"fmt"
	"io"
	"sync"

	"dagger/stack/internal/state/logstore"
)

// tee passes what a service prints while it starts on to the container's own output: it is what there is to see of a start
// that fails. The CLI keeps in memory all that comes there (more than a kilobyte for a line), for as long as the call runs. So
// later there are only the agent's notes: the log has the rest. Of a service without a probe nobody knows when it has started;
// what is passed on has a bound in any case. The engine may read slowly or not at all, and the log must not wait for it.
type tee struct {
	service string
	outputs map[logstore.Stream]io.Writer

	mu     sync.Mutex
	filled sync.Cond
	queue  []teed
	size   int  // of the queue
	left   int  // so much output is still passed on
	told   bool // that no more is
}

type teed struct {
	to   io.Writer
	data []byte
}

// teeSize is more than is read of a start, and less than anybody notices.
const teeSize = 256 << 10

func newTee(service string, stdout, stderr io.Writer) *tee {
	t := &tee{service: service, left: teeSize, outputs: map[logstore.Stream]io.Writer{logstore.Stdout: stdout, logstore.Stderr: stderr}}
	t.filled.L = &t.mu
	go t.run()
	return t
}

// output takes what the service printed.
func (t *tee) output(stream logstore.Stream, chunk []byte) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if part := chunk[:min(len(chunk), t.left)]; len(part) > 0 {
		t.left -= len(part)
		t.pass(stream, part)
	}
	if t.left == 0 && !t.told {
		t.told = true
		t.pass(logstore.Stderr, fmt.Appendf(nil, "\n[stack] what %s prints from here on is in its log: dagger call logs --service %s --follow\n", t.service, t.service))
	}
}

// note takes what the agent says.
func (t *tee) note(text []byte) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.pass(logstore.Stderr, text)
}

// started is for a service that was seen to work: it has no more of the service's output passed on.
func (t *tee) started() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.left = 0
}

func (t *tee) pass(stream logstore.Stream, text []byte) {
	if t.size > 2*teeSize {
		return // nobody reads
	}
	t.queue = append(t.queue, teed{t.outputs[stream], append([]byte(nil), text...)})
	t.size += len(text)
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
		t.size -= len(next.data)
		t.mu.Unlock()
		_, _ = next.to.Write(next.data)
	}
}
