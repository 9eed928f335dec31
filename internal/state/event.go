package state

// Event is something that has happened to a service, in Docker's words (docker events). Its time and its service are those of the
// line in the log of events.
type Event struct {
	Action     string            `json:"action"`
	Attributes map[string]string `json:"attributes,omitempty"`
}

// The actions. HealthStatus is followed by the health, and ExecStart by the command.
const (
	EventStart        = "start"
	EventDie          = "die"
	EventOOM          = "oom"
	EventStop         = "stop"
	EventKill         = "kill"
	EventRestart      = "restart"
	EventPause        = "pause"
	EventUnpause      = "unpause"
	EventUpdate       = "update"
	EventHealthStatus = "health_status: "
	EventExecStart    = "exec_start: "
	EventExecDie      = "exec_die"
)
