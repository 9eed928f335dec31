package logstore

import (
	"bufio"
	"fmt"
	"hash/crc32"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"
)

var killOptions = Options{SegmentSize: 1 << 20, SegmentsKept: 1 << 20, Secrets: bytesOf("no such secret")}

const childEnv = "LOGSTORE_TEST_CHILD" // "<run> <dir>": be a writer

func TestMain(m *testing.M) {
	if child := os.Getenv(childEnv); child != "" {
		run, dir, _ := strings.Cut(child, " ")
		if err := writeForever(run, dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// killLine is a line that can be told from every other, from half of itself and from two halves. Some are longer than a
// record.
func killLine(run string, s Stream, n int) string {
	head := fmt.Sprintf("run %s %s %d ", run, s, n)
	sum := fmt.Sprintf("%08x", crc32.ChecksumIEEE([]byte(head)))
	size := 1 + n%20
	if n%1000 == 0 {
		size = 5000
	}
	return head + strings.Repeat(sum, size) + "."
}

// writeForever captures what comes from two pipes, as fast as it can be written into them.
func writeForever(run, dir string) error {
	var once sync.Once
	o := killOptions
	o.Tee = func(Stream, []byte) { once.Do(func() { fmt.Println("ready") }) } // something is in the log
	w, err := Open(dir, o)
	if err != nil {
		return err
	}
	for _, s := range []Stream{Stdout, Stderr} {
		r, child, err := os.Pipe()
		if err != nil {
			return err
		}
		go func() {
			out := bufio.NewWriterSize(child, 8<<10)
			for n := 1; ; n++ {
				out.WriteString(killLine(run, s, n))
				out.WriteByte('\n')
			}
		}()
		go w.Copy(s, r)
	}
	time.Sleep(time.Minute)
	return fmt.Errorf("not killed")
}

// A writer that is killed at any moment loses nothing but the end of what it was given: no line before it, no part of a
// line, and nothing comes twice. A follower that was there all the time saw the same.
func TestKilledWriter(t *testing.T) {
	const runs = 20
	dir := t.TempDir()
	f := follow(t, dir, Query{})
	for run := range runs {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%d %s", childEnv, run, dir))
		cmd.Stderr = os.Stderr
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadFull(out, make([]byte, len("ready"))); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Duration(rand.IntN(20_000)) * time.Microsecond)
		cmd.Process.Kill()
		cmd.Wait()
	}
	w := mustOpen(t, dir, killOptions)
	w.Note("the end")

	es := mustTail(t, dir, Query{})
	wantOrdered(t, es)
	type output struct {
		run    string
		stream Stream
	}
	count, torn := map[output]int{}, map[output]bool{}
	for i, e := range es[:len(es)-1] {
		fields := strings.Fields(string(e.Text))
		if len(fields) < 5 || fields[2] != string(e.Stream) {
			t.Fatalf("entry %d: %.80q", i, e.Text)
		}
		o := output{fields[1], e.Stream}
		count[o]++
		switch want := killLine(o.run, o.stream, count[o]); {
		case torn[o]:
			t.Fatalf("entry %d of %v comes after its end: %.80q", i, o, e.Text)
		case string(e.Text) == want:
		case len(e.Text)%maxText == 0 && strings.HasPrefix(want, string(e.Text)):
			torn[o] = true // the first pieces of a long line: what can be had of it
		default:
			t.Fatalf("entry %d is %.80q [%d], want %.80q [%d]", i, e.Text, len(e.Text), want, len(want))
		}
	}
	if len(count) < runs { // two streams of each process, but for one that was killed at once
		t.Errorf("output of %d processes' streams, want at least %d", len(count), runs)
	}

	end := time.Now().Add(time.Minute)
	for got := f.entries(); len(got) == 0 || string(got[len(got)-1].Text) != "[stack] the end"; got = f.entries() {
		if time.Now().After(end) {
			t.Fatal("the follower does not come to the end")
		}
		time.Sleep(pollInterval)
	}
	if got, want := concat(f.end()), concat(es); got != want {
		t.Fatalf("the follower saw something else: %v, want %v", got, want)
	}
	t.Logf("%d lines of %d outputs, %d of them end in the middle of a long line", len(es), len(count), len(torn))
}

// concat is the size and checksum of all texts of a stream. A follower may have got some lines in parts.
func concat(es []Entry) (sums [2]string) {
	for i, s := range []Stream{Stdout, Stderr} {
		sum, size := crc32.NewIEEE(), 0
		for _, e := range es {
			if e.Stream == s {
				sum.Write(e.Text)
				size += len(e.Text)
			}
		}
		sums[i] = fmt.Sprintf("%d bytes %08x", size, sum.Sum32())
	}
	return sums
}
