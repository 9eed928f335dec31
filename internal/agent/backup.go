package agent

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"dagger/stack/internal/protocol"
	"dagger/stack/internal/state"
)

// job is a command that runs beside the loop because somebody asked for it: one at a time.
type job struct {
	request state.Request
	run     func(ctx context.Context, beside *child) (value any, err error)
	value   any
	offline bool // the service was stopped for it
}

// dump writes a copy of the running service's data into the exchange folder and reads it back.
func (a *agent) dump(request state.Request) {
	backup := a.Service.Backup
	if backup == nil {
		a.reply(request, nil, fmt.Errorf("%s has nothing to back up", a.Service.Name))
		return
	}
	if a.child == nil || a.status.Health != state.Healthy {
		a.reply(request, nil, fmt.Errorf("%s is not healthy: its data cannot be read now", a.Service.Name))
		return
	}
	path := filepath.Join(a.folder.Exchange(), backup.File)
	a.job = &job{request: request, run: func(ctx context.Context, beside *child) (any, error) {
		file, err := os.Create(path)
		if err != nil {
			return nil, err
		}
		err = a.backupCommand(ctx, beside, backup.Dump, nil, file)
		if err = errors.Join(err, file.Close()); err != nil {
			return nil, err
		}
		if err := a.readBack(ctx, beside, backup.Check, path); err != nil {
			return nil, fmt.Errorf("the copy cannot be read back: %w", err)
		}
		return summary(path)
	}}
	a.runJob()
}

// restore brings a copy from the exchange folder back.
func (a *agent) restore(request state.Request) {
	backup := a.Service.Backup
	var dumped protocol.DumpResult
	if err := json.Unmarshal(request.Args, &dumped); err != nil || backup == nil || dumped.File != backup.File {
		a.reply(request, nil, fmt.Errorf("%s cannot be restored from that", a.Service.Name))
		return
	}
	path := filepath.Join(a.folder.Exchange(), backup.File)
	a.job = &job{request: request, offline: backup.Offline, run: func(ctx context.Context, beside *child) (any, error) {
		if err := a.readBack(ctx, beside, backup.Check, path); err != nil {
			return nil, fmt.Errorf("the backup cannot be read, nothing was changed: %w", err)
		}
		return nil, a.readBack(ctx, beside, backup.Restore, path)
	}}
	a.log.Note("restore requested")
	if !backup.Offline || a.child == nil {
		a.runJob()
		return
	}
	a.status.Phase, a.status.Health = state.Restarting, state.Starting
	a.publish()
	a.intent = replace
	a.stop()
}

func (a *agent) runJob() {
	job, beside := a.job, a.child
	ctx, cancel := context.WithDeadline(context.Background(), job.request.Deadline)
	go func() {
		defer cancel()
		value, err := job.run(ctx, beside)
		job.value = value
		a.jobDone <- err
	}()
}

// finishJob answers. A service that was stopped for the job is started first, whatever became of it, and the answer
// is the restart's too.
func (a *agent) finishJob(err error) (code int, last bool) {
	job := a.job
	a.job = nil
	if err != nil || !job.offline || a.child != nil {
		a.reply(job.request, job.value, err)
		a.wake()
	} else {
		a.restart = &restart{request: job.request, begun: time.Now(), silent: true}
	}
	if job.offline && a.child == nil {
		return a.start()
	}
	return 0, false
}

// readBack runs a command that reads a file as its stdin.
func (a *agent) readBack(ctx context.Context, beside *child, command []string, path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	return a.backupCommand(ctx, beside, command, file, nil)
}

func (a *agent) backupCommand(ctx context.Context, beside *child, command []string, stdin, stdout *os.File) error {
	env, err := a.render.environ(a.Environ, slices.Concat(a.Service.Process.Env, a.Service.Backup.Env))
	if err != nil {
		return err
	}
	cmd, err := a.command(beside, command, withDefault(a.dockerEnv(env), "HOME", a.user.Home))
	if err != nil {
		return err
	}
	cmd.Stdin, cmd.Stdout = stdin, stdout
	words, code, err := a.reaper.Output(ctx, cmd, nil)
	if err == nil && code != 0 {
		err = fmt.Errorf("%s: exit code %d: %s", command[0], code, strings.TrimSpace(words))
	}
	return err
}

func summary(path string) (protocol.DumpResult, error) {
	file, err := os.Open(path)
	if err != nil {
		return protocol.DumpResult{}, err
	}
	defer file.Close()
	hash := sha256.New()
	size, err := io.Copy(hash, file)
	return protocol.DumpResult{File: filepath.Base(path), Size: size, SHA256: hex.EncodeToString(hash.Sum(nil))}, err
}
