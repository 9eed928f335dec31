// Package machine reads what processes use, and what the machine is, from /proc.
package machine

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// Process is one process of the machine.
type Process struct {
	PID, Parent int
	Args        []string
	ticks       uint64 // user and system time
}

// ticksPerSecond is the kernel's USER_HZ, the same on every Linux that Go runs on (proc(5), sysconf(3)).
const ticksPerSecond = 100

// Name is the last part of the program's path.
func (p Process) Name() string {
	if len(p.Args) == 0 {
		return ""
	}
	return filepath.Base(p.Args[0])
}

// Processes are all that run; one that ends meanwhile is not among them.
func Processes() ([]Process, error) {
	dirs, err := filepath.Glob("/proc/[0-9]*")
	if err != nil {
		return nil, err
	}
	var all []Process
	for _, dir := range dirs {
		p, err := read(dir)
		if gone(err) {
			continue
		}
		if err != nil {
			return nil, err
		}
		all = append(all, p)
	}
	return all, nil
}

// gone says that a process has ended while it was looked at.
func gone(err error) bool { return errors.Is(err, fs.ErrNotExist) || errors.Is(err, unix.ESRCH) }

func read(dir string) (p Process, err error) {
	p.PID, err = strconv.Atoi(filepath.Base(dir))
	if err != nil {
		return p, err
	}
	args, err := os.ReadFile(dir + "/cmdline")
	if err != nil {
		return p, err
	}
	p.Args = strings.Split(strings.TrimRight(string(args), "\x00"), "\x00")
	stat, err := os.ReadFile(dir + "/stat")
	if err != nil {
		return p, err
	}
	// The name in parentheses may hold anything; what follows begins with field 3 (proc(5)).
	fields := strings.Fields(string(stat)[strings.LastIndexByte(string(stat), ')')+1:])
	if p.Parent, err = strconv.Atoi(fields[1]); err != nil {
		return p, err
	}
	for _, field := range fields[11:13] {
		ticks, err := strconv.ParseUint(field, 10, 64)
		if err != nil {
			return p, err
		}
		p.ticks += ticks
	}
	return p, nil
}

// Anonymous is the memory that is the process's own, in bytes: Pss_Anon, which shares what forks share and leaves out
// the pages of files, the program's own among them.
func Anonymous(pid int) (int64, error) {
	file, err := os.Open(fmt.Sprintf("/proc/%d/smaps_rollup", pid))
	if err != nil {
		return 0, err
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		if text, ok := strings.CutPrefix(lines.Text(), "Pss_Anon:"); ok {
			kb, err := strconv.ParseInt(strings.Fields(text)[0], 10, 64)
			return kb << 10, err
		}
	}
	return 0, errors.Join(lines.Err(), fmt.Errorf("process %d: no Pss_Anon", pid))
}

// Use is what some processes use together.
type Use struct {
	Processes int
	Memory    int64         // anonymous PSS now, bytes
	CPU       time.Duration // since they began
}

// UseOf adds up the processes.
func UseOf(all []Process) (Use, error) {
	var use Use
	for _, p := range all {
		memory, err := Anonymous(p.PID)
		if gone(err) {
			continue
		}
		if err != nil {
			return use, err
		}
		use.Processes++
		use.Memory += memory
		use.CPU += time.Duration(p.ticks) * time.Second / ticksPerSecond
	}
	return use, nil
}

// Load is how busy the machine is: the load averages of 1, 5 and 15 minutes.
func Load() string {
	load, _ := os.ReadFile("/proc/loadavg")
	return strings.Join(strings.Fields(string(load))[:3], " ")
}

// Describe is the machine in a line.
func Describe() string {
	var name unix.Utsname
	_ = unix.Uname(&name)
	var info unix.Sysinfo_t
	_ = unix.Sysinfo(&info)
	cgroups := "v1"
	if _, err := os.Stat("/sys/fs/cgroup/cgroup.controllers"); err == nil {
		cgroups = "v2"
	}
	return fmt.Sprintf("%d × %s, %.0f GiB of memory, Linux %s, cgroup %s", runtime.NumCPU(), cpuModel(),
		float64(info.Totalram)*float64(info.Unit)/(1<<30), unix.ByteSliceToString(name.Release[:]), cgroups)
}

func cpuModel() string {
	text, _ := os.ReadFile("/proc/cpuinfo")
	for line := range strings.Lines(string(text)) {
		if key, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(key) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return runtime.GOARCH
}
