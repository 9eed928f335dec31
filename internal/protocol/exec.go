package protocol

import "time"

// ExecRequest asks for a command to be run in a running service.
type ExecRequest struct {
	Service string
	Command []string
	Env     []string // NAME=VALUE, beside the service's own
	Workdir string   // empty: the service's; relative to it unless it begins with a slash
	Timeout string   // of the command, a duration; empty: none
	Input   bool     // there is a stdin; else it is empty
	Reveal  bool     // secrets in the output stay
	// Terminal is the size of a terminal that the command runs in; nil: its streams are apart.
	Terminal *Size
}

// Size is that of a terminal, in characters.
type Size struct {
	Rows    uint16 `json:"rows"`
	Columns uint16 `json:"columns"`
}

// ExecArgs is what an agent is asked for it.
type ExecArgs struct {
	Command []string      `json:"command"`
	Env     []string      `json:"env,omitempty"`
	Workdir string        `json:"workdir,omitempty"`
	Timeout time.Duration `json:"timeout,omitempty"`
	Input   bool          `json:"input,omitempty"`
	Reveal  bool          `json:"reveal,omitempty"`

	Terminal *Size `json:"terminal,omitempty"`
}

// ExecResult is how a command has ended.
type ExecResult struct {
	Code     int    `json:"exitCode"`         // 128 + n for signal n
	Signal   string `json:"signal,omitempty"` // that ended it, e.g. SIGKILL
	TimedOut bool   `json:"timedOut,omitempty"`
}
