package logstore

import (
	"bytes"
	"regexp"
	"strings"
	"testing"
	"time"
)

// A line of more than 1 MiB comes in parts that make up the whole.
func TestLineWithoutEndIsBounded(t *testing.T) {
	dir := t.TempDir()
	w := mustOpen(t, dir, Options{})
	text := make([]byte, 5<<20+777)
	for i := range text {
		text[i] = byte('a' + i%26)
	}
	say(t, w, Stdout, "before\n")
	w.Copy(Stdout, bytes.NewReader(append(bytes.Clone(text), '\n')))
	say(t, w, Stdout, "after\n")
	var got []byte
	es := mustTail(t, dir, Query{})
	for _, e := range es[1 : len(es)-1] {
		if len(e.Text) > joinMax {
			t.Fatalf("a part has %d bytes", len(e.Text))
		}
		got = append(got, e.Text...)
		if more := len(got) < len(text); e.Partial != more {
			t.Fatalf("Partial is %v after %d bytes", e.Partial, len(got))
		}
	}
	if !bytes.Equal(got, text) {
		t.Fatalf("got %d bytes, want %d", len(got), len(text))
	}
	wantTexts(t, mustTail(t, dir, Query{Tail: 1}), "after")
	if es := mustTail(t, dir, Query{Tail: 2}); !bytes.HasSuffix(text, es[0].Text) || es[0].Partial {
		t.Fatal("the tail is not the end of the line")
	}
}

// Pieces are of one line as long as they are near each other, in the log or in time.
func TestPiecesFarApart(t *testing.T) {
	between := func(n int) string { return strings.Repeat(rec(n, Stderr, tagFull, x(1000)), joinReach/1000+10) }
	few := rec(0, Stderr, tagFull, "few")
	for _, c := range []struct {
		between string
		seconds int
		want    []string
	}{
		{few, 1000, []string{"ab", "c"}},
		{between(1), 1, []string{"ab", "c"}},
		{between(3), 3, []string{"a", "b", "c"}},
	} {
		dir := raw(t, rec(0, Stdout, tagPartial, "a")+c.between, rec(c.seconds, Stdout, tagFull, "b"), rec(c.seconds, Stdout, tagFull, "c"))
		for tail := range 4 {
			want := c.want
			if tail > 0 {
				want = want[max(0, len(want)-tail):]
			}
			wantTexts(t, mustTail(t, dir, Query{Tail: tail, Stream: Stdout}), want...)
		}
		wantTexts(t, mustTail(t, dir, Query{Tail: 2})[1:], "c")
	}
}

// The beginning of a line may be what a search finds, though it is far before what is read first.
func TestGrepFindsTheBeginningOfALine(t *testing.T) {
	dir := raw(t, rec(0, Stderr, tagPartial, "needle, ")+strings.Repeat(rec(1, Stdout, tagFull, "hay"), 2000)+
		rec(2, Stdout, tagFull, "needle one")+rec(3, Stderr, tagFull, "its end")+rec(4, Stdout, tagFull, "needle two"))
	for tail, want := range [][]string{
		{"needle one", "needle, its end", "needle two"},
		{"needle two"},
		{"needle, its end", "needle two"},
		{"needle one", "needle, its end", "needle two"},
	} {
		wantTexts(t, mustTail(t, dir, Query{Tail: tail, Grep: regexp.MustCompile("needle")}), want...)
	}
	wantTexts(t, mustTail(t, dir, Query{Since: second(2), Grep: regexp.MustCompile("needle")}), "needle one", "needle, its end", "needle two")
}

// A follower that comes in the middle of a line gets all of it.
func TestFollowFromTheMiddleOfALongLine(t *testing.T) {
	for _, tail := range []int{-1, 1} {
		dir := t.TempDir()
		w := mustOpen(t, dir, Options{})
		c := newCapture(w, Stdout)
		c.add([]byte("first\n" + x(30*maxText)))
		f := follow(t, dir, Query{Tail: tail})
		time.Sleep(2 * pollInterval)
		c.add([]byte("end\n"))
		if want := []string{"first", x(30*maxText) + "end"}; tail > 0 {
			f.want(want...)
		} else {
			f.want(want[1:]...)
		}
	}
}
