package main

import (
	"context"
	"fmt"
	"strings"

	"dagger/stack/internal/command"
	"dagger/stack/internal/control"
	"dagger/stack/internal/dagger"
	"dagger/stack/internal/layout"
)

// Copies the data of a running stack into one file
//
// A tar archive with a manifest and, for each service with data, what brings all of it back: of a postgres every
// database, the roles with their passwords and rights, and the extensions; of a redis an RDB file. Each is read back before
// it is handed out, and what is left out is said:
//
//	dagger call backup export --path backup.tar
//
// Data volumes are the engine's cache and go with it: this is what keeps data for good.
//
// +cache="never"
func (m *Stack) Backup(ctx context.Context) (*dagger.File, error) {
	helper, err := m.helper()
	if err != nil {
		return nil, err
	}
	done, err := m.run(ctx, helper, command.Backup, nil)
	if err != nil {
		return nil, err
	}
	leftOut, err := done.Stdout(ctx)
	if err != nil {
		return nil, err
	}
	fmt.Print(leftOut)
	return done.File(layout.Output), nil
}

// Brings the data of a backup back into a running stack
//
// Every database of the backup and all that redis holds are replaced; roles get the password and rights that they had,
// but for the user that the server was made with. A database that the backup does not have stays, and is named. The
// whole file is read, the copy of each service by its own server, before anything is changed; databases are filled beside the old ones and take
// their places at once, redis is restarted with the data. Connections to both are cut. Backups of former versions, which
// have one database, can be restored, too.
//
// +cache="never"
func (m *Stack) Restore(
	ctx context.Context,
	// A file that backup has written, also one of another stack.
	from *dagger.File,
) (string, error) {
	helper, err := m.helper()
	if err != nil {
		return "", err
	}
	return m.askIn(ctx, helper.WithFile(layout.Input, from), command.Restore, nil)
}

// Drops all that a stack has kept: its data, logs and generated secrets
//
// Refuses while the stack runs, and without its name as a confirmation.
//
// +cache="never"
func (m *Stack) Reset(
	ctx context.Context,
	// The stack's name once more.
	//
	// +optional
	confirm string,
) (string, error) {
	helper, err := m.helper()
	if err != nil {
		return "", err
	}
	volumes, err := m.ask(ctx, command.Volumes, nil)
	if err != nil {
		return "", err
	}
	request := control.ResetRequest{Confirm: confirm}
	for _, name := range strings.Fields(volumes) {
		path := layout.Data + "/" + name
		helper = helper.WithMountedCache(path, m.dataVolume(name))
		request.Data = append(request.Data, path)
	}
	return m.askIn(ctx, helper, command.Reset, request)
}
