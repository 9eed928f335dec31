package protocol

import (
	"encoding/json"
	"strconv"
	"time"

	"dagger/stack/internal/spec"
)

// Call is what a Dagger function asks of a stack.
type Call[R any] struct {
	Stack   string
	Folder  string // of the state volume; empty: all of it is the stack's
	Seal    string `json:",omitempty"` // the public key of who asks, where the answer is secret: see package seal
	Request R      // of the verb; struct{} where there is nothing to say
}

// Sealed is a request whose answer is to be sealed.
type Sealed struct {
	Request any
	Seal    string
}

// NewCall is the argument of the agent's commands, with a request or with none.
func NewCall(stack, folder string, request any) (string, error) {
	call := Call[any]{Stack: stack, Folder: folder, Request: request}
	if sealed, ok := request.(Sealed); ok {
		call.Request, call.Seal = sealed.Request, sealed.Seal
	}
	text, err := json.Marshal(call)
	return string(text), err
}

// Answer reads what a command has printed as JSON.
func Answer[T any](text string, err error) (value T, _ error) {
	if err == nil {
		err = json.Unmarshal([]byte(text), &value)
	}
	return value, err
}

// EndTimeout is how long an up should wait for a stack that runs: one whose call was interrupted takes a moment to end.
// For one whose call was killed it is too short: the engine notices that after 5 to 10 s
// (engine/server/session_attachables.go monitorAttachableHealth), and whom we refuse should not have to wait that long.
const EndTimeout = time.Second

// BeginRequest says what is about to be started.
type BeginRequest struct {
	Services  []string // in order of need
	LeftOut   []string // services that cannot be had here, each "NAME: why"
	Ephemeral bool     // it keeps no data
	From      string   // the folder that it is called in, if nobody has named the stack and the folder is known
	Timeout   time.Duration
}

// WaitRequest says which services an up waits for.
type WaitRequest struct {
	Services []string
	Since    time.Time // when the up began: what has ended before is not its concern
	Made     []string  // those of the services whose containers run by now
	// Gather is how long after one service others are waited for, to be told at once: an answer costs more than all the
	// looking.
	Gather time.Duration
	// Timeout is when an answer comes also if there is nothing to tell. A container that runs for longer without a word
	// of its agent has none.
	Timeout time.Duration
}

// HealthRequest asks how a stack is.
type HealthRequest struct {
	Service string // empty: all
	Wait    string // how long to wait for health; empty: not at all
	Format  string // text or json
}

// AllLines is the tail that is the whole log.
const AllLines = -1

// ParseTail reads a number of lines, or all. Whether there may be so many is for who reads them to say.
func ParseTail(text string) (int, error) {
	if text == "all" {
		return AllLines, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n == AllLines {
		return 0, Errorf(CodeInvalid, "tail %q: want a number of lines, or all", text)
	}
	return n, nil
}

// LogsRequest says which lines to print and how.
type LogsRequest struct {
	Service    string // empty: all, in order of time, each line with its service's name
	Tail       int    // the last so many; AllLines: all
	Since      string // a duration before now, or a time in RFC 3339
	Until      string
	Grep       string // RE2
	Stream     string // stdout, stderr or both if empty
	Timestamps bool
	Format     string // text or json
	Follow     bool
}

// LastLinesRequest asks what a service, or the one that keeps it from being started, has printed last.
type LastLinesRequest struct {
	Service string
	Since   time.Time
}

// StatsRequest asks what services use.
type StatsRequest struct {
	Service string // empty: all
	Format  string // text or json
	Watch   bool   // again and again, until the context or the stack ends
}

// RestartRequest asks for a new process of a service.
type RestartRequest struct {
	Service        string
	WithDependents bool   // those that need it too, after it
	Timeout        string // for each to become healthy
	// Refuse answers CodeBusy at once when the service is being restarted already; otherwise that is waited for.
	Refuse bool
}

// LimitsRequest asks for other limits of a running service. What is nil or empty stays.
type LimitsRequest struct {
	Service string
	CPUs    *float64
	Memory  string
	Pids    *int
}

// ResetRequest asks to drop all that a stack has kept.
type ResetRequest struct {
	Confirm string   // the stack's name, once more
	Data    []string // where its data volumes are mounted
}

// SourcesRequest asks which services can be synced.
type SourcesRequest struct {
	Service  string // empty: all
	Watching bool   // what triggers bring counts, too
}

// SyncRequest asks for the source of running services to become that of Folders.
type SyncRequest struct {
	Folders map[string]string   // by service, where its new source is
	At      map[string][]string // by service, the paths of its source that are compared; ".": all of it
	Binds   map[string][]string // by service, the files and folders of the project that it has mounted
	BindsAt map[string][]string // by file or folder of Binds, the paths of it that are compared; none: all of it
	Project string              // where the project's files are, if there are Binds, Triggers or Edited
	Edited  []string            // paths of the project, if it is to be told which images were built from them
	Volume  string              // where the stack's volume of binds is
	Built   map[string]Built    // by service that was built anew, what came of it
	Failed  map[string]string   // by service whose build has failed, its Build.Digest
	// Triggers are, by service and trigger, the paths below its Path that are compared; ".": all of it.
	Triggers map[string][][]string
	Restart  string // auto, always or never
	Timeout  string // for each to become healthy
	// Watching tells of what has changed alone, and of what cannot be brought as a SyncResult that does not stop the rest.
	Watching bool
}

// Built is what a build has made of a service.
type Built struct {
	Root     string // where the files of its container are
	Products []spec.Product
	Image    bool // all of the container is new
}
