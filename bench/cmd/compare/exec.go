package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"log"
	"strings"
	"time"

	"dagger/stack/bench/report"
	"dagger/stack/bench/side"
)

// streamed is how many bytes go through a command.
const streamed = 100_000_000

// flow is a command whose streams are measured.
type flow struct {
	name, command string
	in            bool   // its stdin are so many bytes
	want          string // what it prints, where it is little
	back          bool   // it prints what it has read
}

var flows = []flow{
	{name: "from a command's stdout", command: fmt.Sprintf("head -c %d /dev/zero", streamed)},
	{name: "to a command's stdin", command: "wc -c", in: true, want: fmt.Sprint(streamed)},
	{name: "through a command, there and back", command: "cat", in: true, back: true},
}

// pipe runs a command with these streams.
type pipe func(ctx context.Context, command string, stdin io.Reader, stdout io.Writer) error

// exec is a command in the backend: one that does nothing, and one through which many bytes go.
func (b *bench) exec(ctx context.Context) error {
	sides := []side.Side{b.compose, b.stack}
	for _, s := range sides {
		if _, err := up(ctx, s); err != nil {
			return err
		}
	}
	if err := b.stack.ReadToken(ctx); err != nil { // which no row measures
		return err
	}
	for round := range b.rounds {
		log.Printf("exec, round %d of %d", round+1, b.rounds)
		if err := b.execTrue(ctx); err != nil {
			return err
		}
		for _, f := range flows {
			for _, s := range sides {
				if err := b.flow(ctx, "100 MB "+f.name, s.Name(), f, s.Pipe); err != nil {
					return err
				}
			}
			if err := b.flow(ctx, "100 MB "+f.name+", inside", report.Stack, f, b.stack.PipeInside); err != nil {
				return err
			}
		}
	}
	for _, s := range sides {
		if err := b.memory(ctx, s); err != nil {
			return err
		}
		if err := end(ctx, s); err != nil {
			return err
		}
	}
	return nil
}

// execTrue runs what does nothing, and says what that costs beyond a call that does nothing.
func (b *bench) execTrue(ctx context.Context) error {
	for _, step := range []struct {
		measure, side string
		do            func(context.Context) error
	}{
		{report.EmptyCall, report.Dagger, b.stack.Empty},
		{"exec true", report.Compose, b.compose.Exec}, {"exec true", report.Stack, b.stack.Exec}, {"exec true, over HTTP", report.Stack, b.stack.ExecOverHTTP},
	} {
		if err := b.timed(step.measure, step.side, func() error { return step.do(ctx) }); err != nil {
			return err
		}
	}
	b.add("exec true, over HTTP", report.Compose, b.last("exec true", report.Compose)) // which has one way only
	b.add("exec true, less an empty call", report.Stack, b.last("exec true", report.Stack)-b.last(report.EmptyCall, report.Dagger))
	return nil
}

// flow measures how fast the bytes of a command come, and looks whether all do.
func (b *bench) flow(ctx context.Context, measure, name string, f flow, do pipe) error {
	begun := time.Now()
	if err := f.run(ctx, do); err != nil {
		return fmt.Errorf("%s: %s: %w", name, measure, err)
	}
	rate := streamed / time.Since(begun).Seconds() / 1e6
	log.Printf("%s: %s: %.0f MB/s", name, measure, rate)
	b.results.Add(measure, name, "MB/s", 0, rate)
	return nil
}

func (f flow) run(ctx context.Context, do pipe) error {
	stdin, stdout := io.Reader(strings.NewReader("")), &arrived{}
	if f.in {
		stdin = io.LimitReader(&pattern{}, streamed)
	}
	if f.back {
		stdout.want = &pattern{}
	}
	err := do(ctx, f.command, stdin, stdout)
	switch said := strings.TrimSpace(string(stdout.first)); {
	case err != nil:
		return err
	case stdout.other:
		return fmt.Errorf("other bytes than were sent, within the first %d", stdout.count)
	case f.want == "" && stdout.count != streamed:
		return fmt.Errorf("%d bytes came of %d", stdout.count, streamed)
	case f.want != "" && said != f.want:
		return fmt.Errorf("it says %q, want %s", said, f.want)
	}
	return nil
}

// memory is the most that runs beside the services while the bytes come and go.
func (b *bench) memory(ctx context.Context, s side.Side) error {
	done := make(chan error, 1)
	go func() {
		for _, f := range flows {
			if err := f.run(ctx, s.Pipe); err != nil {
				done <- err
				return
			}
		}
		done <- nil
	}()
	most := int64(0)
	for {
		use, err := useOf(s.Overhead)
		if err != nil {
			return err
		}
		most = max(most, use.Memory)
		select {
		case err := <-done:
			b.results.Add("memory beside the services, while 100 MB go through a command", s.Name(), "MiB", 0, float64(most)/mib)
			return err
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// pattern is bytes without an end, of which no block is like the next.
type pattern struct{ at int }

var noise = func() []byte {
	text := make([]byte, 1<<20+7)
	_, _ = rand.Read(text)
	return text
}()

func (p *pattern) Read(text []byte) (int, error) {
	n := copy(text, noise[p.at:])
	p.at = (p.at + n) % len(noise)
	return n, nil
}

// arrived counts what comes, compares it, and keeps the beginning.
type arrived struct {
	want  *pattern // nil: anything
	other bool
	count int
	first []byte
}

func (a *arrived) Write(text []byte) (int, error) {
	a.count += len(text)
	a.first = append(a.first, text[:min(len(text), 64-min(64, len(a.first)))]...)
	for rest := text; a.want != nil && len(rest) > 0; {
		n := min(len(rest), len(noise)-a.want.at)
		a.other = a.other || !bytes.Equal(rest[:n], noise[a.want.at:a.want.at+n])
		a.want.at, rest = (a.want.at+n)%len(noise), rest[n:]
	}
	return len(text), nil
}
