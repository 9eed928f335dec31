package protocol

import "time"

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
