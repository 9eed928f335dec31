// Command truth runs the cases of tests/compose with docker compose: `truth record` writes down what it does, `truth diff` compares what it
// does now with what was written down, `truth show` prints it. Names of cases may follow; a case is also all that a pattern matches.
// With -side stack it is this project that is run, in the place of docker compose; its truth cannot be recorded.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log"
	"os"
	"os/signal"
	"path/filepath"
	"sync"
	"syscall"

	"golang.org/x/sync/errgroup"

	"dagger/stack/tests/compose"
	"dagger/stack/tests/compose/docker"
)

func main() {
	log.SetFlags(0)
	r := runner{}
	flag.StringVar(&r.cases, "cases", "compose", "the folder with cases and bad")
	flag.StringVar(&r.name, "side", "docker", "who runs the cases: docker, or stack")
	flag.StringVar(&r.module, "module", "..", "the folder of this project's module, for -side stack")
	flag.StringVar(&r.programs, "programs", "", "the folder that bench/docker/build.sh prints")
	flag.StringVar(&r.mirror, "mirror", "127.0.0.1:5000", "where the images are")
	flag.StringVar(&r.data, "data", "", "where the daemon keeps its images from one run to the next")
	flag.IntVar(&r.parallel, "parallel", 3, "how many cases at once")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := r.run(ctx, flag.Arg(0), flag.Args()[min(1, flag.NArg()):]); err != nil {
		log.Fatal(err)
	}
}

// handler does something with what was seen of a case.
type handler func(c compose.Case, folder string, truth compose.Truth) error

type runner struct {
	cases, name, module, programs, mirror, data string
	parallel                                    int

	side   compose.Side
	work   string // where the projects are copied to
	mu     sync.Mutex
	failed int
}

// images are the ones that cases may use.
var images = []string{"alpine:3", "debian:bookworm-slim", "postgres:15-alpine", "redis:7-alpine"}

func (r *runner) run(ctx context.Context, verb string, names []string) error {
	handle, known := map[string]handler{"record": record, "diff": r.diff, "show": show}[verb]
	if !known {
		return fmt.Errorf("truth %s: want record, diff or show, then names of cases", verb)
	}
	folders, err := compose.Folders(r.cases, names...)
	if err != nil {
		return err
	}
	if r.work, err = os.MkdirTemp("", "compose-truth-"); err != nil {
		return err
	}
	defer os.RemoveAll(r.work)
	switch {
	case r.name == "docker":
		daemon, err := r.daemon(ctx)
		if err != nil {
			return err
		}
		defer func() {
			if err := daemon.Stop(); err != nil {
				log.Print(err)
			}
		}()
		r.side = &compose.Docker{Daemon: daemon}
	case r.name == "stack" && verb != "record":
		module, err := filepath.Abs(r.module)
		if err != nil {
			return err
		}
		r.side = &compose.Stack{Module: module}
	default:
		return fmt.Errorf("truth -side %s %s: want docker, or stack to show or diff", r.name, verb)
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(r.parallel)
	for _, folder := range folders {
		group.Go(func() error { return r.one(ctx, folder, handle) })
	}
	if err := group.Wait(); err != nil {
		return err
	}
	log.Printf("%d cases, %d of them failed", len(folders), r.failed)
	if r.failed > 0 {
		return fmt.Errorf("truth %s failed", verb)
	}
	return nil
}

// daemon is a dockerd that has the images.
func (r *runner) daemon(ctx context.Context) (*docker.Daemon, error) {
	daemon, err := docker.Start(ctx, r.data, r.programs)
	if err != nil {
		return nil, err
	}
	for _, image := range images {
		if daemon.HasImage(ctx, image) {
			continue
		}
		if err := daemon.Pull(ctx, r.mirror, image); err != nil {
			return nil, errors.Join(err, daemon.Stop())
		}
	}
	return daemon, nil
}

// one runs the case in a folder. A case that cannot be run does not stop the others.
func (r *runner) one(ctx context.Context, folder string, handle handler) error {
	c, err := compose.Load(folder, r.work)
	if err != nil {
		return err
	}
	truth, err := compose.Run(ctx, r.side, c, folder)
	r.mu.Lock()
	defer r.mu.Unlock()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err == nil {
		err = handle(c, folder, truth)
	}
	if err != nil {
		log.Print(err)
		r.failed++
	}
	return nil
}

func record(_ compose.Case, folder string, truth compose.Truth) error {
	return compose.Record(folder, truth)
}

func show(c compose.Case, _ string, truth compose.Truth) error {
	text, err := compose.Encode(truth)
	fmt.Printf("%s %s", c.Name, text)
	return err
}

func (r *runner) diff(c compose.Case, folder string, truth compose.Truth) error {
	recorded, err := compose.Recorded(folder)
	if err != nil {
		return err
	}
	if r.name == "stack" {
		compose.ForgetHealth(recorded, truth)
	}
	all := compose.Differences(recorded, truth)
	if r.name == "stack" {
		if all, err = c.Unexplained(all); err != nil {
			return err
		}
	}
	for _, difference := range all {
		fmt.Printf("%s: %s\n", c.Name, difference)
	}
	if len(all) > 0 {
		return fmt.Errorf("%s: differs from its recorded truth", c.Name)
	}
	return nil
}
