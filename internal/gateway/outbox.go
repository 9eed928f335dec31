package gateway

import (
	"net"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

const (
	// window is what is kept for a service that does not read, beyond the kernel's own buffers (some MiB). While it is full the
	// line is not read, and with it no line of the port: the tunnel writes to one after the other.
	window = 8 << 20
	// windows bounds all of them.
	windows = 64 << 20
	// stall is how long the others of a port are held up by a service that reads nothing.
	stall = 30 * time.Second
)

// outbox passes on to a service what its client says. It does not wait for the service, as long as there is room.
type outbox struct {
	conn  *net.TCPConn
	now   *writer
	total *atomic.Int64 // of all queues

	mu       sync.Mutex
	changed  sync.Cond
	queue    []byte
	pending  int  // of the queue, and what is being written
	flushing bool // the queue is being written, or will be when there is a connection
	shut     bool // behind the queue comes the end
	broken   bool
}

func newOutbox(total *atomic.Int64) *outbox {
	o := &outbox{total: total, flushing: true}
	o.changed.L = &o.mu
	return o
}

// start begins to pass on, to a connection that there was not until now.
func (o *outbox) start(conn *net.TCPConn, raw syscall.RawConn) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.conn, o.now = conn, newWriter(raw)
	go o.flush()
}

// write is called by one.
func (o *outbox) write(text []byte) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.flushing && !o.broken {
		rest, err := o.now.begin(text)
		o.broken = err != nil // which shows when the service is read from
		text = rest
	}
	if len(text) == 0 || o.broken {
		return // what a service takes no more is dropped: unread, it would hold up the others of the port
	}
	for o.pending > 0 && !o.broken && (o.pending+len(text) > window || o.total.Load() > windows) {
		o.changed.Wait()
	}
	if o.broken {
		return
	}
	o.queue = append(o.queue, text...)
	o.count(len(text))
	if !o.flushing {
		o.flushing = true
		go o.flush()
	}
}

func (o *outbox) flush() {
	o.mu.Lock()
	defer o.mu.Unlock()
	for len(o.queue) > 0 && !o.broken {
		part := o.queue
		o.queue = nil
		for len(part) > 0 && !o.broken {
			piece := part[:min(len(part), bufferSize)]
			o.mu.Unlock()
			_ = o.conn.SetWriteDeadline(time.Now().Add(stall))
			_, err := o.conn.Write(piece)
			o.mu.Lock()
			if err != nil {
				o.broken = true
				o.conn.Close() // shows when it is read from
			}
			part = part[len(piece):]
			o.count(-len(piece))
			o.changed.Broadcast()
		}
	}
	o.count(-o.pending)
	o.queue, o.flushing = nil, false
	if o.shut {
		o.conn.CloseWrite()
	}
	o.changed.Broadcast()
}

func (o *outbox) count(n int) {
	o.pending += n
	o.total.Add(int64(n))
}

// end lets the service know that nothing follows.
func (o *outbox) end() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.shut = true
	if !o.flushing && o.conn != nil {
		o.conn.CloseWrite()
	}
}

// breakOff drops what the service has not got.
func (o *outbox) breakOff() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.broken = true
	if o.conn == nil {
		o.count(-o.pending)
		o.queue = nil
	}
	o.changed.Broadcast()
}
