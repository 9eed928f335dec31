package command

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"syscall"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/errgroup"

	"dagger/stack/internal/agent"
	"dagger/stack/internal/agent/process"
	"dagger/stack/internal/alert"
	"dagger/stack/internal/api"
	"dagger/stack/internal/control"
	"dagger/stack/internal/gateway"
	"dagger/stack/internal/layout"
	"dagger/stack/internal/otlp"
	"dagger/stack/internal/state"
	"dagger/stack/internal/state/logstore"
)

// GatewayRequest asks Gateway.
type GatewayRequest struct {
	gateway.Gateway
	API     *api.Config // nil: there is none
	Webhook string      // is told what goes wrong; empty: there is none
	OTLP    string      // where metrics and logs are sent; empty: nowhere
}

const (
	// gatewayMemory is when garbage is collected whatever it costs: what many connections need at once is more than this
	// only in buffers, which have bounds of their own.
	gatewayMemory = 256 << 20
	// gatewayCores is what the tunnel can keep busy: it passes on one thing at a time.
	gatewayCores = 1
)

// serve ends with the stack, and when one of the two fails: a stack that is published by half is worse than one that says
// so.
func serve(ctx context.Context, a asked[GatewayRequest]) error {
	process.SurviveClosedOutput()
	debug.SetMemoryLimit(gatewayMemory)
	runtime.GOMAXPROCS(min(gatewayCores, runtime.GOMAXPROCS(0)))
	if err := gateway.InBatches(); err != nil {
		fmt.Fprintf(os.Stderr, "the gateway is slower than it might be: %v\n", err)
	}
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGTERM) // nothing ends the first process of a container by itself
	defer stop()
	r := a.request
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return untilStopped(ctx, a.State) })
	if r.API != nil {
		server, err := api.New(*r.API, a.Client)
		if err != nil {
			return err
		}
		if server.Resolved, err = given(layout.Config); err != nil {
			return err
		}
		route := gateway.Route{Listen: r.API.Port}
		// Forwarded to as to services, for what the gateway does for both. Who does not come by the tunnel, but from a service's
		// container, needs the token for everything.
		for port, server := range map[*uint16]*api.Server{&route.Port: server, &route.Strangers: server.ForStrangers()} {
			listener, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				return fmt.Errorf("the API: %w", err)
			}
			*port = listener.Addr().(*net.TCPAddr).AddrPort().Port()
			group.Go(func() error { return server.Serve(ctx, listener) })
		}
		r.Routes = append(r.Routes, route)
	}
	own, err := agent.OwnAddress()
	if err != nil {
		return err
	}
	hub, err := r.Gateway.New(own, a.State.Lookup, gateway.OwnLimits())
	if err != nil {
		return err
	}
	group.Go(func() error { return hub.Serve(ctx) })
	if r.Webhook != "" {
		report := func() (control.Report, error) { return a.Report("") }
		group.Go(func() error {
			return alert.Run(ctx, r.Webhook, report, func(text string) { fmt.Fprintln(os.Stderr, text) })
		})
	}
	if r.OTLP != "" {
		group.Go(func() error { return export(ctx, r.OTLP, a.Client) })
	}
	session, err := ownSession()
	if err != nil {
		return err
	}
	group.Go(func() error { return heartbeat(ctx, a.State, session, hub) })
	err = group.Wait()
	forgotten := a.State.ForgetGateway(session) // the last thing: stop waits for it
	if !errors.Is(err, errStopped) && !errors.Is(err, context.Canceled) {
		return err
	}
	return forgotten
}

// export sends metrics and logs to a collector.
func export(ctx context.Context, endpoint string, stack control.Client) error {
	headers, err := os.ReadFile(layout.OTLPHeaders)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	exporter := otlp.Exporter{Endpoint: endpoint, Headers: string(headers), Client: stack, Say: func(text string) { fmt.Fprintln(os.Stderr, text) }}
	exporter.Metrics = func() (prometheus.Collector, error) {
		report, err := stack.Report("")
		return api.Metrics(report), err
	}
	return exporter.Run(ctx)
}

var errStopped = errors.New("the stack was stopped")

func untilStopped(ctx context.Context, stack state.Stack) error {
	if err := stack.AwaitStop(ctx); err != nil {
		return err
	}
	return errStopped
}

// heartbeat says how the gateway is, as agents do. A full volume does not end it; where it cannot write for another reason, such as that it is
// out of files, it takes no clients either, and readers are to call it stale.
func heartbeat(ctx context.Context, stack state.Stack, session string, hub *gateway.Hub) error {
	unwritten := false
	for {
		err := stack.WriteGateway(state.Gateway{Session: session, Updated: time.Now(), Ports: hub.Ports()})
		if err != nil && !unwritten {
			fmt.Fprintf(os.Stderr, "status not written: %v\n", err)
		}
		unwritten = err != nil
		if logstore.NoRoom(err) {
			_ = stack.TouchGateway(time.Now()) // then readers call it stale
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(state.Heartbeat):
		}
	}
}

// stop ends the stack, and with it the gateway, which closes the published ports at once. The call that published them does not
// end by that: Dagger's Service.up waits to be interrupted.
func stop(ctx context.Context, a asked[none]) error {
	_, err := a.State.Gateway()
	published := err == nil
	if err := a.Stop(ctx, say); err != nil {
		return err
	}
	if full := a.State.Full(); full != "" {
		if err := a.line("disk: "+full, nil); err != nil {
			return err
		}
	}
	if published {
		return a.line("the published ports are closed; interrupt the call that published them (Ctrl-C): it does not end by itself", nil)
	}
	return nil
}
