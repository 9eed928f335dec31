package gateway

import (
	"errors"
	"fmt"
	"net"
	"os"
	"time"

	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"
)

// Limits bound a gateway. The tunnel never gives a line back: the engine keeps a file and 42 KiB for each, the CLI a file.
type Limits struct {
	Lines    int // of all ports
	Port     int // of one
	Sessions int // connections with services, of all ports
}

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
	return Limits{Lines: lines, Port: min(portMax, lines-lines/32), Sessions: min(sessionsMax, files/5)}
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
		if errors.Is(err, net.ErrClosed) {
			return nil
		}
		if errors.Is(err, os.ErrDeadlineExceeded) { // the queue of a port that is full is empty
			return p.listener.Close()
		}
		if err != nil {
			p.refused.Add(1)
			p.warn("a client could not be taken: %v", err)
			delay = min(max(2*delay, acceptRetryFirst), acceptRetryMax)
			time.Sleep(delay)
			continue
		}
		delay = 0
		if p.full.Load() {
			p.listener.SetDeadline(time.Now().Add(settled))
		}
		if err := p.add(conn); err != nil {
			conn.Close()
			return fmt.Errorf("port %d: %w", p.Listen, err)
		}
	}
}

func (p *port) add(conn *net.TCPConn) error {
	l, err := newLine(p, conn)
	if err != nil {
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

// settled is how long a handshake that has begun takes, and then some; the engine repeats one that was not answered after
// a second.
const settled = 250 * time.Millisecond

// refuse closes the listener: a new source port is then refused, which the tunnel passes on to the client at once and
// forgets, and those that are known go on. A connection in the listener's queue would be reset by that, and the engine's
// write to it would end the tunnel of the port, so no new handshake is let in, and the queue emptied, before.
func (p *port) refuse() {
	if !p.full.CompareAndSwap(false, true) {
		return
	}
	p.warn("%d source ports are in use: no more are taken, docs/ports.md says why. A new `up` begins anew", p.lines.Load())
	if err := p.noHandshakes(); err != nil {
		p.warn("%v", err)
	}
	p.listener.SetDeadline(time.Now().Add(settled))
}

// noHandshakes lets the kernel drop what begins one: a segment with SYN (RFC 9293, 3.1: the flags are in byte 13).
func (p *port) noHandshakes() error {
	const flags, syn = 13, 0x02
	program, err := bpf.Assemble([]bpf.Instruction{
		bpf.LoadAbsolute{Off: flags, Size: 1},
		bpf.JumpIf{Cond: bpf.JumpBitsSet, Val: syn, SkipTrue: 1},
		bpf.RetConstant{Val: 1 << 18},
		bpf.RetConstant{Val: 0},
	})
	if err != nil {
		return err
	}
	filters := make([]unix.SockFilter, len(program))
	for i, f := range program {
		filters[i] = unix.SockFilter{Code: f.Op, Jt: f.Jt, Jf: f.Jf, K: f.K}
	}
	raw, err := p.listener.SyscallConn()
	if err != nil {
		return err
	}
	var failed error
	err = raw.Control(func(fd uintptr) {
		failed = unix.SetsockoptSockFprog(int(fd), unix.SOL_SOCKET, unix.SO_ATTACH_FILTER,
			&unix.SockFprog{Len: uint16(len(filters)), Filter: &filters[0]})
	})
	return errors.Join(err, failed)
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
