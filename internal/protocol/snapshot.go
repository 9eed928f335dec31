package protocol

import (
	"time"

	"dagger/stack/internal/lazyregexp"
)

// SnapshotName is what a snapshot may be called.
var SnapshotName = lazyregexp.New(`^[A-Za-z0-9][A-Za-z0-9.-]{0,31}$`)

// ClonesMax is how many clones one call makes.
const ClonesMax = 500

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

// Snapshot is one of a stack.
type Snapshot struct {
	Name     string            `json:"name"`
	Time     time.Time         `json:"time"`   // when that of the last service was taken
	Size     int64             `json:"size"`   // bytes, of all services
	Clones   int               `json:"clones"` // how many there are
	Services []ServiceSnapshot `json:"services"`
}

// SnapshotRequest asks for a snapshot to be taken, or for the data of one to come back.
type SnapshotRequest struct{ Name string }

// SnapshotsRequest asks for a list.
type SnapshotsRequest struct{ Format string } // text or json

// SnapshotResult is what has become of one service.
type SnapshotResult struct {
	Act     SnapshotAct `json:"-"`
	Service string      `json:"service"`
	Name    string      `json:"name"`
	Size    int64       `json:"size,omitempty"`
	Cut     int         `json:"connectionsCut"`
	Notes   []string    `json:"notes,omitempty"`
	Dropped []string    `json:"dropped,omitempty"`
}

// CloneRequest asks for databases with the data of a snapshot.
type CloneRequest struct {
	Name     string
	Count    int
	Service  string // empty: the only one that can
	Database string // empty: that of the service's login
	Format   string // text or json
	Reveal   bool   // passwords in a text stay
	Inside   bool   // a text has addresses for the stack's services
}

// Clone is a database with the data of a snapshot.
type Clone struct {
	Service  string `json:"service"`
	Database string `json:"database"`
	Inside   string `json:"url"`               // for the stack's services, with the password
	Host     string `json:"hostUrl,omitempty"` // at the published port; empty: the service has none
}

// DropSnapshotRequest asks for a snapshot to be dropped, and what was made of it.
type DropSnapshotRequest struct {
	Name   string // of a snapshot, or of a clone's database
	Clones bool   // the clones alone
}
