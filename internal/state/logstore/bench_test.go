package logstore

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
)

// Lines as a service prints them, of two lengths. bench/ has the same beside Docker's json-file.
var benchLines = []int{80, 1300}

func benchLine(size int) string {
	const text = `2026-11-23T18:04:05Z INFO request method=GET path=/api/v1/items/4711 status=200 duration=1.234ms user="someone" `
	return strings.Repeat(text, size/len(text)+1)[:size-1] + "\n"
}

// Two secrets as they are made for a stack: 32 characters of base64.
var benchSecrets = bytesOf("q7Jx0vTzKd3nYwR5mBcLfHs8PaEuGi2o", "Zk4WtXy9QeVr1NbMhUj6CdSgAl0pOfTi")

// BenchmarkCapture writes lines into a pipe and waits until they are in the log.
func BenchmarkCapture(b *testing.B) {
	for _, size := range benchLines {
		for _, secrets := range [][][]byte{nil, benchSecrets} {
			b.Run(fmt.Sprintf("line=%d/secrets=%d", size, len(secrets)), func(b *testing.B) {
				w := mustOpen(b, b.TempDir(), Options{Secrets: secrets})
				r, child, err := os.Pipe()
				if err != nil {
					b.Fatal(err)
				}
				defer r.Close()
				line := benchLine(size)
				block := strings.Repeat(line, max(1, 4096/size))
				b.SetBytes(int64(size))
				b.ReportAllocs()
				b.ResetTimer()
				go func() {
					defer child.Close()
					for n := b.N; n > 0; n -= len(block) / size {
						io.WriteString(child, block[:min(n*size, len(block))])
					}
				}()
				if err := w.Copy(Stdout, r); err != nil {
					b.Fatal(err)
				}
				b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "lines/s")
			})
		}
	}
}

// benchStore writes a log of about that size.
func benchStore(b *testing.B, size, segmentSize int) string {
	b.Helper()
	dir := b.TempDir()
	w := mustOpen(b, dir, Options{SegmentSize: int64(segmentSize), SegmentsKept: 1 << 10})
	block := strings.Repeat(benchLine(80), 600)
	for n := 0; n < size; n += 600 * (80 + headerLen) {
		say(b, w, Stdout, block)
	}
	if err := w.Close(); err != nil {
		b.Fatal(err)
	}
	syscall.Sync() // or the disk is busy with it while something else is measured
	return dir
}

// BenchmarkTail: the log may be a thousand times as large, the tail costs the same. That a folder has 64 files instead of
// one does cost: it has to be listed.
func BenchmarkTail(b *testing.B) {
	const mib = 1 << 20
	cases := []struct {
		log, segment, tail int
		dir                string
	}{
		{log: mib, segment: 256 * mib, tail: 100},
		{log: 1024 * mib, segment: 256 * mib, tail: 100},
		{log: 1024 * mib, segment: 16 * mib, tail: 100},
		{log: 1024 * mib, segment: 256 * mib, tail: 10000},
	}
	for i := range cases { // all before the first is measured
		cases[i].dir = benchStore(b, cases[i].log, cases[i].segment)
	}
	for range 3 { // in turns: what else the machine does is the same for all
		for _, c := range cases {
			b.Run(fmt.Sprintf("log=%dMiB/segments=%d/tail=%d", c.log/mib, (c.log+c.segment-1)/c.segment, c.tail), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if es, err := Tail(c.dir, Query{Tail: c.tail}); err != nil || len(es) != c.tail {
						b.Fatal(len(es), err)
					}
				}
			})
		}
	}
}

func BenchmarkGrepThroughAll(b *testing.B) {
	dir := benchStore(b, 64<<20, defaultSegmentSize)
	b.SetBytes(64 << 20)
	for b.Loop() {
		if es, err := Tail(dir, Query{Grep: regexp.MustCompile("no such text")}); err != nil || len(es) != 0 {
			b.Fatal(len(es), err)
		}
	}
}

func BenchmarkFollowBacklog(b *testing.B) {
	dir := benchStore(b, 64<<20, defaultSegmentSize)
	b.SetBytes(64 << 20)
	for b.Loop() {
		f, _, err := newFollower(Source{Dir: dir}, Query{Tail: -1})
		if err != nil {
			b.Fatal(err)
		}
		f.close()
		file, err := os.Open(filepath.Join(dir, "0000000001.log"))
		if err != nil {
			b.Fatal(err)
		}
		f.move(&following{file: file, seq: 1})
		for more := true; more; {
			if more, err = f.step(); err != nil {
				b.Fatal(err)
			}
			f.take()
		}
		f.close()
	}
}
