package gateway

import (
	"fmt"
	"io"
	"net"
	"strconv"
	"sync"
	"time"
)

// linger is how long what still comes is read after a connection's end.
const linger = 5 * time.Second

// Listen listens on a port that is published through the engine's tunnel. One connection that refuses what is written to
// it ends the tunnel of its port for good, for all (engine/engineutil/client.go ListenHostToContainer). So these do not
// refuse: when one is closed its end is sent, and what was on its way is read and dropped.
//
// The engine never closes its side before the call ends, nor tells when a client has closed its own: to wait for that is
// to keep every connection.
func Listen(port int) (net.Listener, error) {
	l, err := net.Listen("tcp", ":"+strconv.Itoa(port))
	if err != nil {
		return nil, fmt.Errorf("publish port %d: %w", port, err)
	}
	return listener{l}, nil
}

type listener struct{ net.Listener }

func (l listener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &conn{TCPConn: c.(*net.TCPConn)}, nil
}

type conn struct {
	*net.TCPConn
	closing sync.Once
}

func (c *conn) Close() error {
	c.closing.Do(func() {
		c.CloseWrite()
		go func() {
			c.SetDeadline(time.Now().Add(linger))
			io.Copy(io.Discard, c.TCPConn)
			c.TCPConn.Close()
		}()
	})
	return nil
}
