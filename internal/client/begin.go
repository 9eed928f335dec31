package client

import (
	"crypto/rand"
	"fmt"
	"strings"
	"time"

	"dagger/stack/internal/state"
)

// Begin is asked before anything is started: it refuses a stack that already runs, and writes down what this run
// consists of. The agents' locks decide in the end; this one is early, and says what to do.
func (c Client) Begin(services []string) error {
	var alive []string
	var since time.Time
	all, err := c.State.Services()
	if err != nil {
		return err
	}
	for _, name := range all {
		service := c.State.Service(name)
		if !service.Alive() {
			continue
		}
		alive = append(alive, name)
		if status, err := service.Status(); err == nil && (since.IsZero() || status.Started.Before(since)) {
			since = status.Started
		}
	}
	if len(alive) > 0 {
		running := ""
		if !since.IsZero() {
			running = fmt.Sprintf(" for %s", roughly(time.Since(since)))
		}
		return fmt.Errorf("stack %q is already running%s (%s): use it, end it with dagger call --name %s stop, or start another one with dagger call --name NAME up",
			c.Name, running, strings.Join(alive, ", "), c.Name)
	}
	return c.State.WriteRun(state.Run{ID: rand.Text(), Stack: c.Name, Started: time.Now(), Services: services})
}
