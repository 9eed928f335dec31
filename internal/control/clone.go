package control

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"dagger/stack/internal/protocol"
)

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

// ClonesMax is how many clones one call makes.
const ClonesMax = 500

// Clones makes databases with the data of a snapshot.
func (c Client) Clones(ctx context.Context, r CloneRequest) (clones []Clone, err error) {
	if err := CheckFormat(r.Format); err != nil {
		return nil, err
	}
	if r.Count < 1 || r.Count > ClonesMax {
		return nil, invalid("count %d: want 1 to %d databases", r.Count, ClonesMax)
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
		clone := Clone{Service: service.Service, Database: strings.TrimPrefix(address.Path, "/")}
		clone.Inside, clone.Host = reached(address, service.Service, service.Ports)
		clones = append(clones, clone)
	}
	return clones, nil
}

// cloneable is the service of a snapshot that makes clones.
func (c Client) cloneable(kept Snapshot, services []ServiceReport, name string) (chosen ServiceReport, err error) {
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
