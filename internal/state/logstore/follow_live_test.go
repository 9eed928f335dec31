package logstore

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"
)

func TestFollowLinesInPieces(t *testing.T) {
	dir := t.TempDir()
	w := mustOpen(t, dir, Options{})
	c := newCapture(w, Stdout)
	c.add([]byte(x(maxText+1) + "y"))
	f := follow(t, dir, Query{})
	time.Sleep(2 * pollInterval)
	c.add([]byte("z\n"))
	f.want(x(maxText+1) + "yz")

	prompt := func(s string) { // as flushPrompt does after a while
		c.add([]byte(s))
		w.mu.Lock()
		w.endLine(c, tagPartial)
		w.mu.Unlock()
	}
	prompt("name: ")
	f.want(x(maxText+1)+"yz", "name: ")
	if !f.entries()[1].Partial {
		t.Error("a prompt is not Partial")
	}
	say(t, w, Stderr, "err\n")
	c.add([]byte("me\n"))
	f.want(x(maxText+1)+"yz", "name: ", "err", "me")
	prompt("sure? ")
	f.wait(5)
	c.add([]byte("\n")) // ends a line that was shown: nothing more to show
	say(t, w, Stdout, "end\n")
	f.want(x(maxText+1)+"yz", "name: ", "err", "me", "sure? ", "end")
	wantTexts(t, mustTail(t, dir, Query{}), x(maxText+1)+"yz", "err", "name: me", "sure? ", "end")

	// A writer that dies in the middle of a line.
	c.add([]byte(x(maxText) + "lost"))
	w.Close()
	f.want(x(maxText+1)+"yz", "name: ", "err", "me", "sure? ", "end", x(maxText))
}

// Readers of all kinds beside a writer that rotates; for the race detector, and for what they see.
func TestConcurrentReaders(t *testing.T) {
	dir := t.TempDir()
	const n = 30000
	w := mustOpen(t, dir, Options{SegmentSize: 20000, SegmentsKept: 5000})
	f := []*running{follow(t, dir, Query{}), follow(t, dir, Query{Tail: 10}), follow(t, dir, Query{Tail: -1})}
	stop := make(chan bool)
	var tails sync.WaitGroup
	for i := range 3 {
		tails.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				es, err := Tail(dir, Query{Tail: 100 * i})
				if err != nil {
					t.Error(err)
					return
				}
				for j := 1; j < len(es); j++ {
					if number(append(es[j].Text, ' ')) != number(append(es[j-1].Text, ' '))+1 {
						t.Errorf("%q comes after %q", es[j].Text, es[j-1].Text)
						return
					}
				}
			}
		})
	}
	say(t, w, Stdout, joined(numbered(1, n)))
	f[0].wait(n)
	close(stop)
	tails.Wait()
	// The last one may have begun late, to wait for what comes now.
	last := n
	for _, r := range f {
		for es := r.entries(); len(es) == 0 || string(es[len(es)-1].Text) != numbered(last, last)[0]; es = r.entries() {
			last++
			say(t, w, Stdout, joined(numbered(last, last)))
			time.Sleep(2 * pollInterval)
		}
		got := r.end()
		wantTexts(t, got, numbered(last+1-len(got), last)...)
	}
}

// A reader that does not read does not keep the writer from writing.
func TestSlowReaderDoesNotSlowTheWriter(t *testing.T) {
	dir := t.TempDir()
	w := mustOpen(t, dir, Options{SegmentSize: 20000, SegmentsKept: 2})
	say(t, w, Stdout, "line 0\n")
	stuck, release := make(chan bool), make(chan bool)
	done := make(chan error)
	go func() {
		first := true
		done <- followOne(context.Background(), dir, Query{}, func(e Entry) error {
			if first {
				first = false
				close(stuck)
				<-release
			}
			if string(e.Text) == "line 30000" {
				return errors.New("seen")
			}
			return nil
		})
	}()
	<-stuck
	say(t, w, Stdout, joined(numbered(1, 30000))) // would never end
	close(release)
	if err := <-done; err == nil || err.Error() != "seen" {
		t.Fatal(err)
	}
}
