package main

import (
	"context"
	"fmt"
	"net"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
)

// queries counts answers of postgres on sessions that are kept, as pgbench -S does.
func (o options) queries(ctx context.Context, address string) (float64, error) {
	sessions := make(chan *pgx.Conn, o.clients)
	for range o.clients {
		session, err := o.login(context.WithoutCancel(ctx), func(ctx context.Context) (net.Conn, error) { return (&net.Dialer{}).DialContext(ctx, "tcp", address) })
		if err != nil {
			return 0, err
		}
		defer session.Close(context.WithoutCancel(ctx))
		sessions <- session
	}
	measuring, cancel := context.WithTimeout(context.WithoutCancel(ctx), o.rate)
	defer cancel()
	var answers atomic.Int64
	begun := time.Now()
	err := o.together(measuring, func() error {
		session := <-sessions
		for measuring.Err() == nil {
			var got int
			if err := session.QueryRow(context.WithoutCancel(ctx), "SELECT 1").Scan(&got); err != nil || got != 1 {
				return fmt.Errorf("SELECT 1: %d, %w", got, err)
			}
			answers.Add(1)
		}
		return nil
	})
	return float64(answers.Load()) / time.Since(begun).Seconds(), err
}

// login begins a session of postgres.
func (o options) login(ctx context.Context, dial func(context.Context) (net.Conn, error)) (*pgx.Conn, error) {
	config, err := pgx.ParseConfig("postgres://postgres@localhost/app?sslmode=disable")
	if err != nil {
		return nil, err
	}
	config.Password = o.password
	config.DialFunc = func(ctx context.Context, _, _ string) (net.Conn, error) { return dial(ctx) }
	config.LookupFunc = func(context.Context, string) ([]string, error) { return []string{"127.0.0.1"}, nil }
	return pgx.ConnectConfig(ctx, config)
}
