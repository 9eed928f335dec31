package control

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"dagger/stack/internal/spec"
)

// gateway tells how the ports are published: nil where the last up has published none, or has ended that.
func (c Client) gateway(now time.Time) (*GatewayReport, error) {
	said, err := c.State.Gateway()
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if run, err := c.State.Run(); err != nil || run.Session != said.Session {
		return nil, nil // of another up
	}
	report := &GatewayReport{Healthy: true, Ports: said.Ports}
	if said.Gone(now) {
		report.Healthy = false
		report.Detail = fmt.Sprintf("not running, last seen %s ago: no published port answers. Interrupt the call that publishes them, and start it again",
			spec.Duration(now.Sub(said.Updated)).Roughly())
		return report, nil
	}
	var details []string
	for _, port := range said.Ports {
		switch {
		case port.Full:
			report.Healthy = false
			details = append(details, fmt.Sprintf("port %d is full: %d source ports were used, and clients with another one are refused until the next up", port.Port, port.Lines))
		case port.Failed > 0:
			details = append(details, fmt.Sprintf("port %d: %d times a client could not be taken, for want of files", port.Port, port.Failed))
		case port.InVain > 0:
			details = append(details, fmt.Sprintf("port %d: %d source ports cannot be used again, and %d clients have met one", port.Port, port.Ended, port.InVain))
		}
	}
	report.Detail = strings.Join(details, "; ")
	return report, nil
}
