package agent

import (
	"context"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/moby/sys/mountinfo"

	"dagger/stack/internal/agent/tree"
	"dagger/stack/internal/layout"
	"dagger/stack/internal/protocol"
	"dagger/stack/internal/socket"
)

// foreign are files of the container that are neither its image's nor its service's: what is mounted, and what the engine and the agent
// have there. Temporary files are let alone: sockets of programs that run may be among them.
func foreign() (names []string, err error) {
	mounts, err := mountinfo.GetMounts(nil)
	if err != nil {
		return nil, err
	}
	for _, at := range append([]string{layout.Root, "/tmp", "/run", "/var/run", "/etc/hosts", "/etc/hostname", "/etc/resolv.conf", "/.init"}, mountpoints(mounts)...) {
		if name := strings.TrimPrefix(at, "/"); name != "" && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names, nil
}

func mountpoints(mounts []*mountinfo.Info) (at []string) {
	for _, mount := range mounts {
		at = append(at, mount.Mountpoint)
	}
	return at
}

// listFiles answers with where the list of the container's files is: it may be long.
func (a *agent) listFiles(request *socket.Request) {
	a.job = &job{request: request, run: func(context.Context, *child) (any, error) {
		without, err := foreign()
		if err != nil {
			return nil, err
		}
		files, err := tree.List("/", without)
		if err != nil {
			return nil, err
		}
		text, err := json.Marshal(protocol.ContainerFiles{Files: files, Without: without})
		if err != nil {
			return nil, err
		}
		if err := os.MkdirAll(a.folder.Built(), 0o700); err != nil {
			return nil, err
		}
		return nil, os.WriteFile(a.folder.BuiltList(), text, 0o600)
	}}
	a.runJob()
}

// replaceImage makes the container's files those of another image, while the service is stopped. What the service has written outside
// of its mounts is gone, as with a new container. What was brought before is not there any more, or is the image's.
func (a *agent) replaceImage(request *socket.Request) {
	var args protocol.ImageArgs
	if err := json.Unmarshal(request.Args, &args); err != nil {
		a.reply(request, nil, err)
		return
	}
	a.log.Note("a new build of the image is put in place")
	a.job = &job{request: request, offline: a.child != nil, oldPID: a.status.PID, begun: time.Now(), run: func(context.Context, *child) (any, error) {
		archive, err := os.Open(a.folder.BuiltArchive())
		if err != nil {
			return nil, err
		}
		defer archive.Close()
		clear(a.watched)
		return nil, tree.Become("/", args.Gone, archive)
	}}
	a.beginJob()
}
