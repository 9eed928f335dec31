// Command production measures detected services as up runs them, and as they are built for production: the size of the image, who runs it, how
// long it takes to be healthy from the start of its process, its memory under load, and how many requests it answers in a second.
//
// It publishes to the registry at -registry, and calls the module from a folder in which the examples are. It prints the machine's load,
// because a figure that was measured beside other work says little.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"dagger/stack/bench/machine"
)

// project is one whose services are measured.
type project struct {
	name, folder string
	flags        []string
	asked        map[string]string // the path that is asked, by service
}

var projects = []project{
	{"FastAPI and Vite", "examples/shop", []string{"--source=detect"}, map[string]string{"backend": "/api/orders", "frontend": "/"}},
	{"Django", "examples/django", nil, map[string]string{"backend": "/"}},
	{"Next.js", "examples/next", nil, map[string]string{"backend": "/"}},
}

// options are the program's flags.
type options struct {
	root, registry string
	clients        int
	time           time.Duration
	starts         int
}

func main() {
	var o options
	only := flag.String("only", "", "the folders to measure, separated by spaces; all, unless given")
	flag.StringVar(&o.root, "root", "..", "this repository")
	flag.StringVar(&o.registry, "registry", "127.0.0.1:5000", "a registry that takes images from anybody, by http")
	flag.IntVar(&o.clients, "clients", 8, "how many connections ask at once")
	flag.DurationVar(&o.time, "time", 5*time.Second, "how long they ask")
	flag.IntVar(&o.starts, "starts", 5, "how often a service is started again; the median counts")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := o.run(ctx, strings.Fields(*only)); err != nil {
		fmt.Fprintln(os.Stderr, "production:", err)
		os.Exit(1)
	}
}

func (o options) run(ctx context.Context, only []string) (err error) {
	if o.root, err = filepath.Abs(o.root); err != nil {
		return err
	}
	fmt.Printf("- %s\n- load before: %s\n", machine.Describe(), machine.Load())
	fmt.Printf("- %d connections for %s; the median of %d starts\n\n", o.clients, o.time, o.starts)
	fmt.Println("| | | image, compressed | user | to health | memory | requests/s |\n|---|---|---:|---|---:|---:|---:|")
	for _, p := range projects {
		if len(only) > 0 && !slices.Contains(only, p.folder) {
			continue
		}
		for _, production := range []bool{false, true} {
			if err := o.measure(ctx, p, production); err != nil {
				return fmt.Errorf("%s: %w", p.folder, err)
			}
		}
	}
	return nil
}

// measure runs one form of a project, and prints a line for each service.
func (o options) measure(ctx context.Context, p project, production bool) error {
	form, images := "development", []string{"publish", "--project-path", ".", "--registry", o.registry + "/bench/" + filepath.Base(p.folder)}
	s := stack{options: o, dir: filepath.Join(o.root, p.folder), name: "bench-" + filepath.Base(p.folder) + "-dev", flags: p.flags}
	if production {
		form, s.name, s.flags = "production", strings.TrimSuffix(s.name, "-dev"), append(slices.Clone(p.flags), "--production")
	} else {
		images = append(images, "--development")
	}
	text, err := s.output(ctx, images...)
	if err != nil {
		return err
	}
	running, err := s.up(ctx)
	if err != nil {
		return err
	}
	defer running.end()
	for _, service := range []string{"backend", "frontend"} {
		path := p.asked[service]
		if path == "" {
			continue
		}
		image, err := o.image(ctx, text, service)
		if err != nil {
			return err
		}
		start, err := running.starts(ctx, service)
		if err != nil {
			return err
		}
		rate, memory, err := running.rate(ctx, service, path)
		if err != nil {
			return err
		}
		fmt.Printf("| %s, %s | %s | %.1f MB | %s | %d ms | %.0f MiB | %.0f |\n", p.name, service, form, image.megabytes, image.user, start.Milliseconds(), memory, rate)
	}
	return nil
}
