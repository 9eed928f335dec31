package control

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"dagger/stack/internal/lazyregexp"
	"dagger/stack/internal/limits"
	"dagger/stack/internal/protocol"
	"dagger/stack/internal/socket"
)

// SnapshotRequest asks for a snapshot to be taken, or for the data of one to come back.
type SnapshotRequest struct{ Name string }

// SnapshotsRequest asks for a list.
type SnapshotsRequest struct{ Format string } // text or json

// SnapshotResult is what has become of one service.
type SnapshotResult struct {
	Act     protocol.SnapshotAct `json:"-"`
	Service string               `json:"service"`
	Name    string               `json:"name"`
	Size    int64                `json:"size,omitempty"`
	Cut     int                  `json:"connectionsCut"`
	Notes   []string             `json:"notes,omitempty"`
	Dropped []string             `json:"dropped,omitempty"`
}

// String is a line about the service, with a line for each note.
func (r SnapshotResult) String() string {
	var text string
	switch r.Act {
	case protocol.SnapshotTake:
		text = fmt.Sprintf("%s: snapshot %s taken, %s%s", r.Service, r.Name, limits.Size(r.Size), cut(r.Cut))
	case protocol.SnapshotDrop:
		text = fmt.Sprintf("%s: dropped %s", r.Service, protocol.Few(r.Dropped))
	default:
		text = fmt.Sprintf("%s: rolled back to %s%s", r.Service, r.Name, cut(r.Cut))
	}
	for _, note := range r.Notes {
		text += "\n  " + note
	}
	return text
}

func cut(connections int) string {
	switch connections {
	case 0:
		return ""
	case 1:
		return "; 1 connection was cut"
	}
	return fmt.Sprintf("; %d connections were cut", connections)
}

// Snapshot is one of a stack.
type Snapshot struct {
	Name     string                     `json:"name"`
	Time     time.Time                  `json:"time"`   // when that of the last service was taken
	Size     int64                      `json:"size"`   // bytes, of all services
	Clones   int                        `json:"clones"` // how many there are
	Services []protocol.ServiceSnapshot `json:"services"`
}

// DropSnapshotRequest asks for a snapshot to be dropped, and what was made of it.
type DropSnapshotRequest struct {
	Name   string // of a snapshot, or of a clone's database
	Clones bool   // the clones alone
}

// snapshotName is what a snapshot may be called.
var snapshotName = lazyregexp.New(`^[A-Za-z0-9][A-Za-z0-9.-]{0,31}$`)

// Snapshots are those of the stack, by their names.
func (c Client) Snapshots(ctx context.Context, r SnapshotsRequest) (all []Snapshot, err error) {
	if err := CheckFormat(r.Format); err != nil {
		return nil, err
	}
	services, err := c.withData()
	if err != nil {
		return nil, err
	}
	all = []Snapshot{}
	for _, service := range services {
		answer, err := c.askSnapshot(ctx, service.Service, protocol.SnapshotArgs{Act: protocol.SnapshotList})
		if err != nil {
			return nil, err
		}
		for _, kept := range answer.Snapshots {
			kept.Service = service.Service
			i := slices.IndexFunc(all, func(s Snapshot) bool { return s.Name == kept.Name })
			if i < 0 {
				i = len(all)
				all = append(all, Snapshot{Name: kept.Name})
			}
			s := &all[i]
			if kept.Time.After(s.Time) {
				s.Time = kept.Time
			}
			s.Size, s.Clones, s.Services = s.Size+kept.Size, s.Clones+len(kept.Clones), append(s.Services, kept)
		}
	}
	slices.SortFunc(all, func(a, b Snapshot) int { return cmp.Compare(a.Name, b.Name) })
	return all, nil
}

// Snapshot copies the data of all services, and hands on each that is copied.
func (c Client) Snapshot(ctx context.Context, r SnapshotRequest, done func(SnapshotResult)) error {
	services, err := c.forSnapshot(r.Name)
	if err != nil {
		return err
	}
	for _, service := range services {
		answer, err := c.askSnapshot(ctx, service.Service, protocol.SnapshotArgs{Act: protocol.SnapshotTake, Name: r.Name})
		if err != nil {
			return err
		}
		result := SnapshotResult{Act: protocol.SnapshotTake, Service: service.Service, Name: r.Name, Cut: answer.Cut, Notes: answer.Notes}
		for _, kept := range answer.Snapshots {
			result.Size += kept.Size
		}
		done(result)
	}
	return nil
}

// Rollback brings the data of a snapshot back, and hands on each service that has it.
func (c Client) Rollback(ctx context.Context, r SnapshotRequest, done func(SnapshotResult)) error {
	services, err := c.forSnapshot(r.Name)
	if err != nil {
		return err
	}
	kept, err := c.find(ctx, r.Name)
	if err != nil {
		return err
	}
	for _, service := range services {
		result := SnapshotResult{Act: protocol.SnapshotRollback, Service: service.Service, Name: r.Name}
		if !slices.ContainsFunc(kept.Services, func(p protocol.ServiceSnapshot) bool { return p.Service == service.Service }) {
			result.Notes = []string{"not in the snapshot, and as it was"}
			done(result)
			continue
		}
		begun := time.Now()
		answer, err := c.askSnapshot(ctx, service.Service, protocol.SnapshotArgs{Act: protocol.SnapshotRollback, Name: r.Name})
		if err != nil {
			return withLog(c.State.Service(service.Service), begun, err)
		}
		result.Cut, result.Notes = answer.Cut, answer.Notes
		done(result)
	}
	return nil
}

// DropSnapshot drops a snapshot and its clones, or these alone, and hands on each service that had some.
func (c Client) DropSnapshot(ctx context.Context, r DropSnapshotRequest, done func(SnapshotResult)) error {
	if r.Name == "" {
		return invalid("which snapshot? Name it, or a clone's database, with --name")
	}
	services, err := c.withData()
	if err != nil {
		return err
	}
	found := false
	for _, service := range services {
		answer, err := c.askSnapshot(ctx, service.Service, protocol.SnapshotArgs{Act: protocol.SnapshotDrop, Name: r.Name, Clones: r.Clones})
		if err != nil {
			return err
		}
		if len(answer.Dropped) > 0 {
			found = true
			done(SnapshotResult{Act: protocol.SnapshotDrop, Service: service.Service, Name: r.Name, Dropped: answer.Dropped})
		}
	}
	if !found && !r.Clones {
		_, err = c.find(ctx, r.Name)
	}
	return err
}

// find is one snapshot.
func (c Client) find(ctx context.Context, name string) (Snapshot, error) {
	all, err := c.Snapshots(ctx, SnapshotsRequest{})
	if err != nil {
		return Snapshot{}, err
	}
	var names []string
	for _, s := range all {
		if s.Name == name {
			return s, nil
		}
		names = append(names, s.Name)
	}
	if len(names) == 0 {
		return Snapshot{}, invalid("there is no snapshot %q, and no other: take one with %s", name, c.cli("snapshot --name "+name))
	}
	return Snapshot{}, invalid("there is no snapshot %q: want one of %s", name, strings.Join(names, ", "))
}

// forSnapshot are the services with data, if a snapshot may be called that.
func (c Client) forSnapshot(name string) ([]ServiceReport, error) {
	if !snapshotName.MatchString(name) {
		return nil, invalid("the name %q of a snapshot: want 1 to 32 letters, digits, dots and hyphens, the first a letter or a digit", name)
	}
	return c.withData()
}

// withData are the running services whose data can be copied.
func (c Client) withData() (services []ServiceReport, err error) {
	report, err := c.Report("")
	if err != nil {
		return nil, err
	}
	for _, service := range report.Services {
		if service.Backup && service.Running {
			services = append(services, service)
		}
	}
	if len(services) == 0 {
		return nil, invalid("the stack has no data that can be copied: snapshots are of postgres and redis")
	}
	return services, nil
}

func (c Client) askSnapshot(ctx context.Context, name string, args protocol.SnapshotArgs) (answer protocol.SnapshotAnswer, err error) {
	if err := socket.Ask(ctx, c.State.Service(name), protocol.VerbSnapshot, args, &answer, backupTimeout); err != nil {
		return answer, fmt.Errorf("%s: %w", name, noAnswer(err, backupTimeout))
	}
	return answer, nil
}
