// Package freeport gives tests and benchmarks ports to listen on.
package freeport

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"sync"
	"syscall"
	"testing"
)

// given are the ports of all tests so far: a port that nobody listens on yet is free for the next one who asks, too.
var given sync.Map

// Take is a port that nobody listens on now. It is below those that Linux gives to outgoing connections
// (net.ipv4.ip_local_port_range, from 32768 on): a connection could have it by the time the server starts, or while it is
// started again.
func Take() (int, error) {
	for {
		port := 20000 + rand.IntN(12000)
		if _, taken := given.LoadOrStore(port, true); taken {
			continue
		}
		listener, err := net.Listen("tcp", fmt.Sprintf(":%d", port))
		if errors.Is(err, syscall.EADDRINUSE) {
			continue
		}
		if err != nil {
			return 0, err
		}
		return port, listener.Close()
	}
}

// For is a port of the test's own.
func For(t testing.TB) int {
	t.Helper()
	port, err := Take()
	if err != nil {
		t.Fatal(err)
	}
	return port
}
