package process

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// Stat is what /proc says about a process (proc(5), /proc/pid/stat).
type Stat struct {
	PID, Parent int
	Session     int // the PID of its session's leader
	Threads     int64
	CPUTime     time.Duration // its own, and that of the children it has reaped
	RSS         int64         // bytes
	Ended       bool          // and is to be reaped
	Stopped     bool          // by a signal
	Waits       bool          // within the kernel, where no signal reaches it: for a disk, or for the child that it has started
}

// clockTick is USER_HZ, which is 100 on every architecture that Go runs on.
const clockTick = time.Second / 100

// Descendants are all processes below that one.
func Descendants(of int) []Stat {
	all := stats()
	below := map[int]bool{of: true}
	var found []Stat
	for grown := true; grown; {
		grown = false
		for _, stat := range all {
			if below[stat.Parent] && !below[stat.PID] {
				below[stat.PID], grown = true, true
				found = append(found, stat)
			}
		}
	}
	return found
}

func stats() []Stat {
	paths, _ := filepath.Glob("/proc/[0-9]*/stat")
	var all []Stat
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			continue // it has ended
		}
		if stat, ok := parseStat(string(text)); ok {
			all = append(all, stat)
		}
	}
	return all
}

// parseStat reads "pid (comm) state ppid …": comm may hold anything, also brackets, so the fields count from the last
// one.
func parseStat(text string) (Stat, bool) {
	i, j := strings.IndexByte(text, '('), strings.LastIndexByte(text, ')')
	if i < 0 || j < i {
		return Stat{}, false
	}
	fields := strings.Fields(text[j+1:])
	if len(fields) < 22 {
		return Stat{}, false
	}
	number := func(text string) int64 {
		n, _ := strconv.ParseInt(strings.TrimSpace(text), 10, 64)
		return n
	}
	// proc(5) counts from 1 and from the pid; the first of these fields is its third.
	field := func(n int) int64 { return number(fields[n-3]) }
	return Stat{
		PID: int(number(text[:i])), Parent: int(field(4)), Session: int(field(6)), Threads: field(20),
		CPUTime: time.Duration(field(14)+field(15)+field(16)+field(17)) * clockTick,
		RSS:     field(24) * int64(os.Getpagesize()),
		Ended:   fields[0] == "Z",
		Stopped: fields[0] == "T",
		Waits:   fields[0] == "D",
	}, true
}
