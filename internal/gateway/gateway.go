// Package gateway publishes a stack: one container that listens on every published port and forwards to the
// services. Only the CLI can publish ports on the host, and of one service alone (Service.up), so there is one.
package gateway

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"time"
)

// Gateway is what to forward.
type Gateway struct {
	Routes []Route
}

// Route forwards one port.
type Route struct {
	Listen  int
	Service string // its name
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
		listener, err := Listen(route.Listen)
		if err != nil {
			return err
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
		go r.forward(client.(*conn), lookup)
	}
}

// forward ends with the service: then the tunnel closes the client's connection, too.
func (r Route) forward(client *conn, lookup Lookup) {
	defer client.Close()
	service, err := r.dial(lookup)
	if err != nil {
		fmt.Fprintf(os.Stderr, "port %d: %v\n", r.Listen, err)
		return
	}
	defer service.Close()
	go func() {
		pass(service, client.TCPConn)
		io.Copy(io.Discard, client.TCPConn) // what the service takes no more: unread, it would stop the port
	}()
	pass(client.TCPConn, service)
}

func (r Route) dial(lookup Lookup) (*net.TCPConn, error) {
	address, err := lookup(r.Service)
	if err != nil {
		return nil, err
	}
	service, err := net.DialTimeout("tcp", netip.AddrPortFrom(address, r.Port).String(), dialTimeout)
	if err != nil {
		return nil, err
	}
	return service.(*net.TCPConn), nil
}

// pass copies one direction and hands on its end: a client may have said all and still listen.
func pass(to, from *net.TCPConn) {
	io.Copy(to, from)
	to.CloseWrite()
}
