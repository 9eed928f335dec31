package control

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"dagger/stack/internal/protocol"
	"dagger/stack/internal/socket"
)

// Snapshots are those of the stack, by their names.
func (c Client) Snapshots(ctx context.Context, r protocol.SnapshotsRequest) (all []protocol.Snapshot, err error) {
	if err := checkFormat(r.Format); err != nil {
		return nil, err
	}
	services, err := c.withData()
	if err != nil {
		return nil, err
	}
	all = []protocol.Snapshot{}
	for _, service := range services {
		answer, err := c.askSnapshot(ctx, service.Service, protocol.SnapshotArgs{Act: protocol.SnapshotList})
		if err != nil {
			return nil, err
		}
		for _, kept := range answer.Snapshots {
			kept.Service = service.Service
			i := slices.IndexFunc(all, func(s protocol.Snapshot) bool { return s.Name == kept.Name })
			if i < 0 {
				i = len(all)
				all = append(all, protocol.Snapshot{Name: kept.Name})
			}
			s := &all[i]
			if kept.Time.After(s.Time) {
				s.Time = kept.Time
			}
			s.Size, s.Clones, s.Services = s.Size+kept.Size, s.Clones+len(kept.Clones), append(s.Services, kept)
		}
	}
	slices.SortFunc(all, func(a, b protocol.Snapshot) int { return cmp.Compare(a.Name, b.Name) })
	return all, nil
}

// Snapshot copies the data of all services, and hands on each that is copied.
func (c Client) Snapshot(ctx context.Context, r protocol.SnapshotRequest, done func(protocol.SnapshotResult)) error {
	services, err := c.forSnapshot(r.Name)
	if err != nil {
		return err
	}
	for _, service := range services {
		answer, err := c.askSnapshot(ctx, service.Service, protocol.SnapshotArgs{Act: protocol.SnapshotTake, Name: r.Name})
		if err != nil {
			return err
		}
		result := protocol.SnapshotResult{Act: protocol.SnapshotTake, Service: service.Service, Name: r.Name, Cut: answer.Cut, Notes: answer.Notes}
		for _, kept := range answer.Snapshots {
			result.Size += kept.Size
		}
		done(result)
	}
	return nil
}

// Rollback brings the data of a snapshot back, and hands on each service that has it.
func (c Client) Rollback(ctx context.Context, r protocol.SnapshotRequest, done func(protocol.SnapshotResult)) error {
	services, err := c.forSnapshot(r.Name)
	if err != nil {
		return err
	}
	kept, err := c.find(ctx, r.Name)
	if err != nil {
		return err
	}
	for _, service := range services {
		result := protocol.SnapshotResult{Act: protocol.SnapshotRollback, Service: service.Service, Name: r.Name}
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

// Clones makes databases with the data of a snapshot.
func (c Client) Clones(ctx context.Context, r protocol.CloneRequest) (clones []protocol.Clone, err error) {
	if err := checkFormat(r.Format); err != nil {
		return nil, err
	}
	if r.Count < 1 || r.Count > protocol.ClonesMax {
		return nil, invalid("count %d: want 1 to %d databases", r.Count, protocol.ClonesMax)
	}
	services, err := c.forSnapshot(r.Name)
	if err != nil {
		return nil, err
	}
	kept, err := c.find(ctx, r.Name)
	if err != nil {
		return nil, err
	}
	service, err := c.cloneable(kept, services, r.Service)
	if err != nil {
		return nil, err
	}
	args := protocol.SnapshotArgs{Act: protocol.SnapshotClone, Name: r.Name, Count: r.Count, Database: r.Database}
	answer, err := c.askSnapshot(ctx, service.Service, args)
	if err != nil {
		return nil, err
	}
	for _, text := range answer.URLs {
		address, err := url.Parse(text)
		if err != nil {
			return nil, fmt.Errorf("%s: the address of a clone is none", service.Service)
		}
		clone := protocol.Clone{Service: service.Service, Database: strings.TrimPrefix(address.Path, "/")}
		clone.Inside, clone.Host = reached(address, service.Service, service.Ports)
		clones = append(clones, clone)
	}
	return clones, nil
}

// cloneable is the service of a snapshot that makes clones.
func (c Client) cloneable(kept protocol.Snapshot, services []protocol.ServiceReport, name string) (chosen protocol.ServiceReport, err error) {
	if name != "" {
		if _, err := c.running(name); err != nil {
			return chosen, err
		}
	}
	var can []string
	for _, service := range services {
		if service.Clones && (name == "" || name == service.Service) &&
			slices.ContainsFunc(kept.Services, func(p protocol.ServiceSnapshot) bool { return p.Service == service.Service }) {
			can = append(can, service.Service)
			chosen = service
		}
	}
	switch {
	case len(can) == 1:
		return chosen, nil
	case len(can) > 1:
		return chosen, invalid("which service? Name one of %s with --service", strings.Join(can, ", "))
	case name != "":
		return chosen, invalid("%s has no postgres in the snapshot %q, and only a postgres has clones", name, kept.Name)
	}
	return chosen, invalid("the snapshot %q is of no postgres, and only a postgres has clones", kept.Name)
}

// DropSnapshot drops a snapshot and its clones, or these alone, and hands on each service that had some.
func (c Client) DropSnapshot(ctx context.Context, r protocol.DropSnapshotRequest, done func(protocol.SnapshotResult)) error {
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
			done(protocol.SnapshotResult{Act: protocol.SnapshotDrop, Service: service.Service, Name: r.Name, Dropped: answer.Dropped})
		}
	}
	if !found && !r.Clones {
		_, err = c.find(ctx, r.Name)
	}
	return err
}

// find is one snapshot.
func (c Client) find(ctx context.Context, name string) (protocol.Snapshot, error) {
	all, err := c.Snapshots(ctx, protocol.SnapshotsRequest{})
	if err != nil {
		return protocol.Snapshot{}, err
	}
	var names []string
	for _, s := range all {
		if s.Name == name {
			return s, nil
		}
		names = append(names, s.Name)
	}
	if len(names) == 0 {
		return protocol.Snapshot{}, invalid("there is no snapshot %q, and no other: take one with %s", name, c.cli("snapshot --name "+name))
	}
	return protocol.Snapshot{}, invalid("there is no snapshot %q: want one of %s", name, strings.Join(names, ", "))
}

// forSnapshot are the services with data, if a snapshot may be called that.
func (c Client) forSnapshot(name string) ([]protocol.ServiceReport, error) {
	if !protocol.SnapshotName.MatchString(name) {
		return nil, invalid("the name %q of a snapshot: want 1 to 32 letters, digits, dots and hyphens, the first a letter or a digit", name)
	}
	return c.withData()
}

// withData are the running services whose data can be copied.
func (c Client) withData() (services []protocol.ServiceReport, err error) {
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
