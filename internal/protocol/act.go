package protocol

import "time"

// TopRequest asks for the processes of running services.
type TopRequest struct {
	Service string // empty: all
	Format  string // text or json
}

// TopProcess is one process of a service.
type TopProcess struct {
	PID     int           `json:"pid"` // in the service's container
	Parent  int           `json:"ppid"`
	User    string        `json:"user"`    // by the image's /etc/passwd
	CPUTime time.Duration `json:"cpuTime"` // in nanoseconds, since it began
	Memory  int64         `json:"memory"`  // bytes that are resident
	Threads int           `json:"threads"`
	Command string        `json:"command"`
}

// TopService is a service with its processes, those that were started beside its own as well.
type TopService struct {
	Service   string       `json:"service"`
	Processes []TopProcess `json:"processes"`
}

// KillRequest asks for a signal to be sent to a service.
type KillRequest struct {
	Service string
	Signal  string // SIGHUP, or HUP
}

// KillArgs is what an agent is asked for it.
type KillArgs struct {
	Signal string `json:"signal"` // SIGHUP
}

// KillResult is who got the signal.
type KillResult struct {
	Service string `json:"service,omitempty"`
	PID     int    `json:"pid"`
	Signal  string `json:"signal"`
}
