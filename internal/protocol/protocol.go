// Package protocol is what agents are asked over their sockets, and the codes of errors, which are the same in an agent's answer, as the
// exit code of the agent's binary, and in the HTTP API. It does nothing.
//
//	Dagger function ── control.Call ──► command ─► control ── Verb ──► agent
//	                                       HTTP API ─┘
package protocol

import (
	"cmp"
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

// String is the line about the service.
func (r RestartResult) String() string {
	return fmt.Sprintf("%s restarted: pid %d -> %d, %s after %.1f s%s", r.Service, r.OldPID, r.NewPID, cmp.Or(r.Now, string(state.Healthy)), r.Took.Seconds(), Killed(r.Forced))
}

// Killed follows the time that a process took to stop.
func Killed(forced bool) string {
	if !forced {
		return ""
	}
	return "; it did not stop in its time and was killed: its log may say why"
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

// String is the lines about the limits that were asked for.
func (r LimitsResult) String() string {
	lines := limits.Changes(r.Asked, r.Before, r.After)
	if r.Enforced == state.ByWatchdog && r.Asked.CPUs != nil {
		lines = append(lines, "cpus: not bounded: the engine lets no agent make a cgroup")
	}
	return r.Asked.Service + " " + strings.Join(lines, "\n"+r.Asked.Service+" ")
}

// RunResult is how a command has ended that was run once.
type RunResult struct {
	Code int    `json:"code"`          // 128 + n for signal n, 127 for one that cannot be started
	Why  string `json:"why,omitempty"` // of a failure, when it is known: e.g. out of memory
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

// KillArgs says which signal the process gets.
type KillArgs struct {
	Signal string `json:"signal"` // SIGHUP
}

// KillResult is who got the signal.
type KillResult struct {
	Service string `json:"service,omitempty"`
	PID     int    `json:"pid"`
	Signal  string `json:"signal"`
}

// String is the line about the signal.
func (r KillResult) String() string {
	return fmt.Sprintf("%s got %s: pid %d", r.Service, r.Signal, r.PID)
}

// Address is where clients reach a service, with what they need to log in.
type Address struct {
	Service string `json:"service"` // the agent leaves it to who has asked
	URL     string `json:"url"`     // for the stack's services; of an agent empty where nobody logs in
	HostURL string `json:"hostUrl"` // at the published port; empty: none is published
}

// Few are the first files of a list and how many more there are, for a text about all of them.
func Few(files []string) string {
	const most = 3
	if len(files) <= most {
		return strings.Join(files, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(files[:most], ", "), len(files)-most)
}
