// Command snapshots measures snapshot and rollback of a postgres beside the postgres module of Testcontainers, which has the same on a
// Docker of today: a database of 100 MB is changed and brought back, in turns, without a call of a CLI on either side; then the same by the CLI, and
// clones. It prints the machine's load, because a figure that was measured beside other work says little. `make snapshots` runs it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"dagger/stack/bench/machine"
	"dagger/stack/bench/side"
)

// rows make a table of 100 MB.
const rows = 210_000

// database is one side: a postgres that keeps a state and has it back.
type database interface {
	Name() string
	URL() string // of the database that is changed
	Snapshot(ctx context.Context) error
	Rollback(ctx context.Context) error
}

func main() {
	rounds := flag.Int("rounds", 15, "how often each side is brought back; the median counts")
	clones := flag.Int("clones", 50, "how many databases are made of a snapshot at once")
	root := flag.String("root", "..", "this repository")
	programs := flag.String("programs", "", "the folder of dockerd that bench/docker/build.sh prints")
	mirror := flag.String("mirror", "127.0.0.1:5000", "where images come from")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *rounds, *clones, *root, *programs, *mirror); err != nil {
		fmt.Fprintln(os.Stderr, "snapshots:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, rounds, clones int, root, programs, mirror string) (err error) {
	if root, err = filepath.Abs(root); err != nil {
		return err
	}
	home, err := os.UserCacheDir()
	if err != nil {
		return err
	}
	daemon, err := side.StartDaemon(ctx, filepath.Join(home, "stack-bench"), programs, mirror)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, daemon.Stop()) }()
	version, err := daemon.Version(ctx)
	if err != nil {
		return err
	}
	theirs, err := startTestcontainers(ctx, daemon)
	if err != nil {
		return err
	}
	defer theirs.end()
	ours, err := startStack(ctx, root, "bench-snapshots")
	if err != nil {
		return err
	}
	defer ours.end()
	// Testcontainers gives its container no limits.
	unlimited, err := startStack(ctx, root, "bench-snapshots-cores", "with-limits", "--service", "postgres", "--cpus", strconv.Itoa(runtime.NumCPU()))
	if err != nil {
		return err
	}
	defer unlimited.end()
	fmt.Printf("- %s\n- %s, Testcontainers for Go\n- load before: %s\n- a database of 100 MB, the median of %d, and the slowest of the rollbacks to a snapshot that was come back to before\n\n", machine.Describe(), version, machine.Load(), rounds)
	fmt.Println("| | snapshot | first rollback | rollback | slowest |\n|---|---:|---:|---:|---:|")
	if err := measure(ctx, rounds, theirs, unlimited, ours, byCLI{ours}); err != nil {
		return err
	}
	return measureClones(ctx, ours, clones)
}

// measure brings the sides back in turns, twice for each snapshot: tests keep one, and come back to it again and again. The last side is
// asked of the database of the one before.
func measure(ctx context.Context, rounds int, sides ...database) error {
	for _, s := range sides[:len(sides)-1] {
		if err := execute(ctx, s.URL(), fmt.Sprintf("CREATE TABLE kept AS SELECT id, repeat('x', 450) AS filler FROM generate_series(1, %d) AS id", rows)); err != nil {
			return err
		}
	}
	snapshots, first, again := map[string][]time.Duration{}, map[string][]time.Duration{}, map[string][]time.Duration{}
	for range rounds {
		for _, s := range sides {
			took, err := timed(func() error { return s.Snapshot(ctx) })
			if err != nil {
				return fmt.Errorf("%s: snapshot: %w", s.Name(), err)
			}
			snapshots[s.Name()] = append(snapshots[s.Name()], took)
			for _, rollbacks := range []map[string][]time.Duration{first, again} {
				if took, err = changedAndBack(ctx, s); err != nil {
					return fmt.Errorf("%s: %w", s.Name(), err)
				}
				rollbacks[s.Name()] = append(rollbacks[s.Name()], took)
			}
		}
	}
	for _, s := range sides {
		fmt.Printf("| %s | %s | %s | %s | %s |\n", s.Name(), median(snapshots[s.Name()]), median(first[s.Name()]), median(again[s.Name()]),
			slices.Max(again[s.Name()]).Round(time.Millisecond))
	}
	return nil
}

// changedAndBack changes a tenth of the rows and takes the time until they are as they were.
func changedAndBack(ctx context.Context, s database) (took time.Duration, err error) {
	if err := execute(ctx, s.URL(), "UPDATE kept SET filler = 'changed' WHERE id % 10 = 0"); err != nil {
		return 0, err
	}
	if took, err = timed(func() error { return s.Rollback(ctx) }); err != nil {
		return 0, fmt.Errorf("rollback: %w", err)
	}
	return took, execute(ctx, s.URL(), fmt.Sprintf("DO $$ BEGIN IF (SELECT count(*) FROM kept WHERE filler <> 'changed') <> %d THEN RAISE 'not brought back'; END IF; END $$", rows))
}

// measureClones makes databases of the snapshot, and asks all of them at once.
func measureClones(ctx context.Context, s *stack, count int) error {
	var addresses []string
	took, err := timed(func() (err error) {
		addresses, err = s.clones(ctx, count)
		return err
	})
	if err != nil {
		return err
	}
	var group sync.WaitGroup
	failed := make(chan error, count)
	asked, _ := timed(func() error {
		for _, address := range addresses {
			group.Go(func() { failed <- execute(ctx, address, "UPDATE kept SET filler = 'mine' WHERE id < 100") })
		}
		group.Wait()
		return nil
	})
	for range addresses {
		if err := <-failed; err != nil {
			return err
		}
	}
	fmt.Printf("\n%d clones of it, %d MB in all, were made in %s; a change in each, all at once, took %s.\n", count, 100*count, took.Round(10*time.Millisecond), asked.Round(10*time.Millisecond))
	return nil
}

func timed(do func() error) (time.Duration, error) {
	begun := time.Now()
	err := do()
	return time.Since(begun), err
}

func median(all []time.Duration) time.Duration {
	all = slices.Sorted(slices.Values(all))
	return all[len(all)/2].Round(time.Millisecond)
}

func execute(ctx context.Context, address, statement string) error {
	conn, err := pgx.Connect(ctx, address)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	_, err = conn.Exec(ctx, statement)
	return err
}
