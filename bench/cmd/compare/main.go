// Compare measures this project's module beside docker compose: the same example, images, probes and limits, in turns,
// each measure ended by an outside client. `make bench` runs it.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"dagger/stack/bench/report"
	"dagger/stack/bench/side"
)

func main() {
	log.SetFlags(log.Ltime)
	var o options
	flag.IntVar(&o.rounds, "rounds", 20, "how often each side runs through the cycle")
	flag.DurationVar(&o.rest, "idle", 5*time.Minute, "how long both stacks idle side by side")
	flag.StringVar(&o.sizes, "sizes", "4,10,20,40", "numbers of services for the curves of growth")
	flag.IntVar(&o.growth, "growth", 3, "how often each of these is measured")
	flag.StringVar(&o.files, "files", "2000,10000", "how many files the projects of watch have; watching takes the first for memory, the last for CPU")
	flag.IntVar(&o.saved, "saves", 100, "how often a file is saved for the part watch")
	flag.StringVar(&o.only, "only", "", "only these parts, of "+strings.Join(parts, ","))
	flag.StringVar(&o.mirror, "mirror", "127.0.0.1:5000", "where images come from")
	flag.StringVar(&o.programs, "programs", "", "the folder of dockerd and docker compose that bench/docker/build.sh prints")
	flag.StringVar(&o.out, "out", "", "folder for the results; docs/bench and docs/benchmarks.md, unless given")
	again := flag.String("report", "", "measure nothing: write the report of these results anew")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if *again != "" {
		results, err := report.Read(*again)
		if err == nil {
			err = o.write(results)
		}
		if err != nil {
			log.Fatal(err)
		}
		return
	}
	if err := o.run(ctx); err != nil {
		log.Fatal(err)
	}
}

var parts = []string{"cycle", "idle", "logs", "capture", "growth", "build", "exec", "watch", "watching"}

// alone are the parts that are measured only when they are asked for: they take an hour.
var alone = []string{"watch", "watching"}

type options struct {
	rounds, growth      int
	saved               int
	rest                time.Duration
	only, mirror, sizes string
	files               string
	programs, out       string
}

func (o options) wants(part string) bool {
	return o.only == "" && !slices.Contains(alone, part) || slices.Contains(strings.Split(o.only, ","), part)
}

// bench is one run of it.
type bench struct {
	options
	root    string
	compose *side.Compose
	stack   *side.Stack
	results *report.Results
}

func (o options) run(ctx context.Context) (err error) {
	root, err := filepath.Abs("..")
	if err != nil {
		return err
	}
	home, err := os.UserCacheDir()
	if err != nil {
		return err
	}
	daemon, err := side.StartDaemon(ctx, filepath.Join(home, "stack-bench"), o.programs, o.mirror)
	if err != nil {
		return err
	}
	defer func() {
		if stopErr := daemon.Stop(); err == nil {
			err = stopErr
		}
	}()
	hello := filepath.Join(root, "examples/hello")
	b := &bench{
		options: o, root: root,
		compose: side.NewCompose(daemon, filepath.Join(root, "bench/compose/compose.yaml")),
		stack:   side.NewStack(root, hello),
		results: &report.Results{Begun: time.Now().UTC().Truncate(time.Second), Rounds: o.rounds, Command: strings.Join(append([]string{"compare"}, os.Args[1:]...), " ")},
	}
	if command := os.Getenv("BENCH_COMMAND"); command != "" {
		b.results.Command = command
	}
	defer b.cleanUp()
	if err := b.prepare(ctx, hello); err != nil {
		return err
	}
	for _, part := range []struct {
		name string
		do   func(context.Context) error
	}{{"cycle", b.cycles}, {"idle", b.idle}, {"logs", b.logs}, {"capture", b.capture}, {"growth", b.grow}, {"build", b.builds}, {"exec", b.exec}, {"watch", b.watch}, {"watching", b.watching}} {
		if !o.wants(part.name) {
			continue
		}
		log.Printf("%s", part.name)
		if err := part.do(ctx); err != nil {
			return fmt.Errorf("%s: %w", part.name, err)
		}
		b.results.Took = time.Since(b.results.Begun).Round(time.Second).String()
		if err := o.write(b.results); err != nil { // what was measured is kept, whatever happens to the next part
			return err
		}
	}
	return nil
}
