package logstore

import (
	"bytes"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// Any content of the files: a reader ends, its answers agree with each other, and the writer goes on behind it. In the
// middle of the second segment are gap bytes of fill: a line far too long, or a region of NULs.
func FuzzTail(f *testing.F) {
	records, _ := small()
	log := strings.Join(records, "")
	f.Add([]byte(log), []byte(log), uint32(0), byte(0), uint8(3), int16(2), int16(3))
	f.Add([]byte("garbage\n\n\x00\x00"+log[:60]), []byte("\x00\x00\x00"+log+"\x00"), uint32(10), byte('x'), uint8(1), int16(-1), int16(0))
	f.Add([]byte(rec(0, Stdout, tagPartial, "")+rec(9, Stderr, tagPartial, "")), []byte(rec(1, Stdout, tagFull, "")), uint32(0), byte(0), uint8(1), int16(1), int16(1))
	f.Add([]byte(log), []byte(log+log), uint32(3*blockSize), byte(0), uint8(9), int16(0), int16(9))
	f.Add([]byte(log), []byte(log+log), uint32(3*blockSize), byte('x'), uint8(9), int16(0), int16(9))
	f.Add([]byte(log), []byte(log+log), uint32(3*blockSize), byte('\n'), uint8(9), int16(0), int16(9))
	f.Fuzz(func(t *testing.T, one, two []byte, gap uint32, fill byte, tail uint8, since, until int16) {
		dir := t.TempDir()
		half := len(two) / 2
		two = slices.Concat(two[:half], bytes.Repeat([]byte{fill}, int(gap%(4*blockSize))), two[half:])
		os.WriteFile(segmentPath(dir, 7), one, 0o600)
		os.WriteFile(segmentPath(dir, 8), two, 0o600)
		all := mustTail(t, dir, Query{})

		n := 1 + int(tail)
		if got, want := mustTail(t, dir, Query{Tail: n}), all[max(0, len(all)-n):]; !same(got, want) {
			t.Fatalf("tail of %d: got %q, want %q", n, texts(got), texts(want))
		}
		q := Query{Tail: n, Since: second(int(since)), Until: second(int(until)), Stream: Stderr, Grep: regexp.MustCompile("[a-m]")}
		for _, e := range mustTail(t, dir, q) {
			if !q.match(&e) {
				t.Fatalf("%+v gives %+v", q, e)
			}
		}

		// A follower sees the same, also when it sees the file grow. It may get a line in parts, and something in between.
		seen := min(len(two), int(gap>>24)*len(two)/255)
		os.WriteFile(segmentPath(dir, 8), two[:seen], 0o600)
		fo, got, err := newFollower(Source{Dir: dir}, Query{})
		if err != nil {
			t.Fatal(err)
		}
		defer fo.close()
		steps := func() {
			for more := true; more; {
				if more, err = fo.step(); err != nil {
					t.Fatal(err)
				}
				got = append(got, fo.take()...)
			}
		}
		steps()
		h, err := os.OpenFile(segmentPath(dir, 8), os.O_WRONLY|os.O_APPEND, 0)
		if err != nil {
			t.Fatal(err)
		}
		h.Write(two[seen:])
		h.Close()
		steps()
		fo.join.showAll()
		got = append(got, fo.take()...)
		if volume(got) != volume(all) {
			t.Fatalf("follow from %d: got %q, want %q", seen, texts(got), texts(all))
		}

		w := mustOpen(t, dir, Options{now: func() time.Time { return second(100) }})
		defer w.Close()
		say(t, w, Stdout, "new\n")
		if es := mustTail(t, dir, Query{Tail: 1}); len(es) != 1 || string(es[0].Text) != "new" {
			t.Fatalf("got %q", texts(es))
		}
		got = nil
		steps()
		if len(got) == 0 || string(got[len(got)-1].Text) != "new" {
			t.Fatalf("follow: got %q after a new line", texts(got))
		}
	})
}

// volume is how often each byte comes on each stream.
func volume(es []Entry) (count [2][256]int) {
	for _, e := range es {
		for _, c := range e.Text {
			count[streamIndex(e.Stream)][c]++
		}
	}
	return count
}

func same(a, b []Entry) bool {
	return slices.EqualFunc(a, b, func(a, b Entry) bool {
		return bytes.Equal(a.Text, b.Text) && a.Time.Equal(b.Time) && a.Stream == b.Stream && a.Partial == b.Partial
	})
}

// Whatever comes in whatever chunks on two streams is what a reader gets back. script says what is done with data: each
// byte takes a chunk of it, on a stream, or ends something.
func FuzzRoundTrip(f *testing.F) {
	f.Add([]byte("a line\nand \x00\xff\r\nanother"), []byte{5, 131, 2, 200, 64, 70, 1})
	f.Add([]byte("aaaa\nb"), []byte{63, 63, 191, 191, 63, 64, 65, 66, 191})
	f.Fuzz(func(t *testing.T, data, script []byte) {
		if len(script) > 100 || len(data) > 4000 {
			return
		}
		dir := t.TempDir()
		o := Options{SegmentSize: 3000, SegmentsKept: 1 << 20}
		w := mustOpen(t, dir, o)
		streams := []Stream{Stdout, Stderr}
		captures := []*capture{newCapture(w, Stdout), newCapture(w, Stderr)}
		var sent [2][]byte
		endLine := func(i int) {
			if s := sent[i]; len(s) > 0 && s[len(s)-1] != '\n' {
				sent[i] = append(s, '\n')
			}
		}
		for _, op := range script {
			i := int(op >> 7)
			c, n := captures[i], int(op&63)
			switch {
			case op&64 == 0: // a chunk; now and then one longer than a record
				chunk := data[:min(n, len(data))]
				data = data[len(chunk):]
				if n == 63 {
					chunk = bytes.Repeat(chunk, 1+maxText/40)
				}
				c.add(chunk)
				sent[i] = append(sent[i], chunk...)
			case n == 0: // the writer goes and comes
				captures[0].end()
				captures[1].end()
				w.Close()
				w = mustOpen(t, dir, o)
				captures = []*capture{newCapture(w, Stdout), newCapture(w, Stderr)}
				endLine(0)
				endLine(1)
			case n == 1: // a process ends
				c.end()
				captures[i] = newCapture(w, streams[i])
				endLine(i)
			default: // nothing comes for a while
				w.mu.Lock()
				if len(c.line) > 0 {
					w.endLine(c, tagPartial)
				}
				w.mu.Unlock()
			}
		}
		for i, s := range streams {
			captures[i].end()
			endLine(i)
			var got []byte
			for _, e := range mustTail(t, dir, Query{Stream: s}) {
				if got = append(got, e.Text...); !e.Partial {
					got = append(got, '\n')
				}
			}
			if !bytes.Equal(got, sent[i]) {
				t.Fatalf("%s: got %q, want %q", s, got, sent[i])
			}
		}
		wantOrdered(t, mustTail(t, dir, Query{}))
		_, contents := segmentsOf(t, dir)
		for _, c := range contents[:len(contents)-1] {
			if len(c) > int(o.SegmentSize) && bytes.Count(c, []byte("\n")) > 1 {
				t.Fatalf("a segment of %d bytes", len(c))
			}
		}
		if !slices.IsSortedFunc(contents, func(a, b []byte) int { return bytes.Compare(a[:min(30, len(a))], b[:min(30, len(b))]) }) {
			t.Fatal("segments are not in order")
		}
	})
}
