package protocol

import (
	"time"
)

// SnapshotAct is what an agent does with the snapshots of its service.
type SnapshotAct string

const (
	SnapshotList     SnapshotAct = "list"
	SnapshotTake     SnapshotAct = "take"
	SnapshotRollback SnapshotAct = "rollback"
	SnapshotClone    SnapshotAct = "clone"
	SnapshotDrop     SnapshotAct = "drop"
)

// SnapshotArgs is what an agent is asked. Its answer is a SnapshotAnswer.
type SnapshotArgs struct {
	Act      SnapshotAct `json:"act"`
	Name     string      `json:"name,omitempty"`
	Count    int         `json:"count,omitempty"`    // of clones
	Database string      `json:"database,omitempty"` // that is cloned; empty: that of the service's login
	Clones   bool        `json:"clones,omitempty"`   // drop the clones alone
}

// SnapshotAnswer is what an agent says.
type SnapshotAnswer struct {
	Snapshots []ServiceSnapshot `json:"snapshots,omitempty"` // of a list, or the one that was taken
	Cut       int               `json:"cut,omitempty"`       // connections that were ended
	Notes     []string          `json:"notes,omitempty"`
	URLs      []string          `json:"urls,omitempty"`    // of clones, at the agent's own address
	Dropped   []string          `json:"dropped,omitempty"` // databases, or files
}

// ServiceSnapshot is a snapshot as one service has it.
type ServiceSnapshot struct {
	Service string    `json:"service"` // the agent leaves it to who has asked
	Name    string    `json:"name"`
	Time    time.Time `json:"time"`
	Size    int64     `json:"size"`             // bytes
	Clones  []string  `json:"clones,omitempty"` // databases
}
