package main

import (
	"bytes"
	"context"
	"fmt"
	"log"
	"os"
	"os/exec"
	"strings"

	"golang.org/x/perf/benchfmt"

	"dagger/stack/bench/report"
	"dagger/stack/bench/side"
)

// logs reads the end of a short log and of a long one.
func (b *bench) logs(ctx context.Context) error {
	if _, err := up(ctx, b.stack); err != nil {
		return err
	}
	sizes := []struct {
		name string
		mib  int
	}{{"log-1mib", 1}, {"log-1gib", 1024}}
	sides := []side.Side{b.compose, b.stack}
	for _, size := range sizes {
		for _, s := range sides {
			log.Printf("%s: a log of %d MiB", s.Name(), size.mib)
			if err := s.Fill(ctx, size.name, size.mib); err != nil {
				return err
			}
		}
	}
	for range b.rounds {
		for _, size := range sizes {
			for _, s := range sides {
				measure := fmt.Sprintf("the last 100 lines of %d MiB", size.mib)
				if err := b.timed(measure, s.Name(), func() error { return s.Tail(ctx, size.name) }); err != nil {
					return err
				}
			}
		}
	}
	if err := b.compose.Daemon.Clear(ctx); err != nil {
		return err
	}
	return end(ctx, b.stack)
}

// capture is how fast output becomes log: the store beside Docker's own driver, in one process (bench/logs_test.go).
func (b *bench) capture(ctx context.Context) error {
	cmd := exec.CommandContext(ctx, "go", "test", "-run", "^$", "-bench", "^BenchmarkCapture$", "-benchtime", "0.5s", "-count", "5", ".")
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return fmt.Errorf("%w\n%s", err, out)
	}
	return captured(out, func(size, store string, rate float64) {
		b.results.Add("capture of lines of "+size+" bytes", store, "MB/s", 0, rate/1e6)
	})
}

// captured reads what the benchmark has printed: bytes a second by the size of a line and the side.
func captured(out []byte, add func(size, side string, rate float64)) error {
	lines := benchfmt.NewReader(bytes.NewReader(out), "bench")
	for lines.Scan() {
		result, ok := lines.Result().(*benchfmt.Result)
		if !ok {
			continue
		}
		rate, ok := result.Value("B/s")
		if !ok {
			continue
		}
		// Capture/line=80/json-file-2
		parts := strings.Split(string(result.Name.Full()), "/")
		size, store := strings.TrimPrefix(parts[1], "line="), parts[2]
		switch {
		case strings.HasPrefix(store, "json-file"):
			store = report.Compose
		case strings.HasPrefix(store, "logstore-2-secrets"): // what a stack's agents have to take out
			store = report.Stack
		default:
			continue
		}
		add(size, store, rate)
	}
	return lines.Err()
}
