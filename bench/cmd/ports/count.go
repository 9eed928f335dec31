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
	left  sync.Map // who was killed: left
}

// left is a client that was killed before its answer.
type left struct {
	source string    // its address
	asked  time.Time // what it never read
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
				became, err := c.once(ctx, o, client, kill)
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
	nth := c.n[became].Add(1)
	if nth == 1 {
		c.first[became].Store(i)
	}
	if nth == 1 && became >= refused || nth <= toldOfWrong && became == wrong {
		c.mu.Lock()
		c.said = append(c.said, fmt.Sprintf("%s %d: connection %d: %v", names[became], nth, i, err))
		c.mu.Unlock()
	}
}

// toldOfWrong is how many answers that were another's are told of.
const toldOfWrong = 10

// errWrong is what a client returns that was told what is not its own.
var errWrong = errors.New("this is not mine")

// notMine is an answer to another.
type notMine string

func (a notMine) Error() string { return fmt.Sprintf("%v: %q", errWrong, string(a)) }

func (notMine) Unwrap() error { return errWrong }

// traced says whose answer a client got: one that was killed has it in the tunnel when the next client asks.
func (c *count) traced(err error, source string, asked time.Time) error {
	var answer notMine
	if !errors.As(err, &answer) {
		return err
	}
	now := time.Now()
	of, found := c.left.Load(string(answer))
	if !found {
		return fmt.Errorf("%w, which nobody who was killed had asked for", err)
	}
	return fmt.Errorf("%w: %s was killed, and had asked %s before it came; %s had it %s after it was connected",
		err, of.(left).source, now.Sub(of.(left).asked), source, now.Sub(asked))
}

// once is one connection.
func (c *count) once(ctx context.Context, o options, client client, kill bool) (outcome, error) {
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
	who, source, asked := fmt.Sprintf("%016x", rand.Uint64()), conn.LocalAddr().String(), time.Now()
	if kill {
		c.left.Store(who, left{source: source, asked: asked})
	}
	err = c.traced(client(ctx, conn, o, who, kill), source, asked)
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
