package e2e

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// from dials a published port from one source port. The kernel lets it be used again a second after its last use.
func (s *session) from(source int, address string) net.Conn {
	s.Helper()
	dialer := net.Dialer{
		LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: source},
		Control: func(_, _ string, c syscall.RawConn) error {
			return c.Control(func(fd uintptr) { syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_REUSEADDR, 1) })
		},
	}
	var conn net.Conn
	s.until("the source port can be used again", func() (done bool) {
		var err error
		conn, err = dialer.Dial("tcp", address)
		return err == nil
	})
	conn.SetDeadline(time.Now().Add(patience))
	return conn
}

// After some 3,000 connections, or at once by chance, a source port comes again, and Dagger's tunnel takes the client for
// the last one.
func TestSourcePortAgain(t *testing.T) {
	t.Parallel()
	s := plain(t)
	session := s.up()
	source := freePort(t)
	for range 3 {
		for service, path := range map[string]string{"backend": "/env/PORT", "api": "/openapi.json"} {
			address := fmt.Sprintf("127.0.0.1:%d", s.ports[service])
			client := http.Client{Transport: &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) {
				return session.from(source, address), nil
			}}}
			response, err := client.Get("http://" + address + path)
			if err != nil {
				t.Fatalf("%s: %v", service, err)
			}
			if text, err := io.ReadAll(response.Body); err != nil || response.StatusCode != 200 || len(text) == 0 {
				t.Errorf("%s: %s %q, %v", service, response.Status, text, err)
			}
			response.Body.Close()
			client.CloseIdleConnections()
		}
		config, err := pgx.ParseConfig(s.databaseURL())
		if err != nil {
			t.Fatal(err)
		}
		config.DialFunc = func(_ context.Context, _, address string) (net.Conn, error) {
			return session.from(source, address), nil
		}
		conn, err := pgx.ConnectConfig(t.Context(), config)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := conn.Exec(t.Context(), "SELECT 1"); err != nil {
			t.Error(err)
		}
		conn.Close(t.Context())
	}
}
