//go:build root

package logstore

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"syscall"
	"testing"
)

// smallDisk mounts a file system of 1 MiB, which takes root.
func smallDisk(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=1m"); err != nil {
		t.Fatalf("cannot mount a tmpfs (needs root): %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// Other segments are given up for the newest lines: none of those is lost.
func TestFullDiskDropsTheOldestSegments(t *testing.T) {
	dir := filepath.Join(smallDisk(t), "logs")
	w := mustOpen(t, dir, Options{SegmentSize: 100 << 10, SegmentsKept: 1000})
	const last = 50000
	for i := 1; i <= last; i += 100 {
		say(t, w, Stdout, longLines(i, i+99))
	}
	es := mustTail(t, dir, Query{})
	for i, e := range es {
		if got, want := number(e.Text), last-len(es)+1+i; got != want {
			t.Fatalf("entry %d is %.40q, want line %d", i, e.Text, want)
		}
	}
	if size := len(es) * 150; size < 700<<10 {
		t.Errorf("only about %d KiB are left", size>>10)
	}
}

// With nothing left to give up, lines are counted, the service's output is read on, and the log says what it misses
// as soon as it can: written and lost together are all.
func TestFullDiskCountsWhatIsLost(t *testing.T) {
	disk := smallDisk(t)
	dir, ballast := filepath.Join(disk, "logs"), filepath.Join(disk, "ballast")
	if err := os.WriteFile(ballast, make([]byte, 300<<10), 0o600); err != nil {
		t.Fatal(err)
	}
	w := mustOpen(t, dir, Options{})
	const last, freed = 20000, 15000
	for i := 1; i <= last; i += 100 {
		if i == freed+1 {
			if err := os.Remove(ballast); err != nil {
				t.Fatal(err)
			}
		}
		say(t, w, Stdout, longLines(i, i+99))
	}
	es := mustTail(t, dir, Query{})
	said := regexp.MustCompile(`^\[stack\] (\d+) lines? lost: no space left on device$`)
	lost, next, after := 0, 1, 0
	for _, e := range es {
		if m := said.FindSubmatch(e.Text); m != nil && e.Stream == Stderr {
			n, _ := strconv.Atoi(string(m[1]))
			lost, next = lost+n, next+n
			continue
		}
		if got := number(e.Text); got != next || len(e.Text) != len(fmt.Sprintf("line %d %s", next, x(100))) {
			t.Fatalf("got %.40q, want line %d", e.Text, next)
		}
		next++
		if next > freed {
			after++
		}
	}
	// What was lost last may not be said yet: the disk is full again.
	if lost == 0 || after < 1000 {
		t.Fatalf("%d lines lost, %d written after there was room", lost, after)
	}
	w.mu.Lock()
	next += w.loss.lines
	w.mu.Unlock()
	if next != last+1 {
		t.Fatalf("%d lines written or lost, want %d", next-1, last)
	}
	t.Logf("%d entries, %d lost", len(es), lost)
}

// The process whose output is captured does not notice.
func TestFullDiskDoesNotStallTheService(t *testing.T) {
	disk := smallDisk(t)
	w := mustOpen(t, filepath.Join(disk, "logs"), Options{})
	r, child, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		for i := 1; i < 100000; i += 1000 {
			io.WriteString(child, longLines(i, i+999))
		}
		child.Close()
	}()
	if err := w.Copy(Stdout, r); err != nil {
		t.Fatal(err)
	}
}

// A log on a disk that is full from the beginning.
func TestOpenOnAFullDisk(t *testing.T) {
	disk := smallDisk(t)
	f, err := os.Create(filepath.Join(disk, "ballast"))
	if err != nil {
		t.Fatal(err)
	}
	for err == nil {
		_, err = f.Write(make([]byte, 4096))
	}
	f.Close()
	dir := filepath.Join(disk, "logs")
	w := mustOpen(t, dir, Options{})
	say(t, w, Stdout, "a\nb\n")
	if err := os.Remove(f.Name()); err != nil {
		t.Fatal(err)
	}
	say(t, w, Stdout, "c\n")
	wantTexts(t, mustTail(t, dir, Query{}), "[stack] 2 lines lost: no space left on device", "c")
}
