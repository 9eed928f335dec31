package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
)

// client talks on a connection: it says who it is, and expects that back. One that is killed leaves in the middle.
type client func(ctx context.Context, conn net.Conn, o options, who string, kill bool) error

var clients = map[string]client{
	"http1.1":  web("GET /echo/%s HTTP/1.1\r\nHost: localhost\r\n\r\n", false),
	"close":    web("GET /echo/%s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", false),
	"http1.0":  web("GET /echo/%s HTTP/1.0\r\n\r\n", true),
	"raw":      raw,
	"redis":    redis,
	"postgres": postgres,
}

func kinds() []string { return slices.Sorted(maps.Keys(clients)) }

// web reads an answer by its length, or until the end.
func web(request string, toTheEnd bool) client {
	return func(_ context.Context, conn net.Conn, _ options, who string, kill bool) error {
		if kill {
			slow := strings.Replace(fmt.Sprintf(request, who), "/echo/", "/slow/", 1)
			_, err := io.WriteString(conn, slow)
			return err
		}
		if _, err := fmt.Fprintf(conn, request, who); err != nil {
			return err
		}
		reader := bufio.NewReader(conn)
		response, err := http.ReadResponse(reader, nil)
		if err != nil {
			if strings.Contains(err.Error(), "malformed") {
				return fmt.Errorf("%w: %w", errWrong, err)
			}
			return err
		}
		text, err := io.ReadAll(response.Body)
		if err == nil && string(text) != who {
			return notMine(text)
		}
		if err == nil && toTheEnd {
			_, err = io.Copy(io.Discard, reader)
		}
		return err
	}
}

// raw is a protocol that nobody knows.
func raw(_ context.Context, conn net.Conn, _ options, who string, kill bool) error {
	if _, err := io.WriteString(conn, "raw "+who+"\n"); err != nil || kill {
		return err
	}
	line, err := bufio.NewReader(conn).ReadString('\n')
	if err == nil && line != "raw "+who+"\n" {
		return notMine(strings.TrimSuffix(strings.TrimPrefix(line, "raw "), "\n"))
	}
	return err
}

// redis logs in and must be in database 0, outside of a transaction. One that is killed leaves a transaction in another.
func redis(_ context.Context, conn net.Conn, o options, who string, kill bool) error {
	r := bufio.NewReader(conn)
	ask := func(want string, words ...string) error {
		var b strings.Builder
		fmt.Fprintf(&b, "*%d\r\n", len(words))
		for _, word := range words {
			fmt.Fprintf(&b, "$%d\r\n%s\r\n", len(word), word)
		}
		if _, err := io.WriteString(conn, b.String()); err != nil {
			return err
		}
		line, err := r.ReadString('\n')
		if err != nil {
			return err
		}
		if !strings.HasPrefix(line, want) {
			return fmt.Errorf("%w: %q to %q", errWrong, line, words)
		}
		return nil
	}
	if err := ask("+OK", "AUTH", o.password); err != nil {
		return err
	}
	if kill {
		if err := ask("+OK", "SELECT", "5"); err != nil {
			return err
		}
		return ask("+OK", "MULTI")
	}
	if err := ask("+OK", "SET", "here", "0"); err != nil {
		return err
	}
	if err := ask("$1", "GET", "here"); err != nil {
		return err
	}
	if text, err := r.ReadString('\n'); err != nil || text != "0\r\n" {
		return fmt.Errorf("%w: %q, %w", errWrong, text, err)
	}
	return nil
}

// postgres asks for who it is. One that is killed leaves a transaction.
func postgres(ctx context.Context, conn net.Conn, o options, who string, kill bool) error {
	ctx, cancel := context.WithTimeout(ctx, o.wait)
	defer cancel()
	session, err := o.login(ctx, func(context.Context) (net.Conn, error) { return conn, nil })
	if err != nil {
		return err
	}
	if kill {
		_, err := session.Exec(ctx, "BEGIN", pgx.QueryExecModeSimpleProtocol)
		return err
	}
	var got string
	if err := session.QueryRow(ctx, "SELECT $1::text", pgx.QueryExecModeSimpleProtocol, who).Scan(&got); err != nil {
		return err
	}
	if got != who {
		return notMine(got)
	}
	return session.Close(ctx)
}
