// Package gateway publishes a stack: one container that listens on every published port and forwards to the
// services. Only the CLI can publish ports on the host, and of one service alone (Service.up), so there is one.
package gateway

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"os"
	"strconv"
	"time"
)

// Gateway is what to forward.
type Gateway struct {
	Routes []Route
}

// Route forwards one port.
type Route struct {
	Listen  int
	Service string // its name; empty: the gateway's own
	Port    uint16
}

// dialTimeout bounds the wait for a service that does not answer: one that restarts is back within it or the
// client is told.
const dialTimeout = 5 * time.Second

// Lookup finds where a service listens now.
type Lookup func(service string) (netip.Addr, error)

// Serve forwards until the context ends or a listener fails.
func (g Gateway) Serve(ctx context.Context, lookup Lookup) error {
	failed := make(chan error, len(g.Routes))
	for _, route := range g.Routes {
		listener, err := net.Listen("tcp", ":"+strconv.Itoa(route.Listen))
		if err != nil {
			return fmt.Errorf("publish port %d: %w", route.Listen, err)
		}
		defer listener.Close()
		go func() { failed <- route.serve(listener, lookup) }()
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case err := <-failed:
		return err
	}
}

func (r Route) serve(listener net.Listener, lookup Lookup) error {
	for {
		client, err := listener.Accept()
		if err != nil {
			return fmt.Errorf("port %d: %w", r.Listen, err)
		}
		go r.forward(client.(*net.TCPConn), lookup)
	}
}

// forward connects a client with the service: anew when it comes back after a connection of which it was not sent the end.
func (r Route) forward(client *net.TCPConn, lookup Lookup) {
	defer r.end(client)
	var first []byte // no more than tells that it is back: a connection that waits holds no buffer
	for {
		service, err := r.dial(lookup)
		if err != nil {
			fmt.Fprintf(os.Stderr, "port %d: %v\n", r.Listen, err)
			return
		}
		if waits := relay(client, service, first); waits {
			return
		}
		first = make([]byte, 1)
		if _, err := client.Read(first); err != nil {
			return
		}
	}
}

func (r Route) dial(lookup Lookup) (*net.TCPConn, error) {
	address := netip.AddrFrom4([4]byte{127, 0, 0, 1})
	if r.Service != "" {
		var err error
		if address, err = lookup(r.Service); err != nil {
			return nil, err
		}
	}
	service, err := net.DialTimeout("tcp", netip.AddrPortFrom(address, r.Port).String(), dialTimeout)
	if err != nil {
		return nil, err
	}
	return service.(*net.TCPConn), nil
}
