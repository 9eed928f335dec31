package gateway

import (
	"errors"
	"fmt"
	"net"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// Limits bound a gateway. The tunnel never gives a line back: the engine keeps a file and 42 KiB for each, the CLI a file.
type Limits struct {
	Lines    int // of all ports
	Port     int // of one
	Sessions int // connections with services, of all ports
	// Together is how long the head of an answer waits for its body: many servers write one after the other, and each piece costs the
	// tunnel as much as both at once, which is most of what a request costs. 0: it does not wait.
	Together time.Duration
}

// together is more than a server that is not held up takes between the two, and nobody notices it.
const together = 2 * time.Millisecond

const (
	// linesMax is what an engine can bear of one stack: 1.4 GB, if all of them are open.
	linesMax = 32 << 10
	// portMax is more than the source ports that a Linux client uses by itself before it takes one again: half of 28,232.
	portMax = 16 << 10
	// sessionsMax is more than a stack's services serve at once.
	sessionsMax = 4 << 10
)

// OwnLimits leave the engine most of its files, of which a container's limit is the only one that can be seen here, and the
// CLI, too: it lets go of a file that it needs no more when its garbage is collected, and until then has another one and a
// half for each line.
func OwnLimits() Limits {
	files := 1 << 20
	var limit unix.Rlimit
	if unix.Getrlimit(unix.RLIMIT_NOFILE, &limit) == nil {
		files = int(min(limit.Cur, 1<<20))
	}
	lines := min(linesMax, files*2/5)
	return Limits{Lines: lines, Port: min(portMax, lines-lines/32), Sessions: min(sessionsMax, files/5), Together: together}
}

const (
	acceptRetryFirst = 5 * time.Millisecond
	acceptRetryMax   = time.Second
)

// accept takes lines until there are too many. Nothing but the end of the listener ends it, as in net/http.
func (p *port) accept() error {
	var delay time.Duration
	for {
		conn, err := p.listener.AcceptTCP()
		switch {
		case errors.Is(err, net.ErrClosed):
			return nil
		case err == nil:
			delay = 0
			err = p.add(conn)
		case !p.full.Load():
			p.refused.Add(1)
			p.warn("a client could not be taken: %v", err)
			delay = min(max(2*delay, acceptRetryFirst), acceptRetryMax)
			time.Sleep(delay)
			continue
		}
		if p.full.Load() {
			return p.shut()
		}
		if err != nil {
			return fmt.Errorf("port %d: %w", p.Listen, err)
		}
	}
}

func (p *port) add(conn *net.TCPConn) error {
	l, err := newLine(p, conn)
	if err != nil {
		conn.Close()
		return err
	}
	h := p.Hub
	h.mu.Lock()
	h.lines[l] = struct{}{}
	all := len(h.lines)
	h.mu.Unlock()
	if int(p.lines.Add(1)) >= h.limits.Port {
		p.refuse()
	}
	if all >= h.limits.Lines {
		for _, port := range h.ports {
			if port.Service != "" { // the dashboard is to say what happened
				port.refuse()
			}
		}
	}
	go func() {
		l.serve()
		p.lines.Add(-1)
		h.mu.Lock()
		delete(h.lines, l)
		h.mu.Unlock()
	}()
	return nil
}

// refuse has the listener closed.
func (p *port) refuse() {
	if p.full.CompareAndSwap(false, true) {
		p.warn("%d source ports are in use: no more are taken, docs/ports.md says why. A new `up` begins anew", p.lines.Load())
		_ = p.listener.SetDeadline(time.Now())
	}
}

// settled is shorter than what the engine waits before it repeats the beginning of a handshake that was not answered: a second.
const settled = 100 * time.Millisecond

// shut closes the listener: a new source port is then refused, which the tunnel passes on to the client at once and forgets,
// and those that are known go on. A connection in the listener's queue would be reset by that, and the engine's write to it
// end the tunnel of the port. So the queue is made so short that it is full with one, which keeps others out (the tunnel
// makes one after the other, and is with the next in its pause then), and is emptied just before the end.
func (p *port) shut() error {
	raw, err := p.listener.SyscallConn()
	if err != nil {
		return err
	}
	var shortened error
	if err := raw.Control(func(fd uintptr) { shortened = unix.Listen(int(fd), 0) }); err != nil || shortened != nil {
		return errors.Join(err, shortened)
	}
	for one := false; !one; time.Sleep(settled) {
		if err := raw.Control(func(fd uintptr) { one = hasOne(fd) }); err != nil {
			return nil // the gateway ends
		}
	}
	for {
		_ = p.listener.SetDeadline(time.Now().Add(time.Millisecond))
		conn, err := p.listener.AcceptTCP()
		if err != nil {
			return p.listener.Close()
		}
		if err := p.add(conn); err != nil {
			return err
		}
	}
}

// hasOne tells whether there is a connection in a listener's queue.
func hasOne(fd uintptr) bool {
	poll := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}
	n, err := unix.Poll(poll, 0)
	return err == nil && n > 0
}

// warnInterval keeps what goes wrong often from filling the terminal of the call that publishes.
const warnInterval = 10 * time.Second

func (p *port) warn(format string, args ...any) {
	now, last := time.Now().UnixNano(), p.warned.Load()
	if now-last < int64(warnInterval) || !p.warned.CompareAndSwap(last, now) {
		return
	}
	fmt.Fprintf(os.Stderr, "port %d: %s\n", p.Listen, fmt.Sprintf(format, args...))
}
