package process

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"dagger/stack/internal/agent/filter"
)

// What confinement costs: go test -run - -bench . ./internal/agent/process, as root.

const load = "PROCESS_LOAD"

func TestMain(m *testing.M) {
	if text := os.Getenv(load); text != "" {
		work(text)
		return
	}
	os.Exit(m.Run())
}

// work is a process that does nothing but enter the kernel: the cheapest call there is, or one of a byte that does
// something.
func work(text string) {
	call, number, _ := strings.Cut(text, " ")
	n, err := strconv.Atoi(number)
	if err != nil {
		panic(err)
	}
	zero, err := os.Open("/dev/zero")
	if err != nil {
		panic(err)
	}
	var b [4096]byte
	for range n {
		switch call {
		case "getppid":
			unix.RawSyscallNoError(unix.SYS_GETPPID, 0, 0, 0)
		case "read":
			unix.Read(int(zero.Fd()), b[:])
		}
	}
}

var theReaper = sync.OnceValues(func() (*Reaper, error) { return NewReaper(filter.From("")) })

var nobody = User{UID: 65534, GID: 65534, Home: "/"}

var levels = []struct {
	name    string
	confine Confinement
}{
	{"root", Confinement{}}, {"user", Confinement{User: true}}, {"full", Full},
}

// run runs a command to its end.
func run(b *testing.B, confine Confinement, env []string, args ...string) {
	b.Helper()
	reaper, err := theReaper()
	if err != nil {
		b.Fatal(err)
	}
	p, err := reaper.Start(Command{Args: args, Env: env, User: nobody, Confine: confine})
	if err != nil {
		b.Fatal(err)
	}
	if exit := <-p.Done(); exit.Code != 0 {
		b.Fatalf("exit code %d", exit.Code)
	}
}

// bare runs a command without the init between fork and exec, as no service is.
func bare(b *testing.B, args ...string) {
	b.Helper()
	reaper, err := theReaper()
	if err != nil {
		b.Fatal(err)
	}
	p := &Process{exit: make(chan Exit, 1)}
	reaper.mu.Lock()
	p.PID, err = syscall.ForkExec(args[0], args, &syscall.ProcAttr{})
	reaper.running[p.PID] = p
	reaper.mu.Unlock()
	if err != nil {
		b.Fatal(err)
	}
	<-p.Done()
}

// BenchmarkStart is the time from the order to the end of a process that does nothing.
func BenchmarkStart(b *testing.B) {
	b.Run("bare", func(b *testing.B) {
		before := childCPU(b)
		for b.Loop() {
			bare(b, "/bin/true")
		}
		b.ReportMetric(float64(childCPU(b)-before)/float64(b.N)/1e3, "cpu-us/op")
	})
	for _, level := range levels {
		b.Run(level.name, func(b *testing.B) {
			run(b, level.confine, nil, "/bin/true") // the filter is compiled
			before := childCPU(b)
			for b.Loop() {
				run(b, level.confine, nil, "/bin/true")
			}
			b.ReportMetric(float64(childCPU(b)-before)/float64(b.N)/1e3, "cpu-us/op")
		})
	}
}

// BenchmarkCalls is the time of one system call in a confined process.
func BenchmarkCalls(b *testing.B) {
	const n = 1_000_000
	self := readable(b)
	for _, call := range []string{"getppid", "read"} {
		for _, level := range levels {
			b.Run(call+"/"+level.name, func(b *testing.B) {
				before := childCPU(b)
				for b.Loop() {
					run(b, level.confine, []string{fmt.Sprintf("%s=%s %d", load, call, n)}, self)
				}
				b.ReportMetric(float64(childCPU(b)-before)/float64(b.N)/n, "cpu-ns/call")
			})
		}
	}
}

// BenchmarkMemory is what a confined process holds. What the kernel holds for its filter is not in it: a filter
// is shared by all that inherit it.
func BenchmarkMemory(b *testing.B) {
	reaper, err := theReaper()
	if err != nil {
		b.Fatal(err)
	}
	for _, level := range levels {
		b.Run(level.name, func(b *testing.B) {
			var total int64
			for b.Loop() {
				p, err := reaper.Start(Command{Args: []string{"/bin/sleep", "60"}, User: nobody, Confine: level.confine})
				if err != nil {
					b.Fatal(err)
				}
				time.Sleep(20 * time.Millisecond)
				status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.PID))
				if err != nil {
					b.Fatal(err)
				}
				_, rss, _ := strings.Cut(string(status), "VmRSS:")
				kb, err := strconv.ParseInt(strings.Fields(rss)[0], 10, 64)
				if err != nil {
					b.Fatal(err)
				}
				total += kb
				p.Signal(syscall.SIGKILL)
				<-p.Done()
			}
			b.ReportMetric(float64(total)/float64(b.N), "rss-kB")
		})
	}
}

// childCPU is what all ended children have used, in nanoseconds.
func childCPU(b *testing.B) int64 {
	b.Helper()
	var usage unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_CHILDREN, &usage); err != nil {
		b.Fatal(err)
	}
	return usage.Utime.Nano() + usage.Stime.Nano()
}

// readable is a copy of this binary that every user can run.
func readable(b *testing.B) string {
	b.Helper()
	data, err := os.ReadFile("/proc/self/exe")
	if err != nil {
		b.Fatal(err)
	}
	file, err := os.CreateTemp("", "load-")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { os.Remove(file.Name()) })
	if _, err := file.Write(data); err != nil {
		b.Fatal(err)
	}
	file.Close()
	if err := os.Chmod(file.Name(), 0o755); err != nil {
		b.Fatal(err)
	}
	return file.Name()
}
