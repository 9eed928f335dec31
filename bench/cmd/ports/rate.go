package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// measure is of what a port passes on.
type measure struct {
	name, unit string
	do         func(ctx context.Context, address string) (float64, error)
}

// measures are those of the server behind the port, or of postgres.
func (o options) measures() []measure {
	if o.kind == "postgres" {
		return []measure{{"queries of postgres", "/s", o.queries}}
	}
	return []measure{
		{"requests, kept alive", "/s", o.requests},
		{"new connections", "/s", o.newConnections},
		{"download", "MB/s", o.download},
		{"upload", "MB/s", o.upload},
	}
}

// rates prints what each port passes on, in turns.
func (o options) rates(ctx context.Context) error {
	const turns = 3
	for _, m := range o.measures() {
		fmt.Printf("%-24s", m.name)
		best := map[string]float64{}
		var order []string
		for turn := range turns {
			for named := range strings.SplitSeq(o.ports, ",") {
				name, port, found := strings.Cut(named, "=")
				if !found {
					return fmt.Errorf("-port %q: want NAME=PORT", named)
				}
				if turn == 0 {
					order = append(order, name)
				}
				measuring, cancel := context.WithTimeout(ctx, o.rate)
				value, err := m.do(measuring, local(port))
				cancel()
				if err != nil {
					return fmt.Errorf("%s of %s: %w", m.name, name, err)
				}
				best[name] = max(best[name], value)
			}
		}
		for i, name := range order {
			fmt.Printf("  %s %.0f %s", name, best[name], m.unit)
			if i > 0 {
				fmt.Printf(" (%.2f of %s)", best[name]/best[order[i-1]], order[i-1])
			}
		}
		fmt.Println()
	}
	return ctx.Err()
}

const request = "GET /echo/0123456789abcdef HTTP/1.1\r\nHost: localhost\r\n\r\n"

// requests counts answers on connections that are kept. The answers are all of one length: a client that parsed them would
// measure itself.
func (o options) requests(ctx context.Context, address string) (float64, error) {
	var answers atomic.Int64
	begun := time.Now()
	err := o.together(ctx, func() error {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			return err
		}
		defer conn.Close()
		defer context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Now()) })()
		buffer := make([]byte, 4096)
		for length := 0; ctx.Err() == nil; answers.Add(1) {
			if _, err := io.WriteString(conn, request); err != nil {
				return err
			}
			if length == 0 {
				n, err := conn.Read(buffer)
				if err != nil || !bytes.HasSuffix(buffer[:n], []byte("0123456789abcdef")) {
					return fmt.Errorf("%q: %w", buffer[:n], err)
				}
				length = n
			} else if _, err := io.ReadFull(conn, buffer[:length]); err != nil {
				return err
			}
		}
		return nil
	})
	return float64(answers.Load()) / time.Since(begun).Seconds(), err
}

// together is all clients at once; the end of the time is no error.
func (o options) together(ctx context.Context, do func() error) error {
	var group sync.WaitGroup
	var failed atomic.Value
	for range o.clients {
		group.Go(func() {
			if err := do(); err != nil && ctx.Err() == nil {
				failed.Store(err)
			}
		})
	}
	group.Wait()
	err, _ := failed.Load().(error)
	return err
}

// newConnections counts those that are answered. It makes no more than the tunnel has fresh source ports for: see docs/ports.md.
func (o options) newConnections(ctx context.Context, address string) (float64, error) {
	const most = 300
	var n atomic.Int64
	begun := time.Now()
	err := o.together(ctx, func() error {
		for ctx.Err() == nil && n.Add(1) <= most {
			conn, err := net.DialTimeout("tcp", address, o.wait)
			if err != nil {
				return err
			}
			_ = conn.SetDeadline(time.Now().Add(o.wait))
			_, err = io.WriteString(conn, request)
			if err == nil {
				_, err = conn.Read(make([]byte, 4096))
			}
			conn.Close()
			if err != nil {
				return err
			}
		}
		return nil
	})
	return float64(min(n.Load(), most)) / time.Since(begun).Seconds(), err
}

const transfer = 64 << 20

func (o options) download(ctx context.Context, address string) (float64, error) {
	return throughput(ctx, address, func() (*http.Request, error) {
		return http.NewRequest("GET", fmt.Sprintf("http://%s/bytes/%d", address, transfer), nil)
	})
}

func (o options) upload(ctx context.Context, address string) (float64, error) {
	return throughput(ctx, address, func() (*http.Request, error) {
		return http.NewRequest("POST", "http://"+address+"/", io.LimitReader(zeros{}, transfer))
	})
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) { return len(b), nil }

func throughput(_ context.Context, _ string, make func() (*http.Request, error)) (float64, error) {
	request, err := make()
	if err != nil {
		return 0, err
	}
	client := &http.Client{Transport: &http.Transport{}, Timeout: time.Minute}
	defer client.CloseIdleConnections()
	begun := time.Now()
	response, err := client.Do(request)
	if err != nil {
		return 0, err
	}
	defer response.Body.Close()
	_, err = io.Copy(io.Discard, response.Body)
	return transfer / 1e6 / time.Since(begun).Seconds(), err
}
