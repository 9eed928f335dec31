// Command metrics measures what it costs the gateway that a stack is watched: scraped each 15 s, with a webhook, with a collector of
// OpenTelemetry. Four stacks of the databases of examples/hello run side by side, one of them unwatched; the CPU time and the memory of
// their gateways are compared, for each service. `make metrics` runs it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"dagger/stack/bench/machine"
	"dagger/stack/internal/freeport"
)

const (
	services    = 2 // of each stack
	scrapeEvery = 15 * time.Second
	startBound  = 5 * time.Minute
)

// watched is a stack, and how it is watched.
type watched struct {
	how, name string
	args      []string
	scrape    bool
	api       int
	ended     chan struct{} // the call
	failed    error         // why
	gateway   string        // its folder in /proc
	begun     time.Duration
}

func main() {
	window := flag.Duration("window", 2*time.Minute, "how long the gateways are measured")
	root := flag.String("root", "..", "this repository")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *root, *window); err != nil {
		fmt.Fprintln(os.Stderr, "metrics:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, root string, window time.Duration) error {
	listener, err := net.Listen("tcp", ":0")
	if err != nil {
		return err
	}
	receiver := httptest.NewUnstartedServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { _, _ = io.Copy(io.Discard, r.Body) }))
	receiver.Listener = listener
	receiver.Start()
	defer receiver.Close()
	address, err := here(listener)
	if err != nil {
		return err
	}
	all := []*watched{
		{how: "nobody watches"}, {how: "/metrics each " + scrapeEvery.String(), scrape: true},
		{how: "`--webhook`", args: []string{"--webhook", address}}, {how: "`--otlp-endpoint`", args: []string{"--otlp-endpoint", address}},
	}
	for i, w := range all {
		w.name = "bench-metrics-" + strconv.Itoa(i)
		end, err := w.start(ctx, root)
		if err != nil {
			return err
		}
		defer end()
	}
	for _, w := range all {
		if err := w.find(ctx); err != nil {
			return err
		}
	}
	load := machine.Load()
	if err := measure(ctx, all, window); err != nil {
		return err
	}
	fmt.Printf("- %s\n- load before: %s\n- %d services, %s\n\n| | CPU of the gateway | more a service | memory | more a service |\n|---|---:|---:|---:|---:|\n",
		machine.Describe(), load, services, window)
	var base [2]float64
	for i, w := range all {
		now, err := w.cpu()
		if err != nil {
			return err
		}
		memory, err := w.memory()
		if err != nil {
			return err
		}
		share := 100 * float64(now-w.begun) / float64(window)
		if i == 0 {
			base = [2]float64{share, memory}
		}
		fmt.Printf("| %s | %.3f%% | %.3f%% | %.1f MiB | %.2f MiB |\n", w.how, share, (share-base[0])/services, memory, (memory-base[1])/services)
	}
	return nil
}

// here is the receiver's address as containers reach it.
func here(listener net.Listener) (string, error) {
	addresses, err := net.InterfaceAddrs()
	if err != nil {
		return "", err
	}
	for _, address := range addresses {
		if at, ok := address.(*net.IPNet); ok && at.IP.IsGlobalUnicast() && at.IP.To4() != nil {
			return fmt.Sprintf("http://%s", net.JoinHostPort(at.IP.String(), strconv.Itoa(listener.Addr().(*net.TCPAddr).Port))), nil
		}
	}
	return "", errors.New("this machine has no address that containers reach")
}

// start starts the stack, and returns what ends it.
func (w *watched) start(ctx context.Context, root string) (end func(), err error) {
	args := append([]string{"-m", root, "-s", "call", "--name", w.name, "--ephemeral"}, w.args...)
	for _, flag := range []string{"--postgres-port", "--redis-port", "--api-port"} {
		if w.api, err = freeport.Take(); err != nil { // the last is the API's
			return nil, err
		}
		args = append(args, flag, strconv.Itoa(w.api))
	}
	cmd := exec.CommandContext(ctx, "dagger", append(args, "up", "--service", "postgres", "--service", "redis", "--project-path", filepath.Join(root, "examples/hello"), "up")...)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	w.ended = make(chan struct{})
	go func() { w.failed = cmd.Wait(); close(w.ended) }()
	return func() { _ = cmd.Process.Signal(os.Interrupt); <-w.ended }, nil
}

var gatewayOf = regexp.MustCompile(`^\S*stack-agent\x00gateway\x00.*"Stack":"([^"]+)"`)

// find waits until the stack is published, and finds its gateway.
func (w *watched) find(ctx context.Context) error {
	for end := time.Now().Add(startBound); time.Now().Before(end) && ctx.Err() == nil; time.Sleep(100 * time.Millisecond) {
		select {
		case <-w.ended:
			return fmt.Errorf("the call of %s has ended: %w", w.name, w.failed)
		default:
		}
		if w.get() != nil {
			continue
		}
		lines, err := filepath.Glob("/proc/[0-9]*/cmdline")
		if err != nil {
			return err
		}
		for _, line := range lines {
			text, _ := os.ReadFile(line) // it may have ended
			if found := gatewayOf.FindSubmatch(text); found != nil && string(found[1]) == w.name {
				w.gateway = filepath.Dir(line)
				return nil
			}
		}
	}
	return fmt.Errorf("%s is not published", w.name)
}

func (w *watched) get() error {
	response, err := http.Get(fmt.Sprintf("http://127.0.0.1:%d/metrics", w.api))
	if err != nil {
		return err
	}
	defer response.Body.Close()
	_, err = io.Copy(io.Discard, response.Body)
	return err
}

// measure waits for the time that is measured, and scrapes meanwhile.
func measure(ctx context.Context, all []*watched, window time.Duration) (err error) {
	for _, w := range all {
		if w.begun, err = w.cpu(); err != nil {
			return err
		}
	}
	for end := time.Now().Add(window); time.Now().Before(end); {
		for _, w := range all {
			if w.scrape {
				if err := w.get(); err != nil {
					return err
				}
			}
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(min(scrapeEvery, time.Until(end))):
		}
	}
	return nil
}

// cpu is the time that the gateway's threads have run, to the nanosecond.
func (w *watched) cpu() (ran time.Duration, err error) {
	threads, err := filepath.Glob(filepath.Join(w.gateway, "task/*/schedstat"))
	for _, thread := range threads {
		text, err := os.ReadFile(thread)
		if err != nil {
			return 0, err
		}
		first, _, _ := strings.Cut(string(text), " ")
		n, err := strconv.ParseInt(first, 10, 64)
		if err != nil {
			return 0, err
		}
		ran += time.Duration(n)
	}
	return ran, err
}

var proportional = regexp.MustCompile(`(?m)^Pss:\s+(\d+) kB`)

// memory is the gateway's share, in MiB.
func (w *watched) memory() (float64, error) {
	text, err := os.ReadFile(filepath.Join(w.gateway, "smaps_rollup"))
	if err != nil {
		return 0, err
	}
	found := proportional.FindSubmatch(text)
	if found == nil {
		return 0, errors.New("the kernel does not say how much memory the gateway has")
	}
	kib, err := strconv.ParseFloat(string(found[1]), 64)
	return kib / 1024, err
}
