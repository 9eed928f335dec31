//go:build root

package agent

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gomodule/redigo/redis"

	"dagger/stack/internal/control"
	"dagger/stack/internal/recipe"
	"dagger/stack/internal/render"
	"dagger/stack/internal/state"
)

// smallDisk is a file system of its own, which all folders of the test are on from now on.
type smallDisk struct {
	*testing.T
	path string
}

func newSmallDisk(t *testing.T) smallDisk {
	t.Helper()
	path, err := os.MkdirTemp("", "disk")
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("tmpfs", path, "tmpfs", 0, "size=256m,mode=755"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(path, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
		os.Remove(path)
	})
	before := os.Getenv("TMPDIR")
	t.Setenv("TMPDIR", path)
	t.TempDir() // the first says where all are
	os.Setenv("TMPDIR", before)
	return smallDisk{t, path}
}

func (d smallDisk) ballast() string { return filepath.Join(d.path, "ballast") }

// fill leaves nothing, and after it shrink some room.
func (d smallDisk) fill() {
	d.Helper()
	file, err := os.OpenFile(d.ballast(), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		d.Fatal(err)
	}
	defer file.Close()
	for size := 1 << 20; size > 0; size /= 2 {
		for err = nil; err == nil; {
			_, err = file.Write(make([]byte, size))
		}
	}
}

func (d smallDisk) shrink(room int64) {
	d.Helper()
	info, err := os.Stat(d.ballast())
	if err == nil {
		err = os.Truncate(d.ballast(), info.Size()-room)
	}
	if err != nil {
		d.Fatal(err)
	}
}

func (d smallDisk) free() {
	d.Helper()
	if err := os.Remove(d.ballast()); err != nil {
		d.Fatal(err)
	}
}

// A full disk ends no agent and loses nothing that was acknowledged. Meanwhile health and stop say what is the matter, and when there is room
// again, all goes on.
func TestFullDisk(t *testing.T) {
	disk := newSmallDisk(t)
	postgres, cache := newPostgres(t), newRedis(t)
	stack := control.Client{Name: "full", State: state.At(postgres.State)}
	cache.State, cache.folder = postgres.State, state.At(postgres.State).Service("redis")
	postgres.start().untilHealthy()
	cache.start().untilHealthy()
	agents := []int{postgres.cmd.Process.Pid, cache.cmd.Process.Pid}
	postgres.sql("CREATE TABLE acknowledged (id int, filler text); ALTER TABLE acknowledged ALTER COLUMN filler SET STORAGE PLAIN")
	rows, pushed := 0, 0
	insert := func() error {
		conn, err := postgres.connect(postgres.secret(recipe.DBPassword))
		if err != nil {
			return err
		}
		defer conn.Close(context.Background())
		for err == nil && rows < 1<<20 {
			if _, err = conn.Exec(context.Background(), fmt.Sprintf("INSERT INTO acknowledged VALUES (%d, repeat('x', 4000))", rows)).ReadAll(); err == nil {
				rows++
			}
		}
		return err
	}
	push := func() error {
		conn, err := redis.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", cache.port), redis.DialPassword(cache.secret(recipe.RedisPassword)))
		if err != nil {
			return err
		}
		defer conn.Close()
		for err == nil && pushed < 1<<20 {
			if _, err = conn.Do("RPUSH", "acknowledged", strings.Repeat("x", 4000)); err == nil {
				pushed++
			}
		}
		return err
	}
	for _, c := range []struct {
		name string
		lost int // of what redis has acknowledged
		end  func()
	}{
		{"room again", 0, func() {
			disk.free()
		}},
		{"stop", 1, func() {
			if err := stack.Stop(t.Context(), func(stopped control.StopResult) { t.Logf("%+v", stopped) }); err != nil {
				t.Errorf("stop: %v", err)
			}
			postgres.exitCode()
			cache.exitCode()
			if _, err := stack.Report(""); err == nil || !strings.Contains(err.Error(), `stack "full" is not running`) {
				t.Errorf("health after the stop: %v", err)
			}
			disk.free()
			postgres.again()
			cache.again()
		}},
	} {
		disk.fill()
		disk.shrink(8 << 20)
		t.Logf("%s: postgres: %v", c.name, insert())
		disk.fill()
		disk.shrink(1 << 20)
		t.Logf("redis: %v", push())
		disk.fill()
		syscall.Kill(postgres.status().PID, syscall.SIGKILL)                                                     // one that has to recover meanwhile
		for end := time.Now().Add(2 * state.Stale); time.Now().Before(end); time.Sleep(100 * time.Millisecond) { // what was written before is old by then
			report, err := stack.Report("")
			if err != nil || report.Healthy || len(report.Services) != 2 || !report.Services[0].Running || !report.Services[1].Running {
				t.Fatalf("health: %v %+v", err, report)
			}
		}
		postgres.until("that the disk is full", func() bool { // a server that starts again has some room now and then
			report, err := stack.Report("")
			text, renderErr := render.Health(report, "")
			return err == nil && renderErr == nil && strings.Contains(text, "disk: the engine's disk is full (") && strings.Contains(render.Complaint(report), "the engine's disk is full (")
		})
		for _, pid := range agents {
			if !alive(pid) {
				t.Errorf("agent %d has ended", pid)
			}
		}
		c.end()
		postgres.until("healthy with room", func() bool {
			report, err := stack.Report("")
			return err == nil && report.Healthy && report.Disk == ""
		})
		if got := postgres.sql(fmt.Sprintf("SELECT count(*) FROM acknowledged WHERE id < %d", rows)); got != fmt.Sprint(rows) {
			t.Errorf("postgres has %s of %d rows", got, rows)
		}
		// It says only after the write that the last one could not be kept, and ends with what it could not keep.
		if got := cache.do("LINDEX", "acknowledged", pushed-1-c.lost); got == "" || rows < 100 || pushed < 100 {
			t.Errorf("redis has not all %d; %d rows", pushed, rows)
		}
		t.Logf("%d rows, %d pushed", rows, pushed)
	}
}
