// Package outside is the client that ends every measure: it connects to published ports as a user's programs do, and
// believes no tool's word.
package outside

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/gomodule/redigo/redis"
	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"
)

const (
	// poll is how soon an answer is noticed; refusals are cheap.
	poll = 5 * time.Millisecond
	// attempt bounds one question: a server that takes longer is asked anew.
	attempt = time.Second
)

// Target is one published port. Ask says who answered, where the protocol tells: a new process has another name.
type Target struct {
	Name string
	Addr string
	Ask  func(ctx context.Context) (who string, err error)
}

// Postgres answers SELECT 1.
func Postgres(name string, port int, password string) Target {
	addr := local(port)
	url := fmt.Sprintf("postgres://postgres:%s@%s/app?sslmode=disable", url.QueryEscape(password), addr)
	return Target{name, addr, func(ctx context.Context) (who string, err error) {
		conn, err := pgx.Connect(ctx, url)
		if err != nil {
			return "", err
		}
		defer conn.Close(ctx)
		var one int
		err = conn.QueryRow(ctx, "SELECT 1, pg_postmaster_start_time()::text").Scan(&one, &who)
		return who, err
	}}
}

// Redis answers PING.
func Redis(name string, port int, password string) Target {
	addr := local(port)
	return Target{name, addr, func(ctx context.Context) (string, error) {
		conn, err := redis.DialContext(ctx, "tcp", addr, redis.DialPassword(password))
		if err != nil {
			return "", err
		}
		defer conn.Close()
		if _, err := redis.DoContext(conn, ctx, "PING"); err != nil {
			return "", err
		}
		info, err := redis.String(redis.DoContext(conn, ctx, "INFO", "server"))
		_, id, _ := strings.Cut(info, "run_id:")
		id, _, _ = strings.Cut(id, "\r")
		return id, err
	}}
}

// HTTP answers 200. It does not say who it is.
func HTTP(name string, port int, path string) Target {
	addr := local(port)
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	return Target{name, addr, func(ctx context.Context) (string, error) {
		_, err := get(ctx, client, "http://"+addr+path)
		return "", err
	}}
}

// Says waits until the page says those words.
func Says(ctx context.Context, port int, words string) error {
	var last error
	return until(ctx, &last, func() bool {
		var body []byte
		if body, last = get(ctx, http.DefaultClient, "http://"+local(port)+"/"); last == nil && !strings.Contains(string(body), words) {
			last = fmt.Errorf("it says %q", body)
		}
		return last == nil
	}, "the page does not say "+words)
}

// keptConnections is how many clients Keep has: what a browser's tabs and a small load test have.
const keptConnections = 16

// Keep asks for a page n times, by connections that are kept.
func Keep(ctx context.Context, addr, path string, n int) error {
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: keptConnections}}
	defer client.CloseIdleConnections()
	group, ctx := errgroup.WithContext(ctx)
	for i := range keptConnections {
		group.Go(func() error {
			for asked := i; asked < n; asked += keptConnections {
				if _, err := get(ctx, client, "http://"+addr+path); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return group.Wait()
}

func get(ctx context.Context, client *http.Client, url string) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	response, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		err = errors.New(response.Status)
	}
	return body, err
}

func local(port int) string { return fmt.Sprintf("127.0.0.1:%d", port) }

func (t Target) ask(ctx context.Context) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, attempt)
	defer cancel()
	return t.Ask(ctx)
}

// Served waits until every target has answered.
func Served(ctx context.Context, targets ...Target) error {
	return each(targets, func(t Target) error {
		var last error
		return until(ctx, &last, func() bool {
			_, last = t.ask(ctx)
			return last == nil
		}, t.Name+" does not answer")
	})
}

// Gone waits until nobody listens on any of the ports: until they can be listened on. To connect to them would have each side pass on
// hundreds of connections a second while it is measured.
func Gone(ctx context.Context, targets ...Target) error {
	return each(targets, func(t Target) error {
		var last error
		return until(ctx, &last, func() bool {
			var listener net.Listener
			if listener, last = net.Listen("tcp", t.Addr); last == nil {
				last = listener.Close()
			}
			return last == nil
		}, t.Name+" is still there")
	})
}

// Watch is a target under observation while its process is replaced.
type Watch struct {
	target Target
	who    string
}

// NewWatch notes who answers now.
func NewWatch(ctx context.Context, t Target) (Watch, error) {
	who, err := t.ask(ctx)
	return Watch{t, who}, err
}

// Replaced waits until another process answers: one with another name, or, where there is no name, an answer after a
// failure. down is how long nobody answered.
func (w Watch) Replaced(ctx context.Context) (down time.Duration, err error) {
	var failed time.Time
	var last error
	err = until(ctx, &last, func() bool {
		var who string
		begun := time.Now()
		if who, last = w.target.ask(ctx); last != nil {
			if failed.IsZero() {
				failed = begun
			}
			return false
		}
		if w.who != "" && who != w.who || w.who == "" && !failed.IsZero() {
			if !failed.IsZero() {
				down = time.Since(failed)
			}
			return true
		}
		return false
	}, w.target.Name+" is not replaced")
	return down, err
}

func until(ctx context.Context, last *error, done func() bool, complaint string) error {
	for !done() {
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s: %w", complaint, errors.Join(ctx.Err(), *last))
		case <-time.After(poll):
		}
	}
	return nil
}

func each(targets []Target, do func(Target) error) error {
	errs := make([]error, len(targets))
	var all sync.WaitGroup
	for i, t := range targets {
		all.Go(func() { errs[i] = do(t) })
	}
	all.Wait()
	return errors.Join(errs...)
}
