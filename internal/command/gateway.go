package command

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"golang.org/x/sync/errgroup"

	"dagger/stack/internal/api"
	"dagger/stack/internal/gateway"
)

// GatewayRequest asks Gateway.
type GatewayRequest struct {
	gateway.Gateway
	API *api.Config // nil: there is none
}

// stopPoll is how soon the gateway ends with its stack.
const stopPoll = 50 * time.Millisecond

// serve ends with the stack, and when one of the two fails: a stack that is published by half is worse than one that says
// so.
func serve(ctx context.Context, a asked[GatewayRequest]) error {
	r := a.request
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		for !a.State.Stopped() {
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(stopPoll):
			}
		}
		return errStopped
	})
	if r.API != nil {
		server, err := api.New(*r.API, a.Client)
		if err != nil {
			return err
		}
		listener, err := net.Listen("tcp", "127.0.0.1:0") // forwarded to as to a service, for what the gateway does for both
		if err != nil {
			return fmt.Errorf("the API: %w", err)
		}
		port := listener.Addr().(*net.TCPAddr).AddrPort().Port()
		r.Routes = append(r.Routes, gateway.Route{Listen: r.API.Port, Port: port})
		group.Go(func() error { return server.Serve(ctx, listener) })
	}
	group.Go(func() error { return r.Gateway.Serve(ctx, a.State.Lookup) })
	if err := group.Wait(); err != errStopped {
		return err
	}
	return nil
}

var errStopped = errors.New("the stack was stopped")
