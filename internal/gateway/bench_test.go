package gateway

import (
	"context"
	"io"
	"net"
	"testing"
)

// BenchmarkKeepAlive is a request and its answer on a line that has a connection with the service, beside the same without
// the gateway.
func BenchmarkKeepAlive(b *testing.B) {
	const request = "GET / HTTP/1.1\r\nHost: localhost:3000\r\nUser-Agent: bench\r\nAccept: */*\r\n\r\n"
	const answer = "HTTP/1.1 200 OK\r\nDate: Fri, 27 Nov 2026 06:20:39 GMT\r\nContent-Length: 3\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nok\n"
	server, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	defer server.Close()
	go func() {
		for {
			c, err := server.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				for buf := make([]byte, len(request)); ; io.WriteString(c, answer) {
					if _, err := io.ReadFull(c, buf); err != nil {
						return
					}
				}
			}()
		}
	}()
	port := server.Addr().(*net.TCPAddr).AddrPort().Port()
	hub, err := Gateway{Routes: []Route{{Port: port}}}.New(loopback, here, Limits{Lines: 1 << 20, Port: 1 << 20})
	if err != nil {
		b.Fatal(err)
	}
	ctx, cancel := context.WithCancel(b.Context())
	defer cancel()
	go hub.Serve(ctx)
	for name, address := range map[string]string{"direct": server.Addr().String(), "gateway": hub.ports[0].listener.Addr().String()} {
		b.Run(name, func(b *testing.B) {
			b.SetParallelism(8)
			b.RunParallel(func(pb *testing.PB) {
				c, err := net.Dial("tcp", address)
				if err != nil {
					b.Error(err)
					return
				}
				defer c.Close()
				for buf := make([]byte, len(answer)); pb.Next(); {
					io.WriteString(c, request)
					if _, err := io.ReadFull(c, buf); err != nil {
						b.Error(err)
						return
					}
				}
			})
		})
	}
}

// BenchmarkTalk is what it costs to follow a request and its answer.
func BenchmarkTalk(b *testing.B) {
	const request = "GET / HTTP/1.1\r\nHost: localhost:3000\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64)\r\nAccept: text/html\r\nAccept-Encoding: gzip\r\nCookie: a=b\r\n\r\n"
	const answer = "HTTP/1.1 200 OK\r\nDate: Fri, 27 Nov 2026 06:20:39 GMT\r\nContent-Length: 3\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nok\n"
	w := &web{}
	ask, say := []byte(request), []byte(answer)
	b.ReportAllocs()
	for b.Loop() {
		if w.another(ask, reuse) {
			b.Fatal("another")
		}
		w.said(ask)
		w.answered(say)
	}
}
