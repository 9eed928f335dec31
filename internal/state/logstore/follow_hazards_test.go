package logstore

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// Lines written one by one, in chunks, across rotation, by writers that come and go: each is seen once and in order.
func TestFollowAcrossRotationAndRestart(t *testing.T) {
	dir := t.TempDir()
	f := follow(t, dir, Query{})
	g := follow(t, dir, Query{Tail: -1, Stream: Stdout})
	n := 0
	for run := range 20 {
		w := mustOpen(t, dir, Options{SegmentSize: 2000, SegmentsKept: 1000})
		for i := range 20 {
			say(t, w, Stdout, joined(numbered(n+1, n+1+i)))
			n += i + 1
			if i%5 == 0 {
				time.Sleep(pollInterval / 20)
			}
		}
		if run%2 == 0 {
			w.Close()
			continue
		}
		// As kill -9 leaves it: half a record, at times as long as the line that comes next.
		w.Close()
		names, _ := segmentsOf(t, dir)
		h, err := os.OpenFile(filepath.Join(dir, names[len(names)-1]), os.O_WRONLY|os.O_APPEND, 0)
		if err != nil {
			t.Fatal(err)
		}
		h.WriteString(strings.Repeat("z", headerLen+len(fmt.Sprintf("line %d\n", n+1))))
		h.Close()
		if run%3 == 0 {
			time.Sleep(2 * pollInterval) // the follower sees it
		}
	}
	f.want(numbered(1, n)...)
	g.wait(1)
	got := g.end()
	wantTexts(t, got, numbered(n+1-len(got), n)...)
	wantOrdered(t, f.end())
}

// The half record and what is written in its place may be of the same length.
func TestFollowSeesWhatReplacesHalfARecord(t *testing.T) {
	dir := raw(t, rec(0, Stdout, tagFull, "a")+strings.Repeat("z", headerLen+2))
	f := follow(t, dir, Query{})
	f.want("a")
	w := mustOpen(t, dir, Options{})
	say(t, w, Stdout, "b\n")
	f.want("a", "b")
}

// A corrupt end that the repair cuts off does not make a follower begin again.
func TestFollowAcrossARepair(t *testing.T) {
	for _, torn := range []string{strings.Repeat("\x00", 3*blockSize), x(3 * blockSize)} {
		dir := raw(t, rec(0, Stdout, tagFull, "a")+torn)
		f := follow(t, dir, Query{Grep: regexp.MustCompile("^.$")})
		f.want("a")
		w := mustOpen(t, dir, Options{})
		f.want("a")
		say(t, w, Stdout, "b\n")
		f.want("a", "b")
	}
}

// Lines that are written between a look at the segment and a look for the next one, in small segments and as fast as it
// goes.
func TestFollowerBesideRotation(t *testing.T) {
	const n = 10000
	dir := t.TempDir()
	w := mustOpen(t, dir, Options{SegmentSize: 200, SegmentsKept: n})
	f, _, err := newFollower(Source{Dir: dir}, Query{})
	if err != nil {
		t.Fatal(err)
	}
	defer f.close()
	go func() {
		c := newCapture(w, Stdout)
		for _, line := range numbered(1, n) {
			c.add([]byte(line + "\n"))
		}
	}()
	var got []Entry
	for len(got) < n && (len(got) == 0 || string(got[len(got)-1].Text) != numbered(n, n)[0]) {
		if _, err := f.step(); err != nil {
			t.Fatal(err)
		}
		got = append(got, f.take()...)
	}
	wantTexts(t, got, numbered(1, n)...)
}

// What a writer could not cut off at the end of a segment is a line when there is a next one.
func TestFollowAfterATornSegment(t *testing.T) {
	dir := raw(t, rec(0, Stdout, tagFull, "a")+"half")
	f := follow(t, dir, Query{})
	f.want("a")
	os.WriteFile(segmentPath(dir, 2), []byte(rec(1, Stdout, tagFull, "b")), 0o600)
	f.want("a", "half", "b")
}

// A reader that was too slow is told so, once for each gap.
func TestFollowSaysWhatItMissed(t *testing.T) {
	dir := t.TempDir()
	w := mustOpen(t, dir, Options{SegmentSize: 100, SegmentsKept: 2, now: ticking(time.Second)})
	say(t, w, Stdout, "line 1\n")
	proceed, stuck := make(chan bool), make(chan bool)
	var got []Entry
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error)
	go func() {
		done <- followOne(ctx, dir, Query{Stream: Stdout, Grep: regexp.MustCompile("line")}, func(e Entry) error {
			got = append(got, e)
			if len(got) == 1 {
				close(stuck)
				<-proceed
			}
			if string(e.Text) == "line 101" {
				stop()
			}
			return nil
		})
	}()
	<-stuck
	say(t, w, Stdout, joined(numbered(2, 100))) // two in a segment, the first has one more
	close(proceed)
	say(t, w, Stdout, "line 101\n")
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if len(got) < 4 || string(got[0].Text) != "line 1" || string(got[1].Text) != "line 2" || got[2].Stream != Stderr ||
		!regexp.MustCompile(`^\[stack\] lines skipped: \d+ segments of the log were deleted before they were read$`).Match(got[2].Text) {
		t.Fatalf("got %q", texts(got))
	}
	wantTexts(t, got[3:], numbered(101-len(got[3:])+1, 101)...)
	wantOrdered(t, got)
}

// Somebody empties the log or the volume.
func TestFollowWhenTheStoreBeginsAnew(t *testing.T) {
	t.Run("the folder is deleted", func(t *testing.T) {
		dir := filepath.Join(t.TempDir(), "logs")
		w := mustOpen(t, dir, Options{SegmentSize: 50})
		say(t, w, Stdout, "a\nb\nc\n")
		f := follow(t, dir, Query{})
		f.want("a", "b", "c")
		w.Close()
		os.RemoveAll(dir)
		time.Sleep(2 * pollInterval)
		w = mustOpen(t, dir, Options{SegmentSize: 50})
		say(t, w, Stdout, "d\ne\n")
		f.want("a", "b", "c", "d", "e")
		w.Close()
		os.RemoveAll(dir) // and again, with the same segments there when it looks
		w = mustOpen(t, dir, Options{SegmentSize: 50})
		say(t, w, Stdout, "f\ng\n")
		f.want("a", "b", "c", "d", "e", "f", "g")
	})
	t.Run("truncate -s0", func(t *testing.T) { // moby#45728
		dir := t.TempDir()
		w := mustOpen(t, dir, Options{})
		say(t, w, Stdout, "a longer line\n")
		f := follow(t, dir, Query{})
		f.want("a longer line")
		os.Truncate(segmentPath(dir, 1), 0)
		say(t, w, Stdout, "b\n")
		f.want("a longer line", "b")
	})
}
