package control

import (
	"context"
	"fmt"
	"time"

	"dagger/stack/internal/protocol"
	"dagger/stack/internal/socket"
)

// TopRequest asks for the processes of running services.
type TopRequest struct {
	Service string // empty: all
	Format  string // text or json
}

// TopService is a service with its processes, those that were started beside its own as well.
type TopService struct {
	Service   string                `json:"service"`
	Processes []protocol.TopProcess `json:"processes"`
}

// actTimeout is for what an agent does in a moment. It may be restarting its service, and be asked after that.
const actTimeout = time.Minute

// Top are the processes of one running service, or of all, in the order of their needs.
func (c Client) Top(ctx context.Context, r TopRequest) (all []TopService, err error) {
	if err := CheckFormat(r.Format); err != nil {
		return nil, err
	}
	if r.Service != "" {
		if _, err := c.running(r.Service); err != nil {
			return nil, err
		}
	}
	names, err := c.choose(r.Service)
	if err != nil {
		return nil, err
	}
	for _, name := range c.inOrder(names) {
		service := c.State.Service(name)
		if !service.Alive() {
			continue
		}
		top := TopService{Service: name}
		if err := socket.Ask(ctx, service, protocol.VerbTop, nil, &top.Processes, actTimeout); err != nil {
			return nil, fmt.Errorf("%s: %w", name, noAnswer(err, actTimeout))
		}
		all = append(all, top)
	}
	if len(all) == 0 {
		_, err = c.Report("") // says that it does not run
	}
	return all, err
}
