package main

import (
	"context"
	"fmt"
	"strings"
)

// readImage fills in what only the image knows: the command, the folder it runs in and the user. It builds the image,
// if it comes from a Dockerfile.
func (m *member) readImage(ctx context.Context) (err error) {
	name := m.spec.Name
	if m.container, err = built(ctx, name, m.container); err != nil {
		return err
	}
	process := &m.spec.Process
	if len(process.Command) == 0 {
		entrypoint, err := m.container.Entrypoint(ctx)
		if err != nil {
			return buildError(name, err)
		}
		args, err := m.container.DefaultArgs(ctx)
		if err != nil {
			return buildError(name, err)
		}
		process.Command = append(entrypoint, args...)
	}
	if len(process.Command) == 0 {
		return fmt.Errorf("%s: its image has neither an ENTRYPOINT nor a CMD: say what to run with --%s-command", name, name)
	}
	if process.Workdir == "" {
		if process.Workdir, err = m.container.Workdir(ctx); err != nil {
			return buildError(name, err)
		}
	}
	user, err := m.container.User(ctx)
	if err != nil {
		return buildError(name, err)
	}
	// An image that does not say who it runs as means root, which no service is.
	if name, _, _ := strings.Cut(user, ":"); name != "" && name != "root" && name != "0" {
		process.User = user
	}
	return nil
}
