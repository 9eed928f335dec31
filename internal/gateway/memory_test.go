package gateway

import (
	"bytes"
	"io"
	"net"
	"net/http"
	"runtime"
	"runtime/debug"
	"sync"
	"testing"
	"time"
)

// peak is the most that is on the heap while something is done, beyond what was there before.
func peak(do func()) int64 {
	defer debug.SetGCPercent(debug.SetGCPercent(10))
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	before, most := int64(stats.HeapAlloc), int64(0)
	done := make(chan struct{})
	go func() { do(); close(done) }()
	for {
		runtime.ReadMemStats(&stats)
		most = max(most, int64(stats.HeapAlloc)-before)
		select {
		case <-done:
			return most
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// write sends a text again and again, until so much was sent or the other side takes no more.
func write(c net.Conn, text []byte, size int) {
	for sent := 0; sent < size; sent += len(text) {
		c.SetWriteDeadline(time.Now().Add(time.Second))
		if _, err := c.Write(text); err != nil {
			return
		}
	}
}

// What a client can make the gateway keep has a bound, whether the service reads or not.
func TestAttacksAreBounded(t *testing.T) {
	services := map[string]func(*net.TCPConn){
		"a service that reads":         func(c *net.TCPConn) { io.Copy(io.Discard, c) },
		"a service that does not read": func(c *net.TCPConn) { <-t.Context().Done(); c.Close() },
	}
	for name, treat := range services {
		t.Run(name, func(t *testing.T) {
			l, err := listen("127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			startHub(t, l, service(t, treat), here, Limits{Lines: 1000, Port: 1000})
			dial := func() net.Conn {
				conn, err := net.Dial("tcp", l.Addr().String())
				if err != nil {
					t.Error(err)
				}
				t.Cleanup(func() { conn.Close() })
				return conn
			}
			requests := bytes.Repeat([]byte("GET / HTTP/1.1\r\nHost: web\r\n\r\n"), 1000)
			if most := peak(func() { write(dial(), requests, 60<<20) }); most > 3*window {
				t.Errorf("60 MB of requests in one connection cost %d MiB", most>>20)
			}
			head := []byte("GET / HTTP/1.1\r\nHost: web\r\n" + "X-Long: " + string(bytes.Repeat([]byte{'a'}, 4<<20)))
			most := peak(func() {
				var all sync.WaitGroup
				for range 200 {
					all.Go(func() { write(dial(), head, len(head)) })
				}
				all.Wait()
			})
			// Queues grow by doubling, and the buffers of 200 lines that are read at once are 6 MiB.
			if most > 3*windows {
				t.Errorf("200 unfinished heads of 4 MiB cost %d MiB", most>>20)
			}
		})
	}
}

// Half a head is not kept for ever: what belongs to no request that is understood is passed on as it comes.
func TestHeadIsBounded(t *testing.T) {
	w := &web{}
	w.said([]byte("GET / HTTP/1.1\r\n"))
	for range 2 * headMax / 1024 {
		w.said(bytes.Repeat([]byte{'a'}, 1024))
	}
	if !w.lost || len(w.asks.held) > 0 {
		t.Errorf("lost %v, %d bytes are kept", w.lost, len(w.asks.held))
	}
}

// A client that does not read what it is answered holds up itself: another line of the port is served.
func TestSlowReaderOnAnotherLine(t *testing.T) {
	l, err := listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	route := service(t, func(c *net.TCPConn) {
		defer c.Close()
		answer := []byte("HTTP/1.1 200 OK\r\nContent-Length: 1073741824\r\n\r\n")
		for _, err := c.Read(make([]byte, 1024)); err == nil; _, err = c.Write(answer) {
			answer = append(answer[:0], make([]byte, 1<<20)...)
		}
	})
	startHub(t, l, route, here, Limits{Lines: 10, Port: 10})
	for range 3 { // each is served up to what it reads, beside those that read nothing any more
		conn, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		conn.SetDeadline(time.Now().Add(time.Minute))
		io.WriteString(conn, "GET / "+"HTTP/1.1\r\nHost: web\r\n\r\n")
		if _, err := io.ReadFull(conn, make([]byte, http.DefaultMaxHeaderBytes)); err != nil {
			t.Fatal(err)
		}
	}
}
