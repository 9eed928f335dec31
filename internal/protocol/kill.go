package protocol

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
