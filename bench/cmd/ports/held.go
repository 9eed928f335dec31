package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"time"
)

// holders are clients that hold up the others of their port, each after how much of its own.
var holders = []struct {
	name, request string
	sends         bool // more than the service takes; else it reads nothing of what it asked for
}{
	{"a client that reads nothing of 256 MiB", "GET /bytes/268435456 HTTP/1.1\r\nHost: localhost\r\n\r\n", false},
	{"a client that reads nothing of 1 MiB", "GET /bytes/1048576 HTTP/1.1\r\nHost: localhost\r\n\r\n", false},
	{"a service that reads nothing of 4 MiB", "POST /unread HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4194304\r\n\r\n", true},
	{"a service that reads nothing of 256 MiB", "POST /unread HTTP/1.1\r\nHost: localhost\r\nContent-Length: 268435456\r\n\r\n", true},
}

// heldMost is how long it is waited for another client's answer.
const heldMost = time.Minute

// held prints after how long another client of the port is answered, beside one that holds it up, and once that has left.
func (o options) held(ctx context.Context, address string) error {
	for _, h := range holders {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			return err
		}
		_ = conn.SetDeadline(time.Now().Add(heldMost + 10*time.Second))
		if _, err := io.WriteString(conn, h.request); err != nil {
			return err
		}
		if h.sends {
			go func() { _, _ = io.Copy(conn, io.LimitReader(zeros{}, 256<<20)) }()
		}
		time.Sleep(2 * time.Second) // until all buffers on the way are full
		beside := answered(ctx, address)
		conn.Close()
		fmt.Printf("| %s | %s | %s |\n", h.name, beside, answered(ctx, address))
	}
	return nil
}

// answered is how long a new client waits.
func answered(ctx context.Context, address string) string {
	begun := time.Now()
	ctx, cancel := context.WithTimeout(ctx, heldMost)
	defer cancel()
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", address)
	if err == nil {
		defer conn.Close()
		_ = conn.SetDeadline(begun.Add(heldMost))
		if _, err = io.WriteString(conn, request); err == nil {
			_, err = conn.Read(make([]byte, 1))
		}
	}
	if err != nil {
		return fmt.Sprintf("not within %.0f s", time.Since(begun).Seconds())
	}
	return fmt.Sprintf("%.1f s", time.Since(begun).Seconds())
}
