package e2e

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gomodule/redigo/redis"
	"github.com/jackc/pgx/v5"
)

// writer writes rows to both databases through the published ports, one after the other and again after every fault, and
// remembers those that were acknowledged. A row is the time at which it was written, in nanoseconds: none is like
// another.
type writer struct {
	*stack
	database, cache string // URLs
	cancel          context.CancelFunc
	both            sync.WaitGroup

	mu     sync.Mutex
	rows   []int64 // acknowledged by postgres
	pushed []int64 // acknowledged by redis
}

// write starts writing into a running stack.
func (s *stack) write() *writer {
	s.Helper()
	w := &writer{stack: s}
	w.locate()
	s.sql("CREATE TABLE acknowledged (id bigint PRIMARY KEY)")
	w.resume()
	s.Cleanup(w.pause)
	return w
}

// locate asks the backend where the databases are.
func (w *writer) locate() {
	w.Helper()
	w.database, w.cache = w.published("DATABASE_URL", "postgres", 5432), w.published("REDIS_URL", "redis", 6379)
}

// published is a URL from the backend's environment as it is outside of the stack.
func (s *stack) published(variable, service string, port int) string {
	s.Helper()
	return strings.Replace(s.env(variable), fmt.Sprintf("@%s:%d", service, port), fmt.Sprintf("@127.0.0.1:%d", s.ports[service]), 1)
}

func (w *writer) resume() {
	ctx, cancel := context.WithCancel(context.Background())
	w.cancel = cancel
	w.both.Go(func() { forever(ctx, w.insert) })
	w.both.Go(func() { forever(ctx, w.push) })
}

func (w *writer) pause() {
	w.cancel()
	w.both.Wait()
}

// forever does something again when it has failed.
func forever(ctx context.Context, do func(ctx context.Context)) {
	for ctx.Err() == nil {
		do(ctx)
		time.Sleep(10 * time.Millisecond)
	}
}

func (w *writer) insert(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, w.database)
	if err != nil {
		return
	}
	defer conn.Close(ctx)
	for {
		id := time.Now().UnixNano()
		if _, err := conn.Exec(ctx, "INSERT INTO acknowledged VALUES ($1)", id); err != nil {
			return
		}
		w.mu.Lock()
		w.rows = append(w.rows, id)
		w.mu.Unlock()
	}
}

func (w *writer) push(ctx context.Context) {
	conn, err := redis.DialURLContext(ctx, w.cache, redis.DialConnectTimeout(5*time.Second), redis.DialReadTimeout(5*time.Second))
	if err != nil {
		return
	}
	defer conn.Close()
	for ctx.Err() == nil {
		id := time.Now().UnixNano()
		if _, err := conn.Do("RPUSH", "acknowledged", id); err != nil {
			return
		}
		w.mu.Lock()
		w.pushed = append(w.pushed, id)
		w.mu.Unlock()
		time.Sleep(time.Millisecond)
	}
}

// saved is what to call to forget all that is acknowledged from now on.
func (w *writer) saved() (forget func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	rows, pushed := len(w.rows), len(w.pushed)
	return func() { w.rows, w.pushed = w.rows[:rows], w.pushed[:pushed] }
}

// more waits until both databases have acknowledged some more.
func (w *writer) more() {
	w.Helper()
	w.mu.Lock()
	rows, pushed := len(w.rows), len(w.pushed)
	w.mu.Unlock()
	w.eventually(fmt.Sprintf("more acknowledged writes than %d and %d", rows, pushed), func() bool {
		w.mu.Lock()
		defer w.mu.Unlock()
		return len(w.rows) >= rows+20 && len(w.pushed) >= pushed+20
	})
}

// check compares what was acknowledged with what is there. Redis may have lost the last second before a fault.
func (w *writer) check(faults ...time.Time) {
	w.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), waitTimeout)
	defer cancel()
	conn, err := pgx.Connect(ctx, w.database)
	if err != nil {
		w.Fatal(err)
	}
	defer conn.Close(ctx)
	result, err := conn.Query(ctx, "SELECT id FROM acknowledged")
	if err != nil {
		w.Fatal(err)
	}
	ids, err := pgx.CollectRows(result, pgx.RowTo[int64])
	if err != nil {
		w.Fatal(err)
	}
	cache, err := redis.DialURL(w.cache)
	if err != nil {
		w.Fatal(err)
	}
	defer cache.Close()
	pushed, err := redis.Int64s(cache.Do("LRANGE", "acknowledged", 0, -1))
	if err != nil {
		w.Fatal(err)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if lost := missing(w.rows, ids); len(lost) > 0 || len(w.rows) == 0 {
		w.Errorf("postgres lost %d of %d acknowledged rows", len(lost), len(w.rows))
	}
	lost := missing(w.pushed, pushed)
	early := slices.DeleteFunc(slices.Clone(lost), func(id int64) bool {
		return slices.ContainsFunc(faults, func(fault time.Time) bool { return fault.Sub(time.Unix(0, id)).Abs() <= time.Second })
	})
	if len(early) > 0 || len(w.pushed) == 0 {
		w.Errorf("redis lost %d of %d acknowledged writes, %d of them more than a second before a fault", len(lost), len(w.pushed), len(early))
	}
	w.Logf("acknowledged: %d rows, %d in redis, of which %d are lost", len(w.rows), len(w.pushed), len(lost))
}

func missing(wanted, there []int64) (lost []int64) {
	set := map[int64]bool{}
	for _, id := range there {
		set[id] = true
	}
	for _, id := range wanted {
		if !set[id] {
			lost = append(lost, id)
		}
	}
	return lost
}

// pgbench starts a run of 50 clients and waits until all are at work. It ends with its server or with the test.
func (w *writer) pgbench() {
	w.Helper()
	program := "pgbench"
	if found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/pgbench"); len(found) > 0 {
		program = found[len(found)-1]
	}
	if w.sql("SELECT count(*)::text FROM pg_tables WHERE tablename = 'pgbench_accounts'") == "0" {
		if out, err := exec.Command(program, "--initialize", "--quiet", w.database).CombinedOutput(); err != nil {
			w.Fatalf("pgbench: %v\n%s", err, out)
		}
	}
	run := exec.Command(program, "--client=50", "--jobs=2", "--time=120", "--no-vacuum", w.database)
	if err := run.Start(); err != nil {
		w.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { run.Wait(); close(ended) }()
	w.Cleanup(func() { run.Process.Kill(); <-ended })
	w.eventually("50 clients at work", func() bool {
		time.Sleep(100 * time.Millisecond)
		return w.sql("SELECT (count(*) = 50 AND count(xact_start) >= 10)::text FROM pg_stat_activity WHERE application_name = 'pgbench'") == "true"
	})
}
