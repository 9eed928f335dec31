package probe

import (
	"cmp"
	"context"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"time"

	"dagger/stack/internal/spec"
)

// dial connects to one port of the container, whatever it is asked for.
type dial func(ctx context.Context, network, address string) (net.Conn, error)

// dialer says so when the service listens where nobody else can reach it, or on another port. Who has said how long the service takes
// to start has said how long it may listen on another port alone.
func dialer(t Target, port int, p spec.Probe) dial {
	timeout := cmp.Or(time.Duration(p.StartPeriod), LongTimeout)
	return func(ctx context.Context, _, _ string) (net.Conn, error) {
		var d net.Dialer
		conn, err := d.DialContext(ctx, "tcp", netip.AddrPortFrom(t.Address, uint16(port)).String())
		if err == nil {
			return conn, nil
		}
		if !t.Address.IsLoopback() {
			if inner, innerErr := d.DialContext(ctx, "tcp", net.JoinHostPort("localhost", strconv.Itoa(port))); innerErr == nil {
				inner.Close()
				return nil, lastingError{fmt.Errorf("the service listens on localhost:%d alone, where no other service reaches it: make it listen on 0.0.0.0", port), ShortTimeout}
			}
		}
		if others := listening(t.UID); others != "" {
			return nil, lastingError{fmt.Errorf("nothing listens on port %d: the service listens on %s: make it listen on 0.0.0.0:%d, which its variables HOST and PORT say, or give the stack its port",
				port, others, port), timeout}
		}
		return nil, err
	}
}

// abruptly is a connection that ends with a reset. A service that closes it first, as HTTP asks of it here, would keep its port for a
// minute otherwise (TIME-WAIT): one that does not set SO_REUSEADDR could not be started again for as long. A privileged container
// remembers no connection in any case (harden.ForgetConnections); this is for the others.
func (d dial) abruptly(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := d(ctx, network, address)
	if tcp, is := conn.(*net.TCPConn); err == nil && is {
		err = tcp.SetLinger(0)
	}
	return conn, err
}
