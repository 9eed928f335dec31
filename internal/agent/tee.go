package agent

import (
	"bytes"
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
	rest    func() string // the command that shows what is not passed on
	outputs map[logstore.Stream]io.Writer

	mu     sync.Mutex
	filled sync.Cond
	queue  []teed
	size   int  // of the queue
	left   int  // so many bytes of output are still passed on
	lines  int  // and so many lines
	told   bool // that no more is
}

type teed struct {
	to   io.Writer
	data []byte
}

// teeSize and teeLines are more than is read of a start, and less than anybody notices: each line is a message of the engine's, and of many
// thousands at once the engine drops what does not fit its queues, the words of up among them.
const (
	teeSize  = 256 << 10
	teeLines = 1000
)

func newTee(service string, rest func() string, stdout, stderr io.Writer) *tee {
	t := &tee{service: service, rest: rest, left: teeSize, lines: teeLines, outputs: map[logstore.Stream]io.Writer{logstore.Stdout: stdout, logstore.Stderr: stderr}}
	t.filled.L = &t.mu
	go t.run()
	return t
}

// output takes what the service printed.
func (t *tee) output(stream logstore.Stream, chunk []byte) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if part := t.part(chunk); len(part) > 0 {
		t.left -= len(part)
		t.pass(stream, part)
	}
	if t.left == 0 && !t.told {
		t.told = true
		t.pass(logstore.Stderr, fmt.Appendf(nil, "\n[stack] what %s prints from here on is in its log: %s\n", t.service, t.rest()))
	}
}

// part is what of a chunk is still passed on. With the last of the lines, nothing is left.
func (t *tee) part(chunk []byte) []byte {
	part := chunk[:min(len(chunk), t.left)]
	end := 0
	for ; t.lines > 0; t.lines-- {
		line := bytes.IndexByte(part[end:], '\n') + 1
		if line == 0 {
			return part
		}
		end += line
	}
	t.left = end
	return part[:end]
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
