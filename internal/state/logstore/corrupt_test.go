package logstore

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"runtime"
	"strings"
	"testing"
)

func TestTailOfACorruptLog(t *testing.T) {
	good := func(n int) string { return rec(n, Stderr, tagFull, fmt.Sprint("good ", n)) }
	nuls := strings.Repeat("\x00", 3*blockSize)
	for _, c := range []struct {
		name     string
		segments []string
		want     []string
	}{
		{"a line without header", []string{good(1) + "garbage\n" + good(2)}, []string{"good 1", "garbage", "good 2"}},
		{"the first line", []string{"garbage\n" + good(1)}, []string{"garbage", "good 1"}},
		{"empty lines", []string{good(1) + "\n\n" + good(2)}, []string{"good 1", "good 2"}},
		// moby#53631: docker logs ends here, and --since before it shows nothing.
		{"a region of NULs", []string{good(1) + nuls + good(2)}, []string{"good 1", "good 2"}},
		{"a region of NULs with an end", []string{good(1) + nuls + "\n" + good(2)}, []string{"good 1", "good 2"}},
		{"half a record at the end of an old segment", []string{good(1) + "2026-", good(2)}, []string{"good 1", "2026-", "good 2"}},
		{"a record without newline at the end of an old segment", []string{strings.TrimSuffix(good(1), "\n"), good(2)}, []string{"good 1", "good 2"}},
		{"NULs at the end of an old segment", []string{good(1) + nuls, good(2)}, []string{"good 1", "good 2"}},
		{"a line far too long", []string{good(1) + x(5*blockSize) + "\n" + good(2)}, []string{"good 1", x(blockSize), "good 2"}},
		{"a record far too long", []string{good(1) + rec(1, Stderr, tagFull, x(5*blockSize)) + good(2)}, []string{"good 1", x(blockSize - headerLen), "good 2"}},
		{"a line far too long without end", []string{good(1) + x(5*blockSize)}, []string{"good 1", x(blockSize)}},
		{"a line far too long without end, in an old segment", []string{good(1) + x(5*blockSize), good(2)}, []string{"good 1", x(blockSize), "good 2"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := raw(t, c.segments...)
			for tail := range len(c.want) + 2 {
				want := c.want
				if tail > 0 {
					want = want[max(0, len(want)-tail):]
				}
				es := mustTail(t, dir, Query{Tail: tail})
				wantTexts(t, es, want...)
				wantOrdered(t, es)
				for _, e := range es {
					if long := len(e.Text) > maxText; e.Partial != long {
						t.Errorf("%.20q [%d]: Partial is %v", e.Text, len(e.Text), e.Partial)
					}
				}
			}
		})
	}
	t.Run("has the time and stream of the line before", func(t *testing.T) {
		es := mustTail(t, raw(t, good(1)+good(7)+"garbage\n"+good(8)), Query{Since: second(7), Until: second(7), Stream: Stderr})
		wantTexts(t, es, "good 7", "garbage")
		if !es[1].Time.Equal(second(7)) {
			t.Fatalf("got %v", es[1].Time)
		}
		wantTexts(t, mustTail(t, raw(t, good(7)+strings.Repeat("garbage\n", 100000)), Query{Tail: 1, Since: second(7), Stream: Stderr}), "garbage")
	})
}

// A name without a file behind it is an error, not a reason to look for ever.
func TestTailOfADanglingLink(t *testing.T) {
	dir := t.TempDir()
	if err := os.Symlink("nowhere", segmentPath(dir, 1)); err != nil {
		t.Fatal(err)
	}
	if _, err := Tail(dir, Query{}); !errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("got %v", err)
	}
}

// 100 MB without newline, of NUL bytes and of others, take no more memory than another log.
func TestMemoryIsBounded(t *testing.T) {
	for _, fill := range []byte{0, 'x'} {
		dir := raw(t, rec(1, Stdout, tagFull, "before"))
		f, err := os.OpenFile(segmentPath(dir, 1), os.O_WRONLY|os.O_APPEND, 0)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		block := bytes.Repeat([]byte{fill}, 1<<20)
		for range 100 {
			f.Write(block)
		}
		for _, end := range []string{"", "\n", rec(2, Stdout, tagFull, "behind")} {
			f.WriteString(end)
			for _, q := range []Query{{}, {Tail: 5}, {Since: second(0)}, {Since: second(2), Until: second(2)}, {Grep: regexp.MustCompile("e")}} {
				var before, after runtime.MemStats
				runtime.ReadMemStats(&before)
				es := mustTail(t, dir, q)
				runtime.ReadMemStats(&after)
				if got := after.TotalAlloc - before.TotalAlloc; got > 8<<20 {
					t.Errorf("%q, %q, %+v: %d MiB allocated for %d entries", fill, end, q, got>>20, len(es))
				}
				if want := len(end) > 1; want != (len(es) > 0 && string(es[len(es)-1].Text) == "behind") {
					t.Errorf("%q, %q, %+v: got %s", fill, end, q, brief(texts(es)))
				}
			}
		}
		f.Write(block)
		w := mustOpen(t, dir, Options{})
		say(t, w, Stdout, "new\n")
		wantTexts(t, mustTail(t, dir, Query{Tail: 2}), "behind", "new")
	}
}
