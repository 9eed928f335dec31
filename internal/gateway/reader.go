package gateway

import (
	"errors"
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
	raw  syscall.RawConn
	take func(text []byte) bool
	err  error
}

func newReader(conn *net.TCPConn) (*reader, error) {
	raw, err := conn.SyscallConn()
	return &reader{raw: raw}, err
}

// run hands on what comes, until take wants no more or nothing more comes; the error says why. A text is good until take
// returns.
func (r *reader) run(take func(text []byte) bool) error {
	r.take = take
	if err := r.raw.Read(r.read); err != nil {
		return err
	}
	return r.err
}

// read is called when there may be something to read, and once at first. It tells whether it is over.
func (r *reader) read(fd uintptr) bool {
	buffer := buffers.Get().(*[bufferSize]byte)
	defer buffers.Put(buffer)
	for {
		n, err := readNow(fd, buffer[:])
		switch {
		case errors.Is(err, unix.EAGAIN):
			return false
		case err != nil:
			r.err = err
			return true
		case n == 0:
			r.err = io.EOF
			return true
		}
		if !r.take(buffer[:n]) {
			return true
		}
	}
}
