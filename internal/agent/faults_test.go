//go:build root

package agent

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/gomodule/redigo/redis"

	"dagger/stack/internal/protocol"
	"dagger/stack/internal/recipe"
	"dagger/stack/internal/state"
)

// load is clients that write to a postgres and a redis without end, and remember what was acknowledged.
type load struct {
	*testing.T
	postgres, cache *database

	mu           sync.Mutex
	rows, pushed []string // acknowledged
	cancel       context.CancelFunc
	writers      sync.WaitGroup
}

func (l *load) resume() {
	ctx, cancel := context.WithCancel(context.Background())
	l.cancel = cancel
	for _, write := range []func(ctx context.Context, next func() string){l.insert, l.push} {
		l.writers.Go(func() {
			for ctx.Err() == nil {
				write(ctx, func() string { return fmt.Sprint(time.Now().UnixNano()) })
				time.Sleep(10 * time.Millisecond)
			}
		})
	}
}

func (l *load) pause() {
	l.cancel()
	l.writers.Wait()
}

func (l *load) insert(ctx context.Context, next func() string) {
	conn, err := l.postgres.connect(l.postgres.secret(recipe.DBPassword))
	if err != nil {
		return
	}
	defer conn.Close(context.Background())
	for ctx.Err() == nil && err == nil {
		id := next()
		if _, err = conn.Exec(ctx, "INSERT INTO acknowledged VALUES ("+id+")").ReadAll(); err == nil {
			l.acknowledged(&l.rows, id)
		}
	}
}

func (l *load) push(ctx context.Context, next func() string) {
	conn, err := redis.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", l.cache.port), redis.DialPassword(l.cache.secret(recipe.RedisPassword)))
	if err != nil {
		return
	}
	defer conn.Close()
	for ctx.Err() == nil && err == nil {
		id := next()
		if _, err = conn.Do("RPUSH", "acknowledged", id); err == nil {
			l.acknowledged(&l.pushed, id)
			time.Sleep(time.Millisecond)
		}
	}
}

func (l *load) acknowledged(list *[]string, id string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	*list = append(*list, id)
}

func (l *load) counts() (rows, pushed int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.rows), len(l.pushed)
}

// more waits until both have acknowledged more.
func (l *load) more() {
	l.Helper()
	rows, pushed := l.counts()
	l.postgres.until("more acknowledged writes", func() bool {
		now, nowPushed := l.counts()
		return now > rows+20 && nowPushed > pushed+20
	})
}

// check fails unless all that was acknowledged is there.
func (l *load) check(after string) {
	l.Helper()
	l.pause()
	rows := strings.Fields(l.postgres.sql("SELECT string_agg(id::text, ' ') FROM acknowledged"))
	conn, err := redis.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", l.cache.port), redis.DialPassword(l.cache.secret(recipe.RedisPassword)))
	if err != nil {
		l.Fatal(err)
	}
	defer conn.Close()
	pushed, err := redis.Strings(conn.Do("LRANGE", "acknowledged", 0, -1))
	if err != nil {
		l.Fatal(err)
	}
	for _, c := range []struct {
		name          string
		there, wanted []string
	}{{"postgres", rows, l.rows}, {"redis", pushed, l.pushed}} {
		slices.Sort(c.there)
		lost := 0
		for _, id := range c.wanted {
			if _, found := slices.BinarySearch(c.there, id); !found {
				lost++
			}
		}
		if lost > 0 || len(c.wanted) == 0 {
			l.Errorf("after %s: %s lost %d of %d acknowledged writes", after, c.name, lost, len(c.wanted))
		}
	}
	l.Logf("after %s: %d and %d acknowledged writes are there", after, len(l.rows), len(l.pushed))
	l.resume()
}

func (l *load) healthy() {
	l.Helper()
	for _, d := range []*database{l.postgres, l.cache} {
		d.untilStatus("healthy again", func(s state.Status) bool {
			return s.Health == state.Healthy && s.Instance != d.before && time.Since(s.Updated) < state.Stale && alive(s.PID)
		})
	}
}

// TestFaults: five faults under a load of writes, again and again, with a backup that is brought back in between. FAULTS says how long,
// such as 3m; all faults once, unless given.
func TestFaults(t *testing.T) {
	least, _ := time.ParseDuration(os.Getenv("FAULTS"))
	disk := newSmallDisk(t)
	l := &load{T: t, postgres: newPostgres(t), cache: newRedis(t)}
	both := []*database{l.postgres, l.cache}
	again := func() {
		for _, d := range both {
			d.again()
		}
	}
	again()
	l.healthy()
	l.postgres.sql("CREATE TABLE acknowledged (id bigint PRIMARY KEY)")
	l.resume()
	defer l.pause()
	faults := []struct {
		name string
		do   func()
	}{
		{"kill -9 of the servers", func() {
			for _, d := range both {
				pid := d.status().PID
				syscall.Kill(pid, syscall.SIGKILL)
				d.until("another server", func() bool { now := d.status().PID; return now != pid && now != 0 })
			}
		}},
		{"kill -9 of the agents", func() { // with which their containers end
			for _, d := range both {
				d.killAll()
			}
			again()
		}},
		{"kill -9 of the CLI", func() { // the engine kills what it has started, in no order
			for _, d := range both {
				syscall.Kill(-d.status().PID, syscall.SIGKILL)
			}
			for _, d := range both {
				d.killAll()
			}
			again()
		}},
		{"a full disk", func() {
			disk.fill()
			l.postgres.until("a write that is refused", func() bool { return l.refused() })
			disk.free()
		}},
		{"a closed stderr", func() {
			for _, d := range both {
				d.end()
				reader, writer, err := os.Pipe()
				if err != nil {
					t.Fatal(err)
				}
				reader.Close()
				d.running = &running{T: t, testConfig: d.testConfig, folder: d.folder, before: d.status().Instance, closed: writer}
				d.start()
				writer.Close()
			}
		}},
	}
	begun := time.Now()
	for round := 1; round == 1 || time.Since(begun) < least; round++ {
		for _, fault := range faults {
			l.more()
			fault.do()
			l.healthy()
			l.more()
			l.check(fault.name)
		}
		l.bringBack()
		t.Logf("round %d, %s", round, time.Since(begun).Round(time.Second))
	}
}

// refused tells whether both servers refuse writes, or do not answer.
func (l *load) refused() bool {
	rows, pushed := l.counts()
	time.Sleep(200 * time.Millisecond)
	now, nowPushed := l.counts()
	return rows == now && pushed == nowPushed
}

// bringBack makes a backup while clients write, and restores it: what was acknowledged before is there.
func (l *load) bringBack() {
	l.Helper()
	l.more()
	l.mu.Lock()
	rows, pushed := slices.Clone(l.rows), slices.Clone(l.pushed)
	l.mu.Unlock()
	both, dumped := []*database{l.postgres, l.cache}, make([]protocol.DumpResult, 2)
	for i, d := range both {
		if err := d.ask(protocol.VerbDump, &dumped[i]); err != nil {
			l.Fatal(err)
		}
	}
	l.more()
	l.pause()
	for i, d := range both {
		if _, err := d.bring(filepath.Join(d.folder.Exchange(), dumped[i].File), dumped[i]); err != nil {
			l.Fatal(err)
		}
	}
	l.rows, l.pushed = rows, pushed
	l.healthy()
	l.resume()
	l.more()
	l.check("a restore")
}
