package logstore

import (
	"errors"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// pieces returns the records of a store as "tag text".
func pieces(t *testing.T, dir string) []string {
	t.Helper()
	var list []string
	_, contents := segmentsOf(t, dir)
	for _, c := range contents {
		for line := range strings.Lines(string(c)) {
			r, ok := parse([]byte(strings.TrimSuffix(line, "\n")))
			if !ok {
				t.Fatalf("no record: %q", line)
			}
			list = append(list, line[tagAt:tagAt+1]+" "+string(r.text))
		}
	}
	return list
}

func TestCaptureLines(t *testing.T) {
	for _, c := range []struct {
		name   string
		chunks []string
		want   []string // records
	}{
		{"nothing", nil, nil},
		{"a line", []string{"a\n"}, []string{"F a"}},
		{"empty lines", []string{"\n\n"}, []string{"F ", "F "}},
		{"no newline at the end", []string{"a\nb"}, []string{"F a", "F b"}},
		{"a line in chunks", []string{"a", "b", "c\nd", "\n"}, []string{"F abc", "F d"}},
		{"bytes that are no text", []string{"a\x00b\r\xff\xfe\r\n\x00\n"}, []string{"F a\x00b\r\xff\xfe\r", "F \x00"}},
		{"as long as a record", []string{x(maxText) + "\n"}, []string{"F " + x(maxText)}},
		{"longer by one", []string{x(maxText+1) + "\n"}, []string{"P " + x(maxText), "F x"}},
		{"as long as two, in chunks", []string{"a\n" + x(maxText), x(maxText), "\nb\n"},
			[]string{"F a", "P " + x(maxText), "F " + x(maxText), "F b"}},
		{"long, no newline", []string{x(2*maxText + 5)}, []string{"P " + x(maxText), "P " + x(maxText), "F xxxxx"}},
		{"looks like a record", []string{rec(0, Stderr, tagPartial, "y")}, []string{"F " + strings.TrimSuffix(rec(0, Stderr, tagPartial, "y"), "\n")}},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			w := mustOpen(t, dir, Options{})
			if err := w.Copy(Stdout, chunks(c.chunks...)); err != nil {
				t.Fatal(err)
			}
			if got := pieces(t, dir); !slices.Equal(got, c.want) {
				t.Fatalf("got  %s\nwant %s", brief(got), brief(c.want))
			}
			all := strings.Join(c.chunks, "")
			if lines, bytes := w.Captured(); lines != int64(strings.Count(all, "\n")) || bytes != int64(len(all)) {
				t.Errorf("counted %d lines and %d bytes", lines, bytes)
			}
		})
	}
}

// Every complete line is in the file before the next read.
func TestCaptureWritesBeforeItReadsOn(t *testing.T) {
	dir := t.TempDir()
	w := mustOpen(t, dir, Options{})
	reads := 0
	err := w.Copy(Stdout, readFunc(func(b []byte) (int, error) {
		want := numbered(1, reads)
		wantTexts(t, slices.DeleteFunc(mustTail(t, dir, Query{}), func(e Entry) bool { return e.Partial }), want...)
		if reads++; reads > 5 {
			return 0, io.EOF
		}
		return copy(b, numbered(reads, reads)[0]+"\nrest"[:1]), nil
	}))
	if err != nil {
		t.Fatal(err)
	}
}

type readFunc func([]byte) (int, error)

func (f readFunc) Read(b []byte) (int, error) { return f(b) }

func TestCopyReturnsTheReadersError(t *testing.T) {
	dir := t.TempDir()
	w := mustOpen(t, dir, Options{})
	broken := errors.New("broken")
	if err := w.Copy(Stdout, io.MultiReader(strings.NewReader("a\nb"), readFunc(func([]byte) (int, error) { return 0, broken }))); err != broken {
		t.Fatalf("got %v", err)
	}
	if err := w.Copy(Stdout, readFunc(func([]byte) (int, error) { return 0, nil })); err != io.ErrNoProgress {
		t.Fatalf("got %v", err)
	}
	wantTexts(t, mustTail(t, dir, Query{}), "a", "b")
}

func TestPromptBecomesVisible(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		w := mustOpen(t, dir, Options{})
		r, child := io.Pipe()
		var done sync.WaitGroup
		done.Go(func() { w.Copy(Stdout, r) })
		print := func(s string) {
			io.WriteString(child, s)
			synctest.Wait()
		}
		print("name: ")
		time.Sleep(promptDelay - time.Millisecond)
		synctest.Wait()
		if got := pieces(t, dir); len(got) != 0 {
			t.Fatalf("written too early: %q", got)
		}
		print("(you) ") // begins the wait again
		time.Sleep(promptDelay - time.Millisecond)
		synctest.Wait()
		if got := pieces(t, dir); len(got) != 0 {
			t.Fatalf("written too early: %q", got)
		}
		time.Sleep(time.Millisecond)
		synctest.Wait()
		es := mustTail(t, dir, Query{})
		wantTexts(t, es, "name: (you) ")
		if !es[0].Partial {
			t.Error("a line that goes on is not Partial")
		}
		print("x\n")
		print("next")
		child.Close()
		done.Wait()
		es = mustTail(t, dir, Query{})
		wantTexts(t, es, "name: (you) x", "next")
		if es[0].Partial {
			t.Error("a whole line is Partial")
		}
	})
}

// A process that ends after its prompt ends the line, without another one.
func TestPromptAtTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		w := mustOpen(t, dir, Options{})
		r, child := io.Pipe()
		var done sync.WaitGroup
		done.Go(func() { w.Copy(Stdout, r) })
		io.WriteString(child, "? ")
		time.Sleep(2 * promptDelay)
		child.Close()
		done.Wait()
		say(t, w, Stdout, "new\n")
		wantTexts(t, mustTail(t, dir, Query{}), "? ", "new")
	})
}

func TestNote(t *testing.T) {
	dir := t.TempDir()
	w := mustOpen(t, dir, Options{})
	w.Note("one")
	w.Note("two\nthree")
	w.Note(x(maxText))
	es := mustTail(t, dir, Query{Stream: Stderr})
	wantTexts(t, es, "[stack] one", "[stack] two", "[stack] three", "[stack] "+x(maxText))
}

// What comes between the pieces of a line does not get into it.
func TestLinesDoNotMix(t *testing.T) {
	dir := t.TempDir()
	w := mustOpen(t, dir, Options{})
	one, two := newCapture(w, Stderr), newCapture(w, Stderr)
	one.add([]byte(x(maxText) + "a")) // a piece of it is written
	w.Note("in between")
	two.add([]byte("two\n"))
	one.add([]byte("b\n"))
	two.add([]byte(x(maxText + 1)))
	one.add([]byte("c\n"))
	one.end()
	two.end()
	wantTexts(t, mustTail(t, dir, Query{}),
		x(maxText), "[stack] in between", "two", "ab", x(maxText), "c", "x")
}

func TestTimesDoNotGoBackwards(t *testing.T) {
	dir := t.TempDir()
	clock := epoch
	now := func() time.Time { return clock }
	w := mustOpen(t, dir, Options{now: now, SegmentSize: 1})
	say(t, w, Stdout, "a\n")
	clock = clock.Add(-time.Hour)
	say(t, w, Stdout, "b\n")
	clock = epoch.Add(time.Second)
	say(t, w, Stdout, "c\n")
	w.Close()
	clock = epoch.Add(-time.Hour)
	w = mustOpen(t, dir, Options{now: now})
	say(t, w, Stdout, "d\n")
	clock = time.Date(12345, 1, 1, 0, 0, 0, 0, time.UTC) // has no place in the format
	say(t, w, Stdout, "e\n")
	es := mustTail(t, dir, Query{})
	wantTexts(t, es, "a", "b", "c", "d", "e")
	for i, want := range []time.Time{epoch, epoch, epoch.Add(time.Second), epoch.Add(time.Second), epoch.Add(time.Second)} {
		if !es[i].Time.Equal(want) {
			t.Errorf("%s: %v, want %v", es[i].Text, es[i].Time, want)
		}
	}
}

func TestBothStreamsAtOnce(t *testing.T) {
	dir := t.TempDir()
	w := mustOpen(t, dir, Options{SegmentSize: 64 << 10, SegmentsKept: 1000})
	const n = 20000
	var done sync.WaitGroup
	for _, s := range []Stream{Stdout, Stderr} {
		r, child := io.Pipe()
		done.Go(func() { w.Copy(s, r) })
		done.Go(func() {
			for _, line := range numbered(1, n) {
				io.WriteString(child, line+"\n")
			}
			child.Close()
		})
	}
	done.Go(func() {
		for range 100 {
			w.Note("still here")
		}
	})
	done.Wait()
	wantTexts(t, mustTail(t, dir, Query{Stream: Stdout}), numbered(1, n)...)
	errs := slices.DeleteFunc(mustTail(t, dir, Query{Stream: Stderr}), func(e Entry) bool { return strings.HasPrefix(string(e.Text), NotePrefix) })
	wantTexts(t, errs, numbered(1, n)...)
	wantOrdered(t, mustTail(t, dir, Query{}))
}

func TestAfterClose(t *testing.T) {
	dir := t.TempDir()
	w := mustOpen(t, dir, Options{})
	say(t, w, Stdout, "a\n")
	if err := errors.Join(w.Close(), w.Close()); err != nil {
		t.Fatal(err)
	}
	say(t, w, Stdout, "b\n")
	w.Note("c")
	wantTexts(t, mustTail(t, dir, Query{}), "a")
}
