package main

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"dagger/stack/bench/machine"
	"dagger/stack/bench/outside"
	"dagger/stack/bench/side"
)

// Ports of the host that are used.
const (
	firstOfStack    = 17900
	firstOfAlone    = 17910
	firstOfBeside   = 17920
	firstOfProxy    = 17930
	startTimeout    = 20 * time.Minute // the first start builds the module and the server
	serviceOfOthers = "web"
)

// services are what the clients of a kind talk with.
var services = map[string]string{"redis": "redis", "postgres": "postgres"}

// whole is all of it: short connections of each kind to a stack, with another stack beside it, and the same to the tunnel alone;
// then what each port passes on.
func (o options) whole(ctx context.Context) error {
	root, err := filepath.Abs("..")
	if err != nil {
		return err
	}
	fmt.Printf("%s\n\n", machine.Describe())
	beside := side.PublishedStack(root, fmt.Sprintf("beside-%x", os.Getpid()), side.PublishedFrom(firstOfBeside))
	if err := start(ctx, beside); err != nil {
		return err
	}
	defer beside.Abandon(ctx)
	fmt.Println(heading)
	for _, kind := range kinds() {
		if o.n == 0 || o.kind != "" && !slices.Contains(strings.Split(o.kind, ","), kind) {
			continue
		}
		stack := side.PublishedStack(root, fmt.Sprintf("ports-%s-%x", strings.ReplaceAll(kind, ".", ""), os.Getpid()), side.PublishedFrom(firstOfStack))
		if err := o.flood(ctx, kind, stack, side.PublishedFrom(firstOfStack), beside); err != nil {
			return err
		}
		service := services[kind]
		if service == "" {
			service = serviceOfOthers
		}
		alone, err := side.PublishedAlone(root, service, side.PublishedFrom(firstOfAlone))
		if err == nil {
			err = o.flood(ctx, kind, alone, side.PublishedFrom(firstOfAlone), beside)
		}
		if err != nil {
			return err
		}
	}
	if o.rate == 0 {
		return beside.Down(ctx)
	}
	return errors.Join(o.beside(ctx, root), beside.Down(ctx))
}

// start waits until all of it is served.
func start(ctx context.Context, s side.Starter) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	if err := s.Up(context.WithoutCancel(ctx)); err != nil {
		return err
	}
	serving, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	go func() {
		if err := s.Failed(); err != nil {
			fail(err)
		}
	}()
	if err := outside.Served(serving, s.Targets()...); err != nil {
		return fmt.Errorf("%s: %w\n%s", s.Name(), errors.Join(err, context.Cause(serving)), s.Said())
	}
	return nil
}

// beside measures what one port passes on: to the service itself, through docker-proxy, the tunnel alone and the gateway.
func (o options) beside(ctx context.Context, root string) error {
	stack := side.PublishedStack(root, fmt.Sprintf("ports-rate-%x", os.Getpid()), side.PublishedFrom(firstOfStack))
	alone, err := side.PublishedAlone(root, serviceOfOthers, side.PublishedFrom(firstOfAlone))
	if err != nil {
		return err
	}
	for _, s := range []*side.Published{stack, alone} {
		if err := start(ctx, s); err != nil {
			return err
		}
		defer s.Abandon(ctx)
	}
	gateway, tunnel := side.PublishedFrom(firstOfStack), side.PublishedFrom(firstOfAlone)
	if err := o.ways(ctx, stack, serviceOfOthers, 8000, tunnel.Web, gateway.Web, outside.HTTP("docker-proxy", firstOfProxy, "/")); err != nil {
		return err
	}
	if err := alone.Down(ctx); err != nil {
		return err
	}
	if alone, err = side.PublishedAlone(root, "postgres", tunnel); err == nil {
		err = start(ctx, alone)
	}
	if err != nil {
		return err
	}
	defer alone.Abandon(ctx)
	_, o.password = side.Passwords()
	o.kind = "postgres"
	if err := o.ways(ctx, stack, "postgres", 5432, tunnel.Postgres, gateway.Postgres, outside.Postgres("docker-proxy", firstOfProxy, o.password)); err != nil {
		return err
	}
	return errors.Join(stack.Down(ctx), alone.Down(ctx))
}

// ways measures those to one port of a service.
func (o options) ways(ctx context.Context, stack *side.Published, service string, port uint16, tunnel, gateway int, proxied outside.Target) error {
	address, err := stack.Address(service)
	if err != nil {
		return err
	}
	to := netip.AddrPortFrom(address, port)
	ways := []string{"direct=" + to.String()}
	if o.proxy != "" {
		end, err := startProxy(o.proxy, to, proxied)
		if err != nil {
			return err
		}
		defer end()
		ways = append(ways, fmt.Sprintf("docker-proxy=%d", firstOfProxy))
	}
	o.ports = strings.Join(append(ways, fmt.Sprintf("tunnel=%d", tunnel), fmt.Sprintf("gateway=%d", gateway)), ",")
	return o.rates(ctx)
}

// startProxy has Docker's proxy in front of the service.
func startProxy(program string, to netip.AddrPort, proxied outside.Target) (end func(), err error) {
	said, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		return nil, err
	}
	defer said.Close()
	proxy := exec.Command(program, "-proto", "tcp", "-host-ip", "127.0.0.1", "-host-port", strconv.Itoa(firstOfProxy),
		"-container-ip", to.Addr().String(), "-container-port", strconv.Itoa(int(to.Port())))
	proxy.ExtraFiles = []*os.File{said} // where it says that it listens
	if err := proxy.Start(); err != nil {
		return nil, err
	}
	end = func() { _ = proxy.Process.Kill(); _ = proxy.Wait() }
	waiting, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := outside.Served(waiting, proxied); err != nil {
		end()
		return nil, err
	}
	return end, nil
}
