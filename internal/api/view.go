package api

import (
	"time"

	"dagger/stack/internal/control"
	"dagger/stack/internal/render"
	"dagger/stack/internal/spec"
	"dagger/stack/internal/state"
)

// What the API says is its own, apart from the files that agents write: the one is promised to others as v1, the other
// may change. Durations are seconds, sizes bytes; a list is never null.

// report is how a stack is.
type report struct {
	Project  string    `json:"project"`
	Time     time.Time `json:"time"`
	Healthy  bool      `json:"healthy"` // every service is, and the gateway, and there is room on the disk
	Services []service `json:"services"`
	Gateway  *gateway  `json:"gateway"` // null: no port is published
	Disk     string    `json:"disk"`    // that the engine's disk is full; empty: it is not
}

// gateway is how what publishes the ports is.
type gateway struct {
	Healthy bool   `json:"healthy"`
	Detail  string `json:"detail"` // what is wrong, or what a user should know
	Ports   []port `json:"ports"`
}

// port is one that is published.
type port struct {
	Port    int    `json:"port"`
	Service string `json:"service"` // empty: this API
	Full    bool   `json:"full"`    // no clients with new source ports are taken
}

// service is how one service is.
type service struct {
	Name          string       `json:"service"`
	Health        state.Health `json:"health"`
	State         state.Phase  `json:"state"`
	Running       bool         `json:"running"` // false: the rest is the last that was heard
	PID           int          `json:"pid"`     // 0: no process runs
	Uptime        float64      `json:"uptime"`
	Restarts      int          `json:"restarts"`
	FailingStreak int          `json:"failingStreak"`
	Detail        string       `json:"detail"` // what matters most, in a line
	LastProbe     *probe       `json:"lastProbe"`
	LastExit      *exit        `json:"lastExit"` // null: no process has ended
	Ports         []spec.Port  `json:"ports"`
	Needs         []string     `json:"needs"`
	Notes         []string     `json:"notes"`
	Limits        spec.Limits  `json:"limits"`
	Enforced      string       `json:"enforced"` // kernel, watchdog, or empty: nothing is
	Usage         *usage       `json:"usage"`    // null: not measured
}

// exit is how a service's last process ended.
type exit struct {
	Code   int       `json:"code"`
	Signal string    `json:"signal,omitempty"`
	Reason string    `json:"reason,omitempty"`
	Forced bool      `json:"forced,omitempty"`
	Time   time.Time `json:"time"`
	Took   float64   `json:"took"`
}

// usage is what a service used when its agent last looked.
type usage struct {
	Memory     int64   `json:"memory"`
	MemoryPeak int64   `json:"memoryPeak"`
	CPUs       float64 `json:"cpus"`
	CPUTime    float64 `json:"cpuTime"`
	Throttled  float64 `json:"throttled"`
	Pids       int64   `json:"pids"`
	OOMKills   int64   `json:"oomKills"`
}

type probe struct {
	Start    time.Time `json:"start"`
	Seconds  float64   `json:"seconds"`
	ExitCode int       `json:"exitCode"`
	Output   string    `json:"output"`
}

func viewReport(r control.Report) report {
	view := report{Project: r.Stack, Time: r.Time, Healthy: r.Healthy, Services: []service{}, Disk: r.Disk}
	for _, s := range r.Services {
		view.Services = append(view.Services, viewService(s, r.Time))
	}
	if g := r.Gateway; g != nil {
		view.Gateway = &gateway{Healthy: g.Healthy, Detail: g.Detail, Ports: []port{}}
		for _, p := range g.Ports {
			view.Gateway.Ports = append(view.Gateway.Ports, port{p.Port, p.Service, p.Full})
		}
	}
	return view
}

func viewService(s control.ServiceReport, now time.Time) service {
	view := service{
		Name: s.Service, Health: s.Health, State: s.Phase, Running: s.Running,
		PID: s.PID, Uptime: time.Duration(s.Uptime).Seconds(), Restarts: s.Restarts, FailingStreak: s.Streak,
		Detail: render.Detail(s, now),
		Ports:  list(s.Ports), Needs: list(s.Needs), Notes: list(s.Notes),
		Limits: s.Limits, Enforced: string(s.Enforced),
	}
	if u := s.Usage; u != nil && s.Running {
		view.Usage = &usage{u.Memory, u.MemoryPeak, u.CPUs, time.Duration(u.CPUTime).Seconds(), u.Throttled, u.Pids, u.OOMKills}
	}
	if e := s.LastExit; e != nil {
		view.LastExit = &exit{e.Code, e.Signal, e.Reason, e.Forced, e.Time, time.Duration(e.Took).Seconds()}
	}
	if n := len(s.Probes); n > 0 {
		last := s.Probes[n-1]
		view.LastProbe = &probe{last.Start, time.Duration(last.Duration).Seconds(), last.ExitCode, last.Output}
	}
	return view
}

func list[T any](values []T) []T {
	if values == nil {
		return []T{}
	}
	return values
}
