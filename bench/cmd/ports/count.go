package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"golang.org/x/sys/unix"
)

// outcome is what became of a client.
type outcome int

const (
	served  outcome = iota
	killed          // by itself, as it was meant
	refused         // not connected, or the connection was ended before an answer
	hung            // no answer in time
	wrong           // what came was not its own
	outcomes
)

var names = [outcomes]string{"served", "killed", "refused", "hung", "WRONG"}

// count is of outcomes.
type count struct {
	n     [outcomes]atomic.Int64
	first [outcomes]atomic.Int64 // the number of the first connection with it
	mu    sync.Mutex
	said  []string // of what is wrong
}

func newCount() *count { return &count{} }

func (c *count) all() (all int64) {
	for i := range c.n {
		all += c.n[i].Load()
	}
	return all
}

func (c *count) String() string {
	var parts []string
	for i := range c.n {
		if n := c.n[i].Load(); n > 0 {
			text := fmt.Sprintf("%d %s", n, names[i])
			if outcome(i) >= refused {
				text += fmt.Sprintf(" (first: connection %d)", c.first[i].Load())
			}
			parts = append(parts, text)
		}
	}
	return strings.Join(append(parts, c.said...), ", ")
}

// run makes connections until there were enough.
func (c *count) run(ctx context.Context, o options, client client) {
	var next atomic.Int64
	var group sync.WaitGroup
	for range o.clients {
		group.Go(func() {
			for ctx.Err() == nil {
				i := next.Add(1)
				if i > int64(o.n) {
					return
				}
				kill := o.killed > 0 && i%int64(o.killed) == 0
				became, err := once(ctx, o, client, kill)
				if ctx.Err() != nil {
					return
				}
				c.add(became, i, err)
			}
		})
	}
	group.Wait()
}

func (c *count) add(became outcome, i int64, err error) {
	if c.n[became].Add(1) == 1 {
		c.first[became].Store(i)
		if became >= refused && err != nil {
			c.mu.Lock()
			c.said = append(c.said, fmt.Sprintf("the first %s: %v", names[became], err))
			c.mu.Unlock()
		}
	}
}

// errWrong is what a client returns that was told what is not its own.
var errWrong = errors.New("this is not mine")

// once is one connection.
func once(ctx context.Context, o options, client client, kill bool) (outcome, error) {
	dialer := net.Dialer{Timeout: o.wait, Control: o.fewSources}
	conn, err := dialer.DialContext(ctx, "tcp", local(o.ports))
	for errors.Is(err, syscall.EADDRNOTAVAIL) && ctx.Err() == nil { // no source port is free yet: not the port's doing
		time.Sleep(10 * time.Millisecond)
		conn, err = dialer.DialContext(ctx, "tcp", local(o.ports))
	}
	if err != nil {
		return classify(err), err
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(o.wait))
	if kill || o.sources > 0 { // else the source port is not free for a minute: the tunnel does not end its side
		_ = conn.(*net.TCPConn).SetLinger(0)
	}
	err = client(ctx, conn, o, fmt.Sprintf("%016x", rand.Uint64()), kill)
	if kill && err == nil {
		return killed, nil
	}
	return classify(err), err
}

func classify(err error) outcome {
	switch {
	case err == nil:
		return served
	case errors.Is(err, errWrong):
		return wrong
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, context.DeadlineExceeded):
		return hung
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.ECONNREFUSED), errors.Is(err, syscall.EPIPE):
		return refused
	}
	var timeout net.Error
	var server *pgconn.PgError // too many clients, and their like
	switch {
	case errors.As(err, &timeout) && timeout.Timeout():
		return hung
	case errors.As(err, &server):
		return refused
	}
	return wrong
}

// fewSources has the kernel choose among few source ports (ip(7), IP_LOCAL_PORT_RANGE: from Linux 6.3 on).
func (o options) fewSources(_, _ string, raw syscall.RawConn) (err error) {
	if o.sources == 0 {
		return nil
	}
	const ipLocalPortRange, first = 51, 33000
	controlErr := raw.Control(func(fd uintptr) {
		err = unix.SetsockoptInt(int(fd), unix.IPPROTO_IP, ipLocalPortRange, (first+o.sources-1)<<16|first)
	})
	return errors.Join(controlErr, err)
}
