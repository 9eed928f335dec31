package agent

import (
	"context"
	"fmt"
	"io"
	"net"
	"strconv"
	"sync"

	"golang.org/x/net/netutil"

	"dagger/stack/internal/spec"
)

// mostLocal is how many connections there may be to one port of localhost at a time: the agent serves them.
const mostLocal = 256

// serveLocal has other services answer at ports of localhost, as they do on a machine where all run side by side. A port that is taken
// stays its owner's.
func (a *agent) serveLocal() {
	for _, local := range a.Service.Local {
		for _, host := range []string{"127.0.0.1", "::1"} {
			listener, err := net.Listen("tcp", net.JoinHostPort(host, strconv.Itoa(local.Port)))
			if err != nil {
				if host == "127.0.0.1" { // a machine may have no IPv6
					a.log.Note(fmt.Sprintf("%s does not answer at localhost:%d: %v", local.Service, local.Port, err))
				}
				continue
			}
			go a.forward(netutil.LimitListener(listener, mostLocal), local)
		}
	}
}

// forward hands on what comes to a port, as long as the agent lives.
func (a *agent) forward(from net.Listener, to spec.Local) {
	for {
		client, err := from.Accept()
		if err != nil {
			return
		}
		go func() {
			defer client.Close()
			server, err := a.dial(to)
			if err != nil {
				return // as a server that does not listen
			}
			defer server.Close()
			join(client, server)
		}()
	}
}

// dial connects to a port of another service. Without a nameserver of the agent's the engine knows the name.
func (a *agent) dial(to spec.Local) (net.Conn, error) {
	host := to.Service
	found, _, err := a.directory().Addresses(to.Service)
	if err == nil && len(found) > 0 {
		host = found[0].String()
	}
	var d net.Dialer
	return d.DialContext(context.Background(), "tcp", net.JoinHostPort(host, strconv.Itoa(to.To)))
}

// join hands on what each side says, and that it has said all.
func join(client, server net.Conn) {
	var both sync.WaitGroup
	for _, way := range [][2]net.Conn{{client, server}, {server, client}} {
		both.Go(func() {
			from, to := way[0], way[1]
			_, _ = io.Copy(to, from) // who is gone needs no more
			if half, can := to.(interface{ CloseWrite() error }); can {
				_ = half.CloseWrite()
				return
			}
			_ = to.Close()
		})
	}
	both.Wait()
}
