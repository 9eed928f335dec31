// Ports measures published ports as their users meet them: short connections of one kind, in number, with killed clients
// among them, each of which checks that what it is answered is its own; and what one port passes on in a time.
//
//	go run ./cmd/ports                       all of it: it starts what it needs, and prints tables
//	go run ./cmd/ports -kind close -n 100000 -port 8000
//	go run ./cmd/ports -rate 5s -port gateway=8000,tunnel=18000
//
// With -port it needs the server of tests/fixtures/quick behind the port (or redis, or postgres). It speaks to this machine alone, and
// ends each measure after -for, whatever is missing.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"net"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"
)

func main() {
	log.SetFlags(0)
	var o options
	flag.StringVar(&o.kind, "kind", "", "of client, or several with commas; all, unless given: "+strings.Join(kinds(), ", "))
	flag.IntVar(&o.n, "n", 100000, "how many connections")
	flag.IntVar(&o.clients, "c", 16, "how many at once")
	flag.IntVar(&o.killed, "killed", 10, "every which client is killed in the middle; 0: none")
	flag.DurationVar(&o.limit, "for", 3*time.Minute, "when to end")
	flag.DurationVar(&o.wait, "wait", 3*time.Second, "after which time a client hangs")
	flag.StringVar(&o.password, "password", "", "of redis or postgres")
	flag.DurationVar(&o.rate, "rate", 0, "measure what ports pass on, each for so long, instead")
	holding := flag.Bool("held", false, "measure how long clients wait beside one that holds up the port, instead")
	flag.StringVar(&o.ports, "port", "", "the port, with -rate NAME=PORT,…; all of it, unless given")
	flag.IntVar(&o.sources, "sources", 0, "use so many source ports only, each of them again at once; 0: those of the kernel's own choice")
	flag.StringVar(&o.proxy, "proxy", "", "Docker's docker-proxy, to measure beside")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	run := o.connections
	switch {
	case *holding:
		run = func(ctx context.Context) error { return o.held(ctx, local(o.ports)) }
	case o.ports == "":
		run = o.whole
	case o.rate > 0:
		run = o.rates
	}
	if err := run(ctx); err != nil {
		log.Fatal(err)
	}
}

type options struct {
	kind, password, ports, proxy string
	n, clients, killed, sources  int
	limit, wait, rate            time.Duration
}

// local is a port of this machine, or an address as it is.
func local(port string) string {
	if strings.Contains(port, ":") {
		return port
	}
	return net.JoinHostPort("127.0.0.1", port)
}

// connections makes them and prints what became of them.
func (o options) connections(ctx context.Context) error {
	client, found := clients[o.kind]
	if !found {
		return fmt.Errorf("-kind %q: want one of %s", o.kind, strings.Join(kinds(), ", "))
	}
	ctx, cancel := context.WithTimeout(ctx, o.limit)
	defer cancel()
	c := newCount()
	begun := time.Now()
	c.run(ctx, o, client)
	took := time.Since(begun)
	fmt.Printf("%s: %d connections in %.1f s, %.0f a second: %s\n", o.kind, c.all(), took.Seconds(), float64(c.all())/took.Seconds(), c)
	return nil
}
