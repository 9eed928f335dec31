package logstore

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// small is a log of every kind of record, and what it says.
func small() (records, says []string) {
	records = []string{
		rec(0, Stdout, tagFull, "one"),
		rec(1, Stderr, tagFull, "two"),
		rec(2, Stdout, tagPartial, "thr"),
		rec(3, Stderr, tagFull, ""),
		rec(4, Stdout, tagFull, "ee"),
		rec(5, Stdout, tagFull, "nul\x00 cr\r"),
	}
	return records, []string{"one", "two", "", "three", "nul\x00 cr\r"}
}

// A writer that was killed at any byte: what was whole stays, what was not is gone, and the log goes on.
func TestTornTailAtEveryByte(t *testing.T) {
	records, _ := small()
	log := strings.Join(records, "")
	for _, tail := range []string{"", "\x00", strings.Repeat("\x00", 5000)} {
		for cut := 0; cut <= len(log); cut++ {
			whole := strings.LastIndexByte(log[:cut], '\n') + 1
			dir := raw(t, log[:cut]+tail)

			// What a reader says before the repair is what it says after. Only that a line that goes on ends there.
			before := texts(mustTail(t, dir, Query{}))
			w := mustOpen(t, dir, Options{now: ticking(1)})
			after := texts(mustTail(t, dir, Query{}))
			slices.Sort(before)
			slices.Sort(after)
			if !slices.Equal(before, after) {
				t.Fatalf("cut at %d: %q became %q", cut, before, after)
			}
			closed := "" // the line that goes on at this place
			if whole > 0 && strings.Count(log[:whole], " P ") > strings.Count(log[:whole], "F ee") {
				closed = string(appendRecord(nil, w.last, Stdout, tagFull, nil))
			}
			if _, contents := segmentsOf(t, dir); string(contents[0]) != log[:whole]+closed {
				t.Fatalf("cut at %d: the file is %q, want %q", cut, contents[0], log[:whole]+closed)
			}

			say(t, w, Stdout, "new\n")
			say(t, w, Stderr, "err\n")
			w.Close()
			want := texts(mustTail(t, raw(t, log[:whole]+closed), Query{}))
			es := mustTail(t, dir, Query{})
			wantTexts(t, es, append(want, "new", "err")...)
			wantOrdered(t, es)
			for _, e := range es {
				if e.Partial {
					t.Fatalf("cut at %d: %q still goes on", cut, e.Text)
				}
			}
		}
	}
}

// Pieces of a dead writer are not joined with what the next one writes.
func TestLineOfADeadWriterIsClosed(t *testing.T) {
	dir := raw(t, rec(0, Stdout, tagPartial, "dead out")+rec(1, Stderr, tagPartial, "dead err")+rec(2, Stderr, tagPartial, ", more"))
	es := mustTail(t, dir, Query{})
	wantTexts(t, es, "dead out", "dead err, more")
	w := mustOpen(t, dir, Options{})
	say(t, w, Stdout, "new out\n")
	w.Note("new err")
	es = mustTail(t, dir, Query{})
	wantTexts(t, es, "dead out", "dead err, more", "new out", "[stack] new err")
	wantOrdered(t, es)
}

func TestOpenFindsTheTimeFarBack(t *testing.T) {
	// Behind the last record there is more garbage than is looked at first.
	dir := raw(t, rec(100, Stdout, tagFull, "good")+strings.Repeat(x(1000)+"\n", 2000), "")
	w := mustOpen(t, dir, Options{now: ticking(1)})
	say(t, w, Stdout, "new\n")
	es := mustTail(t, dir, Query{Tail: 1})
	if want := epoch.Add(100e9); !es[0].Time.Equal(want) {
		t.Fatalf("got %v, want %v", es[0].Time, want)
	}
}

func TestOpen(t *testing.T) {
	t.Run("makes the folder", func(t *testing.T) {
		dir := filepath.Join(t.TempDir(), "a", "b")
		w := mustOpen(t, dir, Options{})
		say(t, w, Stdout, "a\n")
		names, _ := segmentsOf(t, dir)
		if len(names) != 1 || names[0] != "0000000001.log" {
			t.Fatalf("got %q", names)
		}
	})
	t.Run("says what it cannot open", func(t *testing.T) {
		file := filepath.Join(t.TempDir(), "file")
		os.WriteFile(file, nil, 0o600)
		if _, err := Open(filepath.Join(file, "logs"), Options{}); err == nil || !strings.Contains(err.Error(), file) {
			t.Fatalf("got %v", err)
		}
	})
	t.Run("leaves other files alone", func(t *testing.T) {
		dir := t.TempDir()
		for _, name := range []string{"1.log", "00000000001.log", "000000000x.log", "0000000009.log.gz", "-000000001.log", "+000000001.log"} {
			os.WriteFile(filepath.Join(dir, name), []byte("torn"), 0o600)
		}
		w := mustOpen(t, dir, Options{SegmentsKept: 1})
		say(t, w, Stdout, "a\n")
		wantTexts(t, mustTail(t, dir, Query{}), "a")
		if b, _ := os.ReadFile(filepath.Join(dir, "00000000001.log")); string(b) != "torn" {
			t.Fatalf("got %q", b)
		}
	})
	t.Run("goes on with a full segment, and with fewer kept", func(t *testing.T) {
		dir := raw(t, rec(0, Stdout, tagFull, "a"), rec(1, Stdout, tagFull, "b"), rec(2, Stdout, tagFull, "c"))
		w := mustOpen(t, dir, Options{SegmentSize: 10, SegmentsKept: 2})
		wantTexts(t, mustTail(t, dir, Query{}), "b", "c")
		say(t, w, Stdout, "d\n")
		wantTexts(t, mustTail(t, dir, Query{}), "c", "d")
	})
	t.Run("goes on after a crash in the middle of a rotation", func(t *testing.T) {
		dir := raw(t, rec(0, Stdout, tagFull, "a"), "")
		w := mustOpen(t, dir, Options{})
		say(t, w, Stdout, "b\n")
		wantTexts(t, mustTail(t, dir, Query{}), "a", "b")
	})
}
