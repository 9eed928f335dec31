package main

import (
	"context"
	"fmt"
	"strings"
)

// readImage fills in what only the image knows: the command, the folder it runs in and the user. It builds the image,
// if it comes from a Dockerfile. flag is what says the command where the image does not.
func (m *Stack) readImage(ctx context.Context, member *member, flag string) (err error) {
	name := member.spec.Name
	if member.container, err = m.built(ctx, name, member.container); err != nil {
		return err
	}
	member.built = true
	process := &member.spec.Process
	if len(process.Command) == 0 {
		entrypoint, err := member.container.Entrypoint(ctx)
		if err != nil {
			return buildError(name, err)
		}
		args, err := member.container.DefaultArgs(ctx)
		if err != nil {
			return buildError(name, err)
		}
		process.Command = append(entrypoint, args...)
	}
	if len(process.Command) == 0 {
		return fmt.Errorf("%s: its image has neither an ENTRYPOINT nor a CMD: say what to run with %s", name, flag)
	}
	if process.Workdir == "" {
		if process.Workdir, err = member.container.Workdir(ctx); err != nil {
			return buildError(name, err)
		}
	}
	user, err := member.container.User(ctx)
	if err != nil {
		return buildError(name, err)
	}
	// An image that does not say who it runs as means root, which no service is.
	if name, _, _ := strings.Cut(user, ":"); name != "" && name != "root" && name != "0" {
		process.User = user
	}
	return nil
}
