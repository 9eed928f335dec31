package main

import (
	"context"
	"errors"

	"dagger/stack/internal/command"
	"dagger/stack/internal/control"
	"dagger/stack/internal/dagger"
	"dagger/stack/internal/layout"
)

// Copies a folder out of a running service
//
// Files, folders and links with their modes, read with the service's own rights; sockets and devices are left out.
//
//	dagger call copy-from --service backend --path /app/out export --path out
//
// Fails when the service does not run, when the folder is not there, and when the service may not read all of it. The service's
// image has to have tar. A single file is copied by copy-file-from.
//
// +cache="never"
func (m *Stack) CopyFrom(
	ctx context.Context,
	// Which service, e.g. backend.
	service string,
	// The folder in the service's container, from the service's own folder or from /.
	path string,
) (*dagger.Directory, error) {
	request := control.CopyRequest{Service: service, Path: path, To: layout.Copied}
	done, err := m.copy(ctx, command.CopyFrom, request)
	if err != nil {
		return nil, err
	}
	return done.Directory(layout.Copied), nil
}

// Copies one file out of a running service
//
// Any bytes, read with the service's own rights.
//
//	dagger call copy-file-from --service backend --path /app/report.pdf export --path report.pdf
//
// Fails when the service does not run, when the file is not there, is a folder, or may not be read by the service. The
// service's image has to have cat.
//
// +cache="never"
func (m *Stack) CopyFileFrom(
	ctx context.Context,
	// Which service, e.g. backend.
	service string,
	// The file in the service's container, from the service's own folder or from /.
	path string,
) (*dagger.File, error) {
	_, name := control.FileTarget(path, "file")
	to := layout.Copied + "/" + name
	done, err := m.copy(ctx, command.CopyFileFrom, control.CopyRequest{Service: service, Path: path, To: to})
	if err != nil {
		return nil, err
	}
	return done.File(to), nil
}

func (m *Stack) copy(ctx context.Context, verb string, request control.CopyRequest) (*dagger.Container, error) {
	helper, err := m.helper()
	if err != nil {
		return nil, err
	}
	return m.run(ctx, helper, verb, request)
}

// Copies a folder, or one file, into a running service
//
// The files are the service's user's, written with the service's own rights. What has other names there stays; a file of the
// same name is replaced. Folders that are missing are made. Answers with how much was copied.
//
//	dagger call copy-to --service backend --path /tmp/data --from ./data
//	dagger call copy-to --service backend --path /tmp/seed.sql --file seed.sql
//
// Fails when the service does not run, and when the service may not write there (the project's own source: use sync or watch).
// The service's image has to have tar and mkdir. A copy that fails may have brought some of the files.
//
// +cache="never"
func (m *Stack) CopyTo(
	ctx context.Context,
	// Which service, e.g. backend.
	service string,
	// With --from, a folder in the service's container; with --file, the file's path there, or the folder that
	// the file comes into: one that is there, or any with a slash at its end. From the service's own folder or from /.
	path string,
	// The folder whose contents are copied. Either --from or --file is needed.
	//
	// +optional
	from *dagger.Directory,
	// The file that is copied.
	//
	// +optional
	file *dagger.File,
) (string, error) {
	if (from == nil) == (file == nil) {
		return "", errors.New("copy-to: want either --from FOLDER or --file FILE")
	}
	helper, err := m.helper()
	if err != nil {
		return "", err
	}
	request := control.CopyRequest{Service: service, Path: path, From: layout.Copying, Single: file != nil}
	if file == nil {
		return m.askIn(ctx, helper.WithDirectory(layout.Copying, from), command.CopyTo, request)
	}
	name, err := file.Name(ctx)
	if err != nil {
		return "", err
	}
	return m.askIn(ctx, helper.WithFile(layout.Copying+"/"+name, file), command.CopyTo, request)
}
