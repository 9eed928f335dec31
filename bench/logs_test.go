// Package bench measures this project beside what others use. It is a module of its own, so that what it imports does
// not weigh on the project.
//
//	cd bench && go test -bench Capture -benchtime 2s -count 5
package bench

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/moby/moby/v2/daemon/logger"
	"github.com/moby/moby/v2/daemon/logger/jsonfilelog"

	"dagger/stack/internal/state/logstore"
)

// line is a line as a service prints it, of so many bytes with its newline.
func line(size int) string {
	const text = `2026-11-23T18:04:05Z INFO request method=GET path=/api/v1/items/4711 status=200 duration=1.234ms user="someone" `
	return strings.Repeat(text, size/len(text)+1)[:size-1] + "\n"
}

// Two secrets as they are made for a stack: 32 characters of base64.
var secrets = [][]byte{[]byte("q7Jx0vTzKd3nYwR5mBcLfHs8PaEuGi2o"), []byte("Zk4WtXy9QeVr1NbMhUj6CdSgAl0pOfTi")}

// jsonFile is Docker's default log driver with the rotation that this project has by default.
func jsonFile(b *testing.B, size string, files int) logger.Logger {
	b.Helper()
	l, err := jsonfilelog.New(logger.Info{
		ContainerID: "bench",
		LogPath:     filepath.Join(b.TempDir(), "container-json.log"),
		Config:      map[string]string{"max-size": size, "max-file": fmt.Sprint(files)},
	})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { l.Close() })
	return l
}

// BenchmarkCapture puts lines into a pipe, as a service does, and ends when all are written to the log. json-file gets
// them as in the Docker daemon: from logger.Copier.
func BenchmarkCapture(b *testing.B) {
	for _, size := range []int{80, 1300} {
		for _, c := range []struct {
			name  string
			setup func(b *testing.B) func(r io.Reader)
		}{
			{"json-file", func(b *testing.B) func(io.Reader) {
				l := jsonFile(b, "16m", 4)
				return func(r io.Reader) {
					copier := logger.NewCopier(map[string]io.Reader{"stdout": r}, l)
					copier.Run()
					copier.Wait()
				}
			}},
			{"logstore", func(b *testing.B) func(io.Reader) { return capture(b, logstore.Options{}) }},
			{"logstore-2-secrets", func(b *testing.B) func(io.Reader) { return capture(b, logstore.Options{Secrets: secrets}) }},
		} {
			b.Run(fmt.Sprintf("line=%d/%s", size, c.name), func(b *testing.B) {
				drain := c.setup(b)
				r, child, err := os.Pipe()
				if err != nil {
					b.Fatal(err)
				}
				defer r.Close()
				lines := max(1, 4096/size)
				block := strings.Repeat(line(size), lines)
				b.SetBytes(int64(size))
				b.ReportAllocs()
				b.ResetTimer()
				go func() {
					defer child.Close()
					for n := b.N; n > 0; n -= lines {
						io.WriteString(child, block[:min(n, lines)*size])
					}
				}()
				drain(r)
				b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "lines/s")
			})
		}
	}
}

func capture(b *testing.B, o logstore.Options) func(io.Reader) {
	b.Helper()
	w, err := logstore.Open(b.TempDir(), o)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { w.Close() })
	return func(r io.Reader) {
		if err := w.Copy(logstore.Stdout, r); err != nil {
			b.Error(err)
		}
	}
}

// BenchmarkTail reads the last 100 lines of logs of 1 MiB and of 1 GiB, in turns: what else the machine does is the same
// for all.
func BenchmarkTail(b *testing.B) {
	const tail = 100
	type log struct {
		name string
		tail func() (int, error)
	}
	var logs []log
	for _, mib := range []int{1, 1024} {
		l, dir := jsonFile(b, "256m", 8), b.TempDir()
		w, err := logstore.Open(dir, logstore.Options{SegmentSize: 256 << 20, SegmentsKept: 8})
		if err != nil {
			b.Fatal(err)
		}
		defer w.Close()
		block := strings.Repeat(line(80), 600)
		for range mib << 20 / 120 / 600 { // a line of 80 bytes and what logstore puts before it
			copier := logger.NewCopier(map[string]io.Reader{"stdout": strings.NewReader(block)}, l)
			copier.Run()
			copier.Wait()
			if err := w.Copy(logstore.Stdout, strings.NewReader(block)); err != nil {
				b.Fatal(err)
			}
		}
		logs = append(logs,
			log{fmt.Sprintf("log=%dMiB/json-file", mib), func() (n int, err error) {
				w := l.(logger.LogReader).ReadLogs(context.Background(), logger.ReadConfig{Tail: tail})
				defer w.ConsumerGone()
				for range w.Msg {
					n++
				}
				return n, nil
			}},
			log{fmt.Sprintf("log=%dMiB/logstore", mib), func() (int, error) {
				es, err := logstore.Tail(dir, logstore.Query{Tail: tail})
				return len(es), err
			}})
	}
	syscall.Sync() // or the disk is busy with them
	for range 3 {
		for _, l := range logs {
			b.Run(l.name, func(b *testing.B) {
				for b.Loop() {
					if n, err := l.tail(); err != nil || n != tail {
						b.Fatal(n, err)
					}
				}
			})
		}
	}
}
