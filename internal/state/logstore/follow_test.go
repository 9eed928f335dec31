package logstore

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// running is a Follow that runs beside the test.
type running struct {
	t    *testing.T
	stop context.CancelFunc
	done chan error
	mu   sync.Mutex
	got  []Entry
}

func follow(t *testing.T, dir string, q Query) *running {
	return followAll(t, []Source{{Dir: dir}}, q)
}

func followAll(t *testing.T, sources []Source, q Query) *running {
	ctx, stop := context.WithCancel(context.Background())
	r := &running{t: t, stop: stop, done: make(chan error, 1)}
	go func() {
		r.done <- FollowAll(ctx, sources, q, func(e Entry) error {
			r.mu.Lock()
			defer r.mu.Unlock()
			r.got = append(r.got, e)
			return nil
		})
	}()
	t.Cleanup(stop)
	return r
}

func (r *running) entries() []Entry {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.got)
}

// wait waits until there are so many entries. It gives up after a time that only a follower that hangs needs.
func (r *running) wait(n int) {
	r.t.Helper()
	for end := time.Now().Add(20 * time.Second); len(r.entries()) < n; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			r.t.Fatalf("%d entries, want %d: %s", len(r.entries()), n, brief(texts(r.entries())))
		}
	}
}

// want waits for these texts and checks that nothing else comes.
func (r *running) want(lines ...string) {
	r.t.Helper()
	r.wait(len(lines))
	time.Sleep(2 * pollInterval)
	wantTexts(r.t, r.entries(), lines...)
}

func (r *running) end() []Entry {
	r.t.Helper()
	r.stop()
	if err := <-r.done; err != nil {
		r.t.Fatal(err)
	}
	return r.entries()
}

func TestFollow(t *testing.T) {
	t.Run("from nothing", func(t *testing.T) {
		for _, tail := range []int{-1, 0, 1, 42} {
			t.Run(fmt.Sprint("tail ", tail), func(t *testing.T) {
				t.Parallel()
				dir := filepath.Join(t.TempDir(), "later")
				f := follow(t, dir, Query{Tail: tail})
				time.Sleep(pollInterval / 2)
				w := mustOpen(t, dir, Options{})
				say(t, w, Stdout, joined(numbered(1, 5)))
				f.want(numbered(1, 5)...)
				f.end()
			})
		}
	})
	t.Run("from the middle", func(t *testing.T) {
		for tail, first := range map[int]int{-1: 11, 0: 1, 1: 10, 3: 8, 10: 1, 42: 1} {
			t.Run(fmt.Sprint("tail ", tail), func(t *testing.T) {
				t.Parallel()
				dir := t.TempDir()
				w := mustOpen(t, dir, Options{})
				say(t, w, Stdout, joined(numbered(1, 10)))
				f := follow(t, dir, Query{Tail: tail})
				f.wait(11 - first)
				time.Sleep(pollInterval)
				say(t, w, Stderr, joined(numbered(11, 20)))
				f.want(numbered(first, 20)...)
			})
		}
	})
	t.Run("with a query", func(t *testing.T) {
		t.Parallel()
		dir := t.TempDir()
		w := mustOpen(t, dir, Options{})
		say(t, w, Stdout, joined(numbered(1, 30)))
		f := follow(t, dir, Query{Tail: 2, Stream: Stdout, Grep: regexp.MustCompile("[15]$")})
		f.wait(2)
		say(t, w, Stdout, joined(numbered(31, 36)))
		say(t, w, Stderr, joined(numbered(31, 36)))
		f.want("line 21", "line 25", "line 31", "line 35")
	})
	t.Run("since", func(t *testing.T) {
		t.Parallel()
		dir := t.TempDir()
		w := mustOpen(t, dir, Options{now: ticking(time.Second)})
		for i := 1; i <= 5; i++ {
			say(t, w, Stdout, fmt.Sprintf("line %d\n", i))
		}
		f := follow(t, dir, Query{Since: second(4)})
		f.wait(2)
		say(t, w, Stdout, "line 6\n")
		f.want(numbered(4, 6)...)
		g := follow(t, dir, Query{Since: second(8)})
		time.Sleep(pollInterval)
		for i := 7; i <= 9; i++ {
			say(t, w, Stdout, fmt.Sprintf("line %d\n", i))
		}
		g.want(numbered(8, 9)...)
	})
	t.Run("until", func(t *testing.T) {
		t.Parallel()
		dir := t.TempDir()
		until := time.Now().Add(10 * pollInterval)
		w := mustOpen(t, dir, Options{})
		say(t, w, Stdout, "a\n")
		f := follow(t, dir, Query{Until: until})
		f.wait(1)
		say(t, w, Stdout, "b\n")
		if err := <-f.done; err != nil {
			t.Fatal(err)
		}
		say(t, w, Stdout, "too late\n")
		f.want("a", "b")
		g := follow(t, dir, Query{Until: until, Tail: 1})
		if err := <-g.done; err != nil {
			t.Fatal(err)
		}
		g.want("b")
	})
	t.Run("emit fails", func(t *testing.T) {
		t.Parallel()
		dir := t.TempDir()
		w := mustOpen(t, dir, Options{})
		say(t, w, Stdout, "a\nb\n")
		broken, n := errors.New("broken pipe"), 0
		err := followOne(context.Background(), dir, Query{}, func(Entry) error { n++; return broken })
		if err != broken || n != 1 {
			t.Fatalf("got %v after %d entries", err, n)
		}
	})
	t.Run("cannot read", func(t *testing.T) {
		t.Parallel()
		file := filepath.Join(t.TempDir(), "file")
		os.WriteFile(file, nil, 0o600)
		if err := followOne(context.Background(), file, Query{}, nil); err == nil {
			t.Fatal("a file is no store")
		}
	})
}

func TestFollowAll(t *testing.T) {
	root := t.TempDir()
	source := func(name string) Source { return Source{Service: name, Dir: filepath.Join(root, name)} }
	one, two, later := source("one"), source("two"), source("later")
	w1 := mustOpen(t, one.Dir, Options{now: ticking(2 * time.Second)})
	w2 := mustOpen(t, two.Dir, Options{now: ticking(3 * time.Second)})
	for i := range 4 {
		say(t, w1, Stdout, fmt.Sprintf("one %d\n", i)) // at 2, 4, 6, 8
		say(t, w2, Stdout, fmt.Sprintf("two %d\n", i)) // at 3, 6, 9, 12
	}
	f := followAll(t, []Source{one, two, later}, Query{Tail: 6})
	f.want("one 1", "one 2", "two 1", "one 3", "two 2", "two 3")
	w3 := mustOpen(t, later.Dir, Options{})
	say(t, w3, Stdout, "later 0\n")
	f.wait(7)
	say(t, w1, Stdout, "one 4\n")
	f.want("one 1", "one 2", "two 1", "one 3", "two 2", "two 3", "later 0", "one 4")
	for _, e := range f.end() {
		if name, _, _ := strings.Cut(string(e.Text), " "); name != e.Service {
			t.Errorf("%q is of %q", e.Text, e.Service)
		}
	}
}
