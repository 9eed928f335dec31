package agent

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"time"

	"dagger/stack/internal/agent/backup"
	"dagger/stack/internal/agent/source"
	"dagger/stack/internal/agent/tree"
	"dagger/stack/internal/protocol"
	"dagger/stack/internal/socket"
	"dagger/stack/internal/spec"
	"dagger/stack/internal/state"
)

// job is what is done beside the loop because somebody asked for it: one at a time.
type job struct {
	request *socket.Request
	run     func(ctx context.Context, beside *child) (value any, err error)
	value   any
	offline bool // the service was stopped for it
	oldPID  int  // of the process that was stopped, if that is told
	begun   time.Time
}

func (a *agent) runJob() {
	job, beside := a.job, a.child
	if job.begun.IsZero() {
		job.begun = time.Now()
	}
	ctx, cancel := context.WithDeadline(context.Background(), job.request.Deadline)
	go func() {
		defer cancel()
		value, err := job.run(ctx, beside)
		job.value = value
		a.jobDone <- err
	}()
}

// finishJob answers. A service that was stopped for the job is started first, whatever became of the job, and the answer
// is the restart's too.
func (a *agent) finishJob(err error) (code int, last bool) {
	job := a.job
	a.job = nil
	err = errors.Join(err, a.learnData()) // a restore brings other data
	a.publish()
	if err != nil || !job.offline || a.child != nil {
		a.reply(job.request, job.value, err)
		a.wake()
	} else {
		a.restart = &restart{request: job.request, oldPID: job.oldPID, begun: job.begun, job: job}
	}
	if job.offline && a.child == nil {
		return a.start()
	}
	return 0, false
}

// dump writes a copy of the running service's data into the exchange folder.
func (a *agent) dump(request *socket.Request) {
	of := a.Service.Backup
	if of == nil {
		a.reply(request, nil, fmt.Errorf("%s has nothing to back up", a.Service.Name))
		return
	}
	if a.child == nil || a.status.Health != state.Healthy {
		a.reply(request, nil, fmt.Errorf("%s is not healthy: its data cannot be read now", a.Service.Name))
		return
	}
	a.job = &job{request: request, run: func(ctx context.Context, beside *child) (any, error) {
		return backup.Dump(ctx, *of, a.folder.Exchange(), a.backupCommand(beside))
	}}
	a.runJob()
}

// restorable is how the service is restored from the copy that a request names, nil if it cannot be, which is then said.
func (a *agent) restorable(request *socket.Request) *spec.Backup {
	of := a.Service.Backup
	var dumped protocol.DumpResult
	if err := json.Unmarshal(request.Args, &dumped); err != nil || of == nil || dumped.File != of.File {
		a.reply(request, nil, fmt.Errorf("%s cannot be restored from that", a.Service.Name))
		return nil
	}
	return of
}

// checkDump reads a copy in the exchange folder, beside the service that goes on.
func (a *agent) checkDump(request *socket.Request) {
	of := a.restorable(request)
	if of == nil {
		return
	}
	a.job = &job{request: request, run: func(ctx context.Context, beside *child) (any, error) {
		return nil, backup.Check(ctx, *of, a.folder.Exchange(), a.backupCommand(beside))
	}}
	a.runJob()
}

// restore brings a copy from the exchange folder back.
func (a *agent) restore(request *socket.Request) {
	of := a.restorable(request)
	if of == nil {
		return
	}
	a.job = &job{request: request, offline: of.Offline, run: func(ctx context.Context, beside *child) (any, error) {
		if err := a.folder.NewData(); err != nil {
			return nil, err
		}
		notes, err := backup.Restore(ctx, *of, a.folder.Exchange(), a.backupCommand(beside))
		return protocol.RestoreNotes{Notes: notes}, err
	}}
	a.log.Note("restore requested")
	a.beginJob()
}

// beginJob runs a job, after the service's process has ended if the job is one for which the service is stopped.
func (a *agent) beginJob() {
	if !a.job.offline || a.child == nil {
		a.runJob()
		return
	}
	a.status.Phase, a.status.Health = state.Restarting, state.Starting
	a.publish()
	a.intent = replace
	a.stop()
}

// backupCommand runs the commands of a backup, beside a process or beside none.
func (a *agent) backupCommand(beside *child) backup.Run {
	return func(ctx context.Context, command []string, stdin, stdout *os.File) (string, error) {
		env, err := a.environWith(a.Service.Backup.Env, a.user.Home)
		if err != nil {
			return "", err
		}
		cmd, err := a.command(beside, command, env)
		if err != nil {
			return "", err
		}
		cmd.Stdin, cmd.Stdout = stdin, stdout
		words, code, err := a.reaper.Output(ctx, cmd, nil)
		if err == nil && code != 0 {
			err = fmt.Errorf("%s: exit code %d: %s", command[0], code, strings.TrimSpace(words))
		}
		return words, err
	}
}

// openSource prepares the project's own code, if the service is made from any.
func (a *agent) openSource() (err error) {
	if os.Getuid() != 0 {
		return nil
	}
	if folder := a.Service.ForRoot; folder != "" {
		if err := source.Lend(folder); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	if a.Service.Source == nil {
		return nil
	}
	if a.code, err = source.Open(*a.Service.Source, a.owner()); err != nil {
		return err
	}
	links, err := a.code.Astray()
	if len(links) > 0 {
		a.remark(fmt.Sprintf("links of its source lead to where nothing is here, because only %s is in its container: %s", cmp.Or(a.Service.Source.Dir, "."), protocol.Few(links)))
	}
	return err
}

func (a *agent) canSync() error {
	switch {
	case a.Service.Source == nil:
		return fmt.Errorf("%s is not made from the project's source", a.Service.Name)
	case a.code == nil:
		return errors.New("its agent is not root, which the source belongs to")
	}
	return nil
}

// readSource answers with the code as it is.
func (a *agent) readSource(request *socket.Request) {
	var args protocol.SourceArgs
	err := a.canSync()
	if err == nil {
		err = json.Unmarshal(request.Args, &args)
	}
	if err != nil {
		a.reply(request, nil, err)
		return
	}
	a.job = &job{request: request, run: func(context.Context, *child) (any, error) { return a.code.Read(args.At...) }}
	a.runJob()
}

// syncSource changes the code.
func (a *agent) syncSource(request *socket.Request) {
	var change tree.Change
	if err := errors.Join(a.canSync(), json.Unmarshal(request.Args, &change)); err != nil {
		a.reply(request, nil, err)
		return
	}
	a.log.Note(fmt.Sprintf("source: %d files added, %d changed, %d deleted", len(change.Added), len(change.Changed), len(change.Deleted)))
	a.job = &job{request: request, run: func(context.Context, *child) (any, error) {
		return nil, a.code.Apply(a.folder.Incoming(), change)
	}}
	a.runJob()
}

// install puts in place what a build has made, and the source that it was made from. The service is stopped meanwhile: it would
// see half of either.
func (a *agent) install(request *socket.Request) {
	var args protocol.InstallArgs
	if err := errors.Join(a.canSync(), json.Unmarshal(request.Args, &args)); err != nil {
		a.reply(request, nil, err)
		return
	}
	a.log.Note("a new build is put in place")
	a.job = &job{request: request, offline: a.child != nil, oldPID: a.status.PID, begun: time.Now(), run: func(context.Context, *child) (any, error) {
		return nil, a.code.Install(a.folder.Built(), a.folder.Incoming(), args.Products, args.Change)
	}}
	a.beginJob()
}
