package logstore

import (
	"fmt"
	"math/rand/v2"
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"
)

func second(n int) time.Time { return epoch.Add(time.Duration(n) * time.Second) }

// The cases of moby's suite for every log driver (daemon/logger/loggertest), and more.
func TestTail(t *testing.T) {
	long := x(maxText)
	type layout struct {
		name     string
		segments []string
	}
	records := []string{
		rec(0, Stdout, tagFull, "a message"),
		rec(10, Stdout, tagFull, "another message"),
		rec(20, Stderr, tagPartial, "to be..."),
		rec(20, Stdout, tagFull, ""),
		rec(21, Stderr, tagFull, "continued"),
		rec(30, Stderr, tagPartial, long),
		rec(30, Stderr, tagFull, " and its end"),
		rec(40, Stdout, tagFull, "the last message"),
	}
	all := []string{"a message", "another message", "", "to be...continued", long + " and its end", "the last message"}
	one := layout{"one segment", []string{strings.Join(records, "")}}
	each := layout{"a segment each", records}
	torn := layout{"one half written", []string{strings.Join(records, "") + rec(50, Stdout, tagFull, "half")[:42]}}
	rotated := layout{"just rotated", []string{strings.Join(records[:3], ""), strings.Join(records[3:], ""), ""}}

	for _, l := range []layout{one, each, torn, rotated} {
		dir := raw(t, l.segments...)
		for _, c := range []struct {
			name string
			q    Query
			want []string
		}{
			{"all", Query{}, all},
			{"exact", Query{Tail: len(all)}, all},
			{"less than there is", Query{Tail: 2}, all[4:]},
			{"joined at its beginning", Query{Tail: 3}, all[3:]},
			{"more than there is", Query{Tail: 100}, all},
			{"huge", Query{Tail: 1 << 62}, all},
			{"none", Query{Tail: -1}, nil},
			{"since", Query{Since: second(10)}, all[1:]},
			{"since between", Query{Since: second(9)}, all[1:]},
			{"since the middle of a line", Query{Since: second(21)}, all[3:]},
			{"since ever", Query{Since: second(-100)}, all},
			{"since later", Query{Since: second(41)}, nil},
			{"more than since", Query{Tail: 100, Since: second(10)}, all[1:]},
			{"less than since", Query{Tail: 2, Since: second(10)}, all[4:]},
			{"until", Query{Until: second(10)}, all[:2]},
			{"until before", Query{Until: second(-1)}, nil},
			{"until later", Query{Until: second(100)}, all},
			{"tail until", Query{Tail: 1, Until: second(39)}, all[4:5]},
			{"until the middle of a line", Query{Tail: 1, Until: second(20)}, []string{"to be..."}},
			{"since and until", Query{Since: second(10), Until: second(21)}, all[1:4]},
			{"since and until, tail", Query{Tail: 1, Since: second(10), Until: second(21)}, all[3:4]},
			{"since after until", Query{Since: second(30), Until: second(20)}, nil},
			{"stdout", Query{Stream: Stdout}, []string{all[0], all[1], all[2], all[5]}},
			{"stderr", Query{Stream: Stderr}, all[3:5]},
			{"tail of stderr", Query{Stream: Stderr, Tail: 1}, all[4:5]},
			{"grep", Query{Grep: regexp.MustCompile(`message$`)}, []string{all[0], all[1], all[5]}},
			{"grep over pieces", Query{Grep: regexp.MustCompile(`be\.\.\.con`)}, all[3:4]},
			{"tail of grep", Query{Grep: regexp.MustCompile(`message$`), Tail: 2}, []string{all[1], all[5]}},
			{"grep for nothing", Query{Grep: regexp.MustCompile(`nowhere`), Tail: 2}, nil},
			{"no such stream", Query{Stream: "stdin"}, nil},
		} {
			t.Run(l.name+"/"+c.name, func(t *testing.T) {
				es := mustTail(t, dir, c.q)
				wantTexts(t, es, c.want...)
				wantOrdered(t, es)
			})
		}
	}
}

func TestTailEntries(t *testing.T) {
	dir := raw(t, rec(1, Stdout, tagPartial, "a")+rec(2, Stderr, tagFull, "e")+rec(3, Stdout, tagFull, "b")+rec(4, Stdout, tagPartial, "? "))
	got := mustTail(t, dir, Query{})
	want := []Entry{
		{Time: second(2), Stream: Stderr, Text: []byte("e")},
		{Time: second(3), Stream: Stdout, Text: []byte("ab")},
		{Time: second(4), Stream: Stdout, Text: []byte("? "), Partial: true},
	}
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("got  %+v\nwant %+v", got, want)
	}
}

// A line that goes on stands where it was last written, so that entries stay in order of time.
func TestTailOfAWaitingLine(t *testing.T) {
	dir := raw(t, rec(1, Stdout, tagFull, "a")+rec(2, Stdout, tagPartial, "? ")+rec(2, Stderr, tagFull, "b")+rec(3, Stderr, tagFull, "c"))
	for tail, want := range [][]string{{"a", "b", "? ", "c"}, {"c"}, {"? ", "c"}, {"b", "? ", "c"}, {"a", "b", "? ", "c"}} {
		wantTexts(t, mustTail(t, dir, Query{Tail: tail}), want...)
	}
}

func TestTailOfNothing(t *testing.T) {
	for name, dir := range map[string]string{
		"no folder":         t.TempDir() + "/none",
		"an empty folder":   t.TempDir(),
		"an empty segment":  raw(t, ""),
		"empty segments":    raw(t, "", ""),
		"half a record":     raw(t, "2026-"),
		"NUL bytes":         raw(t, strings.Repeat("\x00", 200000)),
		"newlines":          raw(t, "\n\n\n"),
		"NULs and newlines": raw(t, strings.Repeat("\x00\n", 100000)),
	} {
		for _, q := range []Query{{}, {Tail: 1}, {Tail: 100, Since: second(0)}, {Until: second(0)}, {Since: second(1), Until: second(0)}} {
			if es := mustTail(t, dir, q); len(es) != 0 {
				t.Errorf("%s, %+v: got %q", name, q, texts(es))
			}
		}
	}
}

// randomStore writes a store of every kind of line in small segments.
func randomStore(t *testing.T, rng *rand.Rand) string {
	dir := t.TempDir()
	w := mustOpen(t, dir, Options{SegmentSize: 30000, SegmentsKept: 1000, now: ticking(time.Millisecond)})
	captures := []*capture{newCapture(w, Stdout), newCapture(w, Stderr)}
	for i := range 2000 {
		c := captures[min(1, rng.IntN(10)/9)]
		text := fmt.Sprintf("%d %s", i, x(rng.IntN(100)))
		switch rng.IntN(50) {
		case 0:
			text += x(rng.IntN(3 * maxText))
		case 1:
			c.add([]byte(text))
			w.mu.Lock()
			if len(c.line) > 0 {
				w.endLine(c, tagPartial)
			}
			w.mu.Unlock()
			continue
		}
		c.add([]byte(text + "\n"))
	}
	w.Close()
	if rng.IntN(2) == 0 { // and something corrupt
		names, contents := segmentsOf(t, dir)
		i := rng.IntN(len(names))
		from := rng.IntN(len(contents[i]))
		copy(contents[i][from:], make([]byte, rng.IntN(1000)))
		os.WriteFile(dir+"/"+names[i], contents[i], 0o600)
	}
	return dir
}

// However little of the log is read for a query, the answer is that of reading all of it.
func TestTailIsTheEndOfAll(t *testing.T) {
	for seed := range uint64(5) {
		rng := rand.New(rand.NewPCG(seed, 0))
		dir := randomStore(t, rng)
		all := mustTail(t, dir, Query{})
		for range 50 {
			q := Query{Tail: 1 + rng.IntN(300)}
			if rng.IntN(2) == 0 {
				q.Stream = []Stream{Stdout, Stderr}[rng.IntN(2)]
			}
			if rng.IntN(2) == 0 {
				q.Since = all[rng.IntN(len(all))].Time
			}
			if rng.IntN(2) == 0 {
				q.Until = all[rng.IntN(len(all))].Time
			}
			if rng.IntN(4) == 0 {
				q.Grep = regexp.MustCompile(fmt.Sprint(rng.IntN(100)))
			}
			var want []Entry
			for _, e := range all {
				if q.match(&e) {
					want = append(want, e)
				}
			}
			got := mustTail(t, dir, q)
			if !q.Until.IsZero() { // then a line that goes on at that time is there as far as it went
				got = withoutPartial(got)
				want = withoutPartial(want)
				want = want[max(0, len(want)-len(got)):]
			} else {
				want = want[max(0, len(want)-q.Tail):]
			}
			if len(got)+len(want) > 0 && !reflect.DeepEqual(got, want) {
				t.Fatalf("seed %d, %+v:\ngot  %s\nwant %s", seed, q, brief(texts(got)), brief(texts(want)))
			}
			whole := q
			whole.Tail = 0
			if n := len(mustTail(t, dir, whole)); len(mustTail(t, dir, q)) != min(n, q.Tail) {
				t.Fatalf("seed %d, %+v: %d entries of %d", seed, q, len(got), n)
			}
		}
	}
}

func withoutPartial(es []Entry) []Entry {
	var whole []Entry
	for _, e := range es {
		if !e.Partial {
			whole = append(whole, e)
		}
	}
	return whole
}

// bytesRead is how much this process has read with system calls.
func bytesRead(t *testing.T) int {
	b, err := os.ReadFile("/proc/self/io")
	if err != nil {
		t.Fatal(err)
	}
	var n int
	if _, err := fmt.Sscanf(string(b), "rchar: %d", &n); err != nil {
		t.Fatal(err)
	}
	return n
}

// The cost of a tail does not grow with the log, and that of a time hardly.
func TestTailReadsLittle(t *testing.T) {
	dir := t.TempDir()
	w := mustOpen(t, dir, Options{SegmentSize: 16 << 20, SegmentsKept: 4, now: ticking(time.Second)})
	say(t, w, Stderr, "far back\n")
	line := strings.Repeat(x(100)+"\n", 600)
	for range 900 {
		say(t, w, Stdout, line)
	}
	for _, c := range []struct {
		name string
		q    Query
		most int
	}{
		{"tail", Query{Tail: 100}, 100 << 10},
		{"tail since", Query{Tail: 100, Since: second(10)}, 2 << 20},
		{"tail until", Query{Tail: 100, Until: second(500)}, 2 << 20},
		{"since", Query{Since: second(900)}, 4 << 20},
		{"between", Query{Since: second(400), Until: second(401)}, 4 << 20},
	} {
		before := bytesRead(t)
		es := mustTail(t, dir, c.q)
		if got := bytesRead(t) - before; len(es) == 0 || got > c.most {
			t.Errorf("%s: %d bytes read for %d entries", c.name, got, len(es))
		}
	}
	say(t, w, Stderr, "now\n") // its stream has no other line far and wide
	before := bytesRead(t)
	mustTail(t, dir, Query{Tail: 100})
	if got := bytesRead(t) - before; got > 4<<20 {
		t.Errorf("with a rare stream: %d bytes read", got)
	}
}
