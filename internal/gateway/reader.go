package gateway

import (
	"io"
	"net"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"
)

const bufferSize = 32 << 10

var buffers = sync.Pool{New: func() any { return new([bufferSize]byte) }}

// reader reads a connection and has a buffer only while there is something in it: most connections wait, most of the time.
type reader struct {
	raw    syscall.RawConn
	try    func(fd uintptr) bool
	buffer *[bufferSize]byte
	n      int
	err    error
}

func newReader(conn *net.TCPConn) (*reader, error) {
	raw, err := conn.SyscallConn()
	if err != nil {
		return nil, err
	}
	r := &reader{raw: raw}
	r.try = r.read
	return r, nil
}

// next waits for a text. It is good until done, or the next.
func (r *reader) next() ([]byte, error) {
	r.done()
	if err := r.raw.Read(r.try); err != nil {
		return nil, err
	}
	if r.err != nil {
		r.done()
		return nil, r.err
	}
	return r.buffer[:r.n], nil
}

func (r *reader) done() {
	if r.buffer != nil {
		buffers.Put(r.buffer)
		r.buffer = nil
	}
}

// read tells whether it has something, or never will.
func (r *reader) read(fd uintptr) bool {
	if r.buffer == nil {
		r.buffer = buffers.Get().(*[bufferSize]byte)
	}
	for {
		r.n, r.err = unix.Read(int(fd), r.buffer[:])
		if r.err != unix.EINTR {
			break
		}
	}
	if r.err == unix.EAGAIN {
		r.done()
		return false
	}
	if r.err == nil && r.n == 0 {
		r.err = io.EOF
	}
	return true
}
