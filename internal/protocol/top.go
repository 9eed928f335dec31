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
