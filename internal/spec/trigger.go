package spec

import (
	"path"
	"strings"
)

// Trigger is what watch does for a running service when some of the project's files change: an entry of a compose file's
// develop.watch.
type Trigger struct {
	Action TriggerAction `json:"action"`
	Path   string        `json:"path"`             // a file or folder of the project
	Target string        `json:"target,omitempty"` // where it is in the container
	// Include and Ignore are patterns below Path, as in a .dockerignore: which of the files count, all of them if Include is empty.
	Include []string `json:"include,omitempty"`
	Ignore  []string `json:"ignore,omitempty"`
	// Initial: all files are brought when the container is watched for the first time.
	Initial bool     `json:"initial,omitempty"`
	Exec    *Command `json:"exec,omitempty"` // runs after the files have come
}

// TriggerAction has docker compose's words.
type TriggerAction string

const (
	TriggerSync        TriggerAction = "sync"
	TriggerRestart     TriggerAction = "restart"
	TriggerSyncRestart TriggerAction = "sync+restart"
	TriggerSyncExec    TriggerAction = "sync+exec"
	TriggerRebuild     TriggerAction = "rebuild"
)

// Syncs tells whether files are brought.
func (t Trigger) Syncs() bool {
	return t.Action == TriggerSync || t.Action == TriggerSyncRestart || t.Action == TriggerSyncExec
}

// Restarts tells whether the service is restarted.
func (t Trigger) Restarts() bool { return t.Action == TriggerRestart || t.Action == TriggerSyncRestart }

// Place is where a file below Path is in the container. The name of Path itself is ".".
func (t Trigger) Place(name string) string {
	if name == "." && strings.HasSuffix(t.Target, "/") { // a file into a folder
		name = path.Base(t.Path)
	}
	return path.Join("/", t.Target, name)
}
