// Package gateway publishes a stack: one container that listens on every published port and forwards to the
// services. Only the CLI can publish ports on the host, and of one service alone (Service.up), so there is one.
package gateway

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
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
	// Strangers is the port for who does not come by the tunnel, but from another container; 0: the same.
	Strangers uint16
}

// Lookup finds where a service listens now.
type Lookup func(service string) (netip.Addr, error)

// Hub is a gateway that runs.
type Hub struct {
	lookup Lookup
	limits Limits
	ports  []*port
	queued atomic.Int64 // bytes that services have not taken
	tunnel netip.Addr   // where the tunnel's connections come from

	mu    sync.Mutex
	lines map[*line]struct{}

	addresses addresses
}

// port is one that is listened on.
type port struct {
	*Hub
	Route
	listener *net.TCPListener
	known    atomic.Bool // a protocol that the gateway knows was spoken
	full     atomic.Bool
	lines    atomic.Int64 // that are open
	began    atomic.Int64 // connections with the service, so far
	ends     atomic.Int64 // lines of which the end was sent
	vains    atomic.Int64 // of these, on which a client came again
	refused  atomic.Int64 // accepts that failed
	warned   atomic.Int64 // when, in nanoseconds
}

// New listens on all ports, at an address of the container. Not at all of its addresses: the engine has a listener of its own at
// the loopback's, for telemetry (setupOTel in engine/engineutil/executor_spec.go of v0.21.8), on any port that the kernel gives.
func (g Gateway) New(own netip.Addr, lookup Lookup, limits Limits) (*Hub, error) {
	h := &Hub{lookup: lookup, limits: limits, tunnel: tunnelAddress(), lines: map[*line]struct{}{}}
	for _, route := range g.Routes {
		listener, err := listen(netip.AddrPortFrom(own, uint16(route.Listen)).String())
		if err != nil {
			h.Close()
			return nil, fmt.Errorf("publish port %d: %w", route.Listen, err)
		}
		h.ports = append(h.ports, &port{Hub: h, Route: route, listener: listener})
	}
	return h, nil
}

// listen is without MPTCP, which Go offers by default and the engine never asks for.
func listen(address string) (*net.TCPListener, error) {
	var config net.ListenConfig
	config.SetMultipathTCP(false)
	listener, err := config.Listen(context.Background(), "tcp", address)
	if err != nil {
		return nil, err
	}
	return listener.(*net.TCPListener), nil
}

// Serve forwards until the context ends or a listener fails.
func (h *Hub) Serve(ctx context.Context) error {
	defer h.Close()
	failed := make(chan error, len(h.ports))
	for _, port := range h.ports {
		go func() { failed <- port.accept() }()
	}
	sweep := time.NewTicker(sweepInterval)
	defer sweep.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case err := <-failed:
			if err != nil {
				return err
			}
		case <-sweep.C:
			h.sweep()
		}
	}
}

// Close ends the listening.
func (h *Hub) Close() {
	for _, port := range h.ports {
		port.listener.Close()
	}
}

func (p *port) name() string {
	if p.Service == "" {
		return "the API"
	}
	return p.Service
}

const (
	// dialTimeout bounds the wait for a service that does not answer: one that restarts is back within it or the
	// client is told.
	dialTimeout = 5 * time.Second
	// silence is how long a machine may not confirm what it was sent.
	silence = 30 * time.Second
)

var dialer = net.Dialer{
	Timeout:         dialTimeout,
	KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: 15 * time.Second, Interval: 5 * time.Second, Count: 3},
	Control: func(_, _ string, raw syscall.RawConn) error {
		var failed error
		err := raw.Control(func(fd uintptr) {
			failed = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, int(silence.Milliseconds()))
		})
		return errors.Join(err, failed)
	},
}

// connect connects with the service of a line.
func (l *line) connect(route Route) (*net.TCPConn, error) {
	address, port := netip.AddrFrom4([4]byte{127, 0, 0, 1}), route.Port
	if route.Service != "" {
		var err error
		if address, err = l.addresses.find(l.lookup, route.Service); err != nil {
			return nil, err
		}
	} else if route.Strangers != 0 && l.isStranger() {
		port = route.Strangers
	}
	conn, err := dialer.Dial("tcp", netip.AddrPortFrom(address, port).String())
	if err != nil {
		l.addresses.forget(route.Service)
		return nil, fmt.Errorf("%s does not answer: %w", l.name(), err)
	}
	return conn.(*net.TCPConn), nil
}
