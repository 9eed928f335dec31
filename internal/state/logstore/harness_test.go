package logstore

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// epoch is where the clocks of tests begin.
var epoch = time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC)

// ticking returns a clock that goes on by a step at every look.
func ticking(step time.Duration) func() time.Time {
	now := epoch
	return func() time.Time {
		now = now.Add(step)
		return now
	}
}

func mustOpen(t testing.TB, dir string, o Options) *Writer {
	t.Helper()
	w, err := Open(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Close() })
	return w
}

// say captures a text as one chunk of its own process.
func say(t testing.TB, w *Writer, s Stream, text string) {
	t.Helper()
	if err := w.Copy(s, strings.NewReader(text)); err != nil {
		t.Fatal(err)
	}
}

// chunked gives one chunk a read.
type chunked struct{ chunks []string }

func (c *chunked) Read(b []byte) (int, error) {
	if len(c.chunks) == 0 {
		return 0, io.EOF
	}
	n := copy(b, c.chunks[0])
	if c.chunks[0] = c.chunks[0][n:]; c.chunks[0] == "" {
		c.chunks = c.chunks[1:]
	}
	return n, nil
}

func chunks(c ...string) io.Reader { return &chunked{slices.Clone(c)} }

func mustTail(t testing.TB, dir string, q Query) []Entry {
	t.Helper()
	es, err := Tail(dir, q)
	if err != nil {
		t.Fatal(err)
	}
	return es
}

func texts(es []Entry) []string {
	list := []string{}
	for _, e := range es {
		list = append(list, string(e.Text))
	}
	return list
}

// wantTexts compares what a test is about: the texts, in order.
func wantTexts(t testing.TB, got []Entry, want ...string) {
	t.Helper()
	if g := texts(got); !slices.Equal(g, append([]string{}, want...)) {
		t.Fatalf("got  %s\nwant %s", brief(g), brief(want))
	}
}

// brief shows texts, long ones cut.
func brief(list []string) string {
	var b strings.Builder
	for i, s := range list {
		if i == 40 {
			fmt.Fprintf(&b, " … %d in all", len(list))
			break
		}
		if len(s) > 60 {
			s = fmt.Sprintf("%s…[%d]", s[:60], len(s))
		}
		fmt.Fprintf(&b, " %q", s)
	}
	return b.String()
}

// numbered returns the lines "line from" … "line to".
func numbered(from, to int) []string {
	var list []string
	for i := from; i <= to; i++ {
		list = append(list, fmt.Sprintf("line %d", i))
	}
	return list
}

func joined(lines []string) string { return strings.Join(lines, "\n") + "\n" }

// segmentsOf returns the names and contents of the segments.
func segmentsOf(t testing.TB, dir string) (names []string, contents [][]byte) {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, "*.log"))
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range paths {
		b, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		names, contents = append(names, filepath.Base(p)), append(contents, b)
	}
	return names, contents
}

// raw writes segments with any content, numbered from 1.
func raw(t testing.TB, segments ...string) string {
	t.Helper()
	dir := t.TempDir()
	for i, s := range segments {
		if err := os.WriteFile(segmentPath(dir, uint64(i+1)), []byte(s), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// rec is a record of the second that many seconds after epoch.
func rec(second int, s Stream, tag byte, text string) string {
	return string(appendRecord(nil, epoch.Add(time.Duration(second)*time.Second), s, tag, []byte(text)))
}

// wantOrdered checks that times do not go backwards.
func wantOrdered(t testing.TB, es []Entry) {
	t.Helper()
	for i := 1; i < len(es); i++ {
		if es[i].Time.Before(es[i-1].Time) {
			t.Fatalf("entry %d of %v comes after %v", i, es[i].Time, es[i-1].Time)
		}
	}
}

func x(n int) string { return string(bytes.Repeat([]byte("x"), n)) }

// number is the number in "line 12 …", 0 for another text.
func number(text []byte) int {
	var n int
	fmt.Sscanf(string(text), "line %d ", &n)
	return n
}

func longLines(from, to int) string {
	var b strings.Builder
	for i := from; i <= to; i++ {
		fmt.Fprintf(&b, "line %d %s\n", i, x(100))
	}
	return b.String()
}

// followOne is FollowAll over one store.
func followOne(ctx context.Context, dir string, q Query, emit func(Entry) error) error {
	return FollowAll(ctx, []Source{{Dir: dir}}, q, emit)
}
