package docker

import (
	"net"
	"os"
	"runtime"

	"golang.org/x/sys/unix"
)

// dialIn connects from inside of a network namespace. A namespace is a thread's: this one is not used again.
func dialIn(namespace, network, address string) (net.Conn, error) {
	ns, err := os.Open(namespace)
	if err != nil {
		return nil, err
	}
	defer ns.Close()
	type answer struct {
		conn net.Conn
		err  error
	}
	answers := make(chan answer)
	go func() {
		runtime.LockOSThread() // and never unlocked: the thread ends with the goroutine
		if err := unix.Setns(int(ns.Fd()), unix.CLONE_NEWNET); err != nil {
			answers <- answer{nil, err}
			return
		}
		conn, err := net.Dial(network, address)
		answers <- answer{conn, err}
	}()
	a := <-answers
	return a.conn, a.err
}
