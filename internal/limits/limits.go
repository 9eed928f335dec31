// Package limits reads, checks and combines what users say about the limits of services.
package limits

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/docker/go-units"

	"dagger/stack/internal/spec"
)

// What a limit can be. Cores are Docker's lower bound, because the kernel gives out no less than 1 ms of every 100;
// the pids are the most that a 64-bit kernel can have (PID_MAX_LIMIT).
const (
	LeastCPUs   = 0.01
	MostCPUs    = 1024
	LeastMemory = 16 << 20
	MostMemory  = 1 << 50
	MostPids    = 1 << 22
)

// Setting is what a user says about limits. Fields that are nil say nothing.
type Setting struct {
	Service string   `json:"service,omitempty"` // empty: every service
	CPUs    *float64 `json:"cpus,omitempty"`
	Memory  *int64   `json:"memory,omitempty"`
	Pids    *int64   `json:"pids,omitempty"`
}

// Parse checks a setting as a user gives it; what is not given is nil or empty.
func Parse(service string, cpus *float64, memory string, pids *int) (Setting, error) {
	s := Setting{Service: service}
	if cpus == nil && memory == "" && pids == nil {
		return s, errors.New("no limit is given: want one or more of --cpus, --memory and --pids")
	}
	if cpus != nil {
		if !(*cpus >= LeastCPUs && *cpus <= MostCPUs) { // NaN is neither
			return s, fmt.Errorf("cpus %g: want %g to %d cores for --cpus, e.g. 0.5 or 2", *cpus, LeastCPUs, MostCPUs)
		}
		s.CPUs = cpus
	}
	if memory != "" {
		bytes, err := units.RAMInBytes(strings.TrimSpace(memory))
		if err != nil {
			return s, fmt.Errorf("memory %q: want a size such as 512MiB, 2g or 2GiB for --memory", memory)
		}
		if bytes < LeastMemory || bytes > MostMemory {
			return s, fmt.Errorf("memory %q: want %s to %s for --memory", memory, Size(LeastMemory), Size(MostMemory))
		}
		s.Memory = &bytes
	}
	if pids != nil {
		if *pids < 1 || *pids > MostPids {
			return s, fmt.Errorf("pids %d: want 1 to %d processes and threads for --pids", *pids, MostPids)
		}
		n := int64(*pids)
		s.Pids = &n
	}
	return s, nil
}

// Apply is a service's limits after the setting.
func (s Setting) Apply(to spec.Limits) spec.Limits {
	if s.CPUs != nil {
		to.CPUs = *s.CPUs
	}
	if s.Memory != nil {
		to.Memory = *s.Memory
	}
	if s.Pids != nil {
		to.Pids = *s.Pids
	}
	return to
}

// Size is a number of bytes as people read it, e.g. "1.5 GiB".
func Size(bytes int64) string {
	return units.CustomSize("%.4g %s", float64(bytes), 1024, []string{"B", "KiB", "MiB", "GiB", "TiB", "PiB"})
}

// Cores is a number of cores as people read it.
func Cores(n float64) string { return strconv.FormatFloat(n, 'f', -1, 64) }

// Changes tells each limit that the setting is about, e.g. "memory: 512 MiB -> 1 GiB".
func Changes(s Setting, before, after spec.Limits) []string {
	var lines []string
	for _, l := range []struct {
		asked               bool
		name, before, after string
	}{
		{s.CPUs != nil, "cpus", unlimited(before.CPUs, Cores), unlimited(after.CPUs, Cores)},
		{s.Memory != nil, "memory", unlimited(before.Memory, Size), unlimited(after.Memory, Size)},
		{s.Pids != nil, "pids", unlimited(before.Pids, decimal), unlimited(after.Pids, decimal)},
	} {
		if l.asked {
			lines = append(lines, fmt.Sprintf("%s: %s -> %s", l.name, l.before, l.after))
		}
	}
	return lines
}

func unlimited[T int64 | float64](limit T, text func(T) string) string {
	if limit == 0 {
		return "unlimited"
	}
	return text(limit)
}

func decimal(n int64) string { return strconv.FormatInt(n, 10) }
