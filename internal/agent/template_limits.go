package agent

import (
	"math"
	"text/template"

	"dagger/stack/internal/agent/enforce"
	"dagger/stack/internal/spec"
)

// limitFuncs are the functions of a template that tell a service its limits, so that it reaches its own before the
// kernel's. Where there is no limit, it is the machine.
func limitFuncs(limits spec.Limits) template.FuncMap {
	machine := enforce.Machine()
	bound := func(limit, machine int64) int64 {
		if limit == 0 || machine > 0 && machine < limit {
			return machine
		}
		return limit
	}
	return template.FuncMap{
		"memory": func() int64 { return bound(limits.Memory, machine.Memory) },
		"cpus": func() int64 {
			return bound(int64(math.Ceil(limits.CPUs)), int64(machine.CPUs))
		},
		"pids":    func() int64 { return bound(limits.Pids, machine.Pids) },
		"percent": func(p, n int64) int64 { return n * p / 100 },
		"mib":     func(n int64) int64 { return n >> 20 },
		"div":     func(by, n int64) int64 { return n / by },
		"sub":     func(n, m int64) int64 { return n - m },
		"min":     func(a, b int64) int64 { return min(a, b) },
		"max":     func(a, b int64) int64 { return max(a, b) },
	}
}

// inForce are the limits that templates tell of.
func (r *renderer) inForce() spec.Limits {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.limits
}

func (r *renderer) know(limits spec.Limits) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.limits = limits
}

// arguments are those of the service's process.
func (a *agent) arguments() ([]string, error) {
	args := append([]string(nil), a.Service.Process.Command...)
	for _, option := range a.Service.Process.Options {
		text, err := a.render.render(option, nil)
		if err != nil {
			return nil, err
		}
		args = append(args, text)
	}
	return args, nil
}
