package control

import (
	"slices"

	"dagger/stack/internal/spec"
)

// inOrder sorts services so that each comes after those it needs, as far as they are among them. Needs in a circle, which
// no up starts, leave the services as they are.
func (c Client) inOrder(names []string) []string {
	ordered, err := spec.Order(names, c.needs)
	if err != nil {
		return names
	}
	return ordered
}

// needs are what a service's agent says that it needs: a service that was started alone has none.
func (c Client) needs(name string) []string {
	status, err := c.State.Service(name).Status()
	if err != nil {
		return nil // it never said
	}
	return status.Needs
}

// restartsWith are the services whose restart on request restarts this one, too: as its description says.
func (c Client) restartsWith(name string) []string {
	status, err := c.State.Service(name).Status()
	if err != nil {
		return nil // it never said
	}
	return status.RestartsWith
}

// following are the services that come after the given one, directly or not, by what needs says of each.
func (c Client) following(names []string, name string, needs func(string) []string) (found []string) {
	affected := map[string]bool{name: true}
	for _, other := range c.inOrder(names) {
		if other != name && slices.ContainsFunc(needs(other), func(need string) bool { return affected[need] }) {
			affected[other] = true
			found = append(found, other)
		}
	}
	return found
}
