package gateway

import (
	"errors"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Reads and writes here never wait, and are made without a word to Go's scheduler. It would take the processor away from the goroutine
// for each that lasts 20 µs, as a write does that delivers its packets at once, and give it to another thread: with one
// processor, that and watching over it cost a third of what a request did.

func readNow(fd uintptr, buffer []byte) (int, error) { return rawNow(unix.SYS_READ, fd, buffer) }

func writeNow(fd uintptr, text []byte) (int, error) { return rawNow(unix.SYS_WRITE, fd, text) }

func rawNow(call, fd uintptr, bytes []byte) (int, error) {
	if len(bytes) == 0 {
		return 0, nil
	}
	for {
		n, _, errno := unix.RawSyscall(call, fd, uintptr(unsafe.Pointer(unsafe.SliceData(bytes))), uintptr(len(bytes)))
		switch errno {
		case 0:
			return int(n), nil
		case unix.EINTR:
		default:
			return 0, errno
		}
	}
}

// writer writes to a connection. It is not called by two at once.
type writer struct {
	raw  syscall.RawConn
	text []byte // what is not written yet
	wait bool   // until all is
	err  error
	try  func(fd uintptr) bool
}

func newWriter(raw syscall.RawConn) *writer {
	w := &writer{raw: raw}
	w.try = w.attempt
	return w
}

// write waits until all is written, or as long as the connection's deadline lets it.
func (w *writer) write(text []byte) error {
	_, err := w.run(text, true)
	return err
}

// begin writes what can be written at once, and gives the rest.
func (w *writer) begin(text []byte) (rest []byte, err error) { return w.run(text, false) }

func (w *writer) run(text []byte, wait bool) (rest []byte, err error) {
	w.text, w.wait, w.err = text, wait, nil
	err = w.raw.Write(w.try)
	rest, w.text = w.text, nil
	if err == nil {
		err = w.err
	}
	return rest, err
}

// attempt tells whether it is over.
func (w *writer) attempt(fd uintptr) bool {
	for len(w.text) > 0 {
		n, err := writeNow(fd, w.text)
		if errors.Is(err, unix.EAGAIN) {
			return !w.wait
		}
		if err != nil {
			w.err = err
			return true
		}
		w.text = w.text[n:]
	}
	return true
}
