// Package protocol is what the Dagger functions, the HTTP API and the agents say to each other: verbs, their arguments
// and results, and the codes of errors. It does nothing.
//
//	Dagger function ── Call ──► command ─► control ── Verb ──► agent
//	                             HTTP API ─┘
//
// A Call is an argument of the agent's binary in a helper container, and what the helper prints is the result. A Verb goes over
// the agent's socket, as package socket says.
package protocol

import (
	"fmt"
	"strings"
	"time"

	"dagger/stack/internal/agent/tree"
	"dagger/stack/internal/limits"
	"dagger/stack/internal/spec"
	"dagger/stack/internal/state"
)

// The verbs that an agent knows.
const (
	VerbRestart   = "restart"    // takes RestartArgs, or none; answers RestartResult
	VerbStop      = "stop"       // no arguments and no value; answered before the agent ends
	VerbDump      = "dump"       // no arguments; answers DumpResult
	VerbRestore   = "restore"    // takes DumpResult; answers RestoreNotes
	VerbCheckDump = "check-dump" // takes DumpResult, which is read and changes nothing; no value
	VerbSnapshot  = "snapshot"   // takes SnapshotArgs; answers SnapshotAnswer
	VerbLimits    = "limits"     // takes limits.Setting; answers LimitsResult
	VerbSource    = "source"     // takes SourceArgs; answers tree.Tree: the source as it is
	VerbTop       = "top"        // no arguments; answers []TopProcess
	VerbKill      = "kill"       // takes KillArgs; answers KillResult
	VerbStatus    = "status"     // no arguments; answers state.Status, at once: for when the agent cannot write it
	VerbPause     = "pause"      // no arguments and no value
	VerbUnpause   = "unpause"    // no arguments and no value
	VerbAddress   = "address"    // no arguments; answers Address: its URL, at the container's own address
	VerbExec      = "exec"       // takes ExecArgs; answers with a stream of socket.Frames
	VerbSync      = "sync"       // takes tree.Change, its files in state.Service.Incoming; no value
	VerbWatched   = "watched"    // takes WatchedArgs; answers []tree.Tree: by trigger, what the project had when it was brought last, null: never
	VerbBring     = "bring"      // takes []WatchedChange, their files in state.Service.Incoming, in a folder for each; no value
	VerbFiles     = "files"      // no arguments and no value; writes ContainerFiles to state.Service.BuiltList
	VerbImage     = "image"      // takes ImageArgs, the rest in state.Service.BuiltArchive; answers RestartResult
	VerbInstall   = "install"    // takes InstallArgs, what was built in state.Service.Built; answers RestartResult
)

// RestartArgs say how a restart is meant.
type RestartArgs struct {
	Refuse bool `json:"refuse,omitempty"` // rather than wait for another request that is under way: CodeBusy
}

// SourceArgs say which of the source is asked for.
type SourceArgs struct {
	At []string `json:"at"` // paths below the source's folder, and what is below them; ".": all of it
}

// WatchedArgs say which of the project's files are asked for.
type WatchedArgs struct {
	At [][]string `json:"at"` // by trigger, paths below its Path, and what is below them; ".": all of it
}

// TheFile is what the file of a trigger whose Path is a file is called on its way.
const TheFile = "file"

// WatchedChange is what has changed in the project at a trigger's Path, by paths below that.
type WatchedChange struct {
	Trigger int         `json:"trigger"`
	Change  tree.Change `json:"change"` // is made in the container, if the trigger is one that syncs
	Now     tree.Tree   `json:"now"`    // what the project has there now, of what was looked at
	Gone    []string    `json:"gone,omitempty"`
}

// InstallArgs say what a build has made: the source that it was made from, and what lies beside the source.
type InstallArgs struct {
	Change   tree.Change    `json:"change"`
	Products []spec.Product `json:"products"`
}

// ContainerFiles are those of a container, without what is mounted there and the agent's own.
type ContainerFiles struct {
	Files   tree.Files
	Without []string
}

// ImageArgs say which files of a container a new image has not.
type ImageArgs struct {
	Gone []string `json:"gone"` // what is in a folder before it
}

// What a service that was restarted may be beside healthy.
const (
	RestartRunning   = "running" // nothing says whether it works
	RestartCompleted = "completed"
)

// RestartResult is a service that was restarted.
type RestartResult struct {
	Service string        `json:"service,omitempty"` // the agent leaves it to who has asked
	OldPID  int           `json:"oldPid"`            // 0: no process ran
	NewPID  int           `json:"newPid"`
	Took    time.Duration `json:"took"`             // from the request to the first healthy probe
	Now     string        `json:"now,omitempty"`    // RestartRunning, RestartCompleted; empty: it is healthy
	Forced  bool          `json:"forced,omitempty"` // the old process did not stop in its time and was killed
}

// DumpResult is a copy of a service's data in its exchange folder.
type DumpResult struct {
	File   string   `json:"file"`
	Size   int64    `json:"size"`
	SHA256 string   `json:"sha256"`
	Notes  []string `json:"notes,omitempty"` // what the copy leaves out
}

// RestoreNotes say what of a service is not as in the copy that was brought back.
type RestoreNotes struct {
	Notes []string `json:"notes,omitempty"`
}

// LimitsResult is what limits were, and what they are, read back from the kernel.
type LimitsResult struct {
	Asked    limits.Setting    `json:"asked,omitzero"` // the agent leaves it to who has asked
	Before   spec.Limits       `json:"before"`
	After    spec.Limits       `json:"after"`
	Enforced state.Enforcement `json:"enforced"`
}

// WaitResult is what has become of some of the services: of all, or of those that the time has shown.
type WaitResult struct {
	Healthy []Healthy `json:"healthy,omitempty"`
	Failed  *Failed   `json:"failed,omitempty"` // nil: none has
	// Alone are services that have failed though the up goes on: nothing is waited for of them.
	Alone []Failed `json:"alone,omitempty"`
}

// Healthy is a service that has become healthy, or has done its work.
type Healthy struct {
	Service   string    `json:"service"`
	Since     time.Time `json:"since"` // when it was seen
	Completed bool      `json:"completed,omitempty"`
	Skipped   string    `json:"skipped,omitempty"` // why it need not have been run
}

// Failed is a service that did not become healthy, and will not.
type Failed struct {
	Service string `json:"service"`
	Why     string `json:"why"`
}

// Report is what is known of a stack at one moment.
type Report struct {
	Stack    string          `json:"stack"`
	Time     time.Time       `json:"time"`
	Healthy  bool            `json:"healthy"` // every service is, and the gateway, and there is room on the disk
	Services []ServiceReport `json:"services"`
	Gateway  *GatewayReport  `json:"gateway,omitempty"` // nil: no port is published
	LeftOut  []string        `json:"leftOut,omitempty"` // services that the stack was started without, each "NAME: why"
	Disk     string          `json:"disk,omitempty"`    // that the engine's disk is full, and what follows; "": it is not
}

// GatewayReport is how what publishes the ports is.
type GatewayReport struct {
	Healthy bool                  `json:"healthy"`
	Detail  string                `json:"detail"` // what is wrong, or what a user should know; may be empty
	Ports   []state.PublishedPort `json:"ports"`
}

// ServiceReport is what a service's agent says, and whether the agent is still there to say it.
type ServiceReport struct {
	state.Status
	Running bool          `json:"running"` // false: Status is the last that was heard
	Uptime  spec.Duration `json:"uptime"`  // of the process; 0 if none runs
}

// RunResult is how a command has ended that was run once.
type RunResult struct {
	Code int    `json:"code"`          // 128 + n for signal n, 127 for one that cannot be started
	Why  string `json:"why,omitempty"` // of a failure, when it is known: e.g. out of memory
}

// StopResult is a service that was ended.
type StopResult struct {
	Service string
	Took    time.Duration
	Exit    *state.Exit // how its process ended; nil: not known
}

// RestoreResult is a service that has the data of a backup again.
type RestoreResult struct {
	Service string
	Stack   string    // whose backup it is
	Time    time.Time // of the backup
	Notes   []string
}

// Editable is what of a running service can be changed: its source, files and folders of the project that it has mounted, and what
// its triggers bring.
type Editable struct {
	Source   *spec.Source
	Binds    []string
	Triggers []spec.Trigger
	From     *spec.From // nil: its image was not built from a Dockerfile
}

// SyncResult is a service's source after a sync.
type SyncResult struct {
	Service                 string
	Changed, Added, Deleted []string // files; none at all: it was the same
	Kept                    []string // files that have changed in the project and in the stack, which keeps its own
	NotRun                  []string // commands of the build that take the whole source, and were not run again
	Problem                 string   // why it was not synced, or did not come back; empty: there is none
	Behind                  bool     // it was not synced

	Build *Build   // the one that it takes, nil: none
	Built bool     // it was synced after a build, and what the build has made is in place
	Ran   []string // commands that ran after its files had come
}

// Build is one that an edit takes.
type Build struct {
	Source *spec.Source // what the service's source was made of; nil: its image is built
	From   *spec.From   // what the image was built from
	// Digest is of the files that the build is made for: one that has failed need not be tried again with the same.
	Digest string
}

// Same tells whether there was nothing to sync.
func (r SyncResult) Same() bool {
	return len(r.Changed)+len(r.Added)+len(r.Deleted)+len(r.Kept) == 0 && r.Problem == ""
}

// Batch is what has become of edits that were brought together.
type Batch struct {
	Run    string // the up of the stack
	Lines  []string
	Behind bool             // a service was not synced
	Build  map[string]Build // by service that takes one
}

// Few are the first files of a list and how many more there are, for a text about all of them.
func Few(files []string) string {
	const most = 3
	if len(files) <= most {
		return strings.Join(files, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(files[:most], ", "), len(files)-most)
}
