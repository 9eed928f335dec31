package command

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"dagger/stack/internal/api"
	"dagger/stack/internal/control"
	"dagger/stack/internal/layout"
	"dagger/stack/internal/protocol"
	"dagger/stack/internal/render"
	"dagger/stack/internal/state"
	"dagger/stack/internal/state/logstore"
)

func begin(_ context.Context, a asked[control.BeginRequest]) error {
	withoutData, err := a.Begin(a.request)
	if err != nil || !withoutData {
		return err
	}
	return a.line(a.WithoutData(state.At(layout.Default), a.request.From), nil)
}

// health is an error unless all is well: the report.
func health(ctx context.Context, a asked[control.HealthRequest]) error {
	report, err := a.Health(ctx, a.request)
	if err != nil {
		return err
	}
	text, err := render.Health(report, a.request.Format)
	if err == nil && !report.Healthy {
		err = protocol.Errorf(protocol.CodeUnhealthy, "%s", text)
	}
	return a.line(text, err)
}

func logs(ctx context.Context, a asked[control.LogsRequest]) error {
	log, err := a.Logs(a.request)
	if err != nil {
		return err
	}
	appendLine, out := render.Lines(a.request, log.Services), bufio.NewWriter(os.Stdout)
	var line []byte
	more, err := log.Each(ctx, func(entry *logstore.Entry) error {
		line = appendLine(line[:0], entry)
		if _, err := out.Write(line); err != nil || !a.request.Follow {
			return err
		}
		return out.Flush()
	})
	if more && err == nil {
		fmt.Fprintf(os.Stderr, "earlier lines match, too: these are the last %d. --tail %d shows more, --tail all all of them\n", a.request.Tail, 10*a.request.Tail)
	}
	return errors.Join(err, out.Flush())
}

func events(ctx context.Context, a asked[control.EventsRequest]) error {
	log, err := a.Events(a.request)
	if err != nil {
		return err
	}
	_, err = log.Each(ctx, func(entry *logstore.Entry) error {
		event, err := render.ReadEvent(entry)
		if err != nil {
			return nil //nolint:nilerr // what the log says of itself: older events are gone
		}
		if a.request.Format == "json" {
			return a.json(event, nil)
		}
		return a.line(event.Text(), nil)
	})
	return err
}

func stats(ctx context.Context, a asked[control.StatsRequest]) error {
	return a.Stats(ctx, a.request, func(report control.Report) error { return a.line(render.Stats(report, a.request.Format)) })
}

func volumes(_ context.Context, a asked[none]) error {
	names, err := a.Volumes()
	return a.line(strings.Join(names, "\n"), err)
}

func wait(ctx context.Context, a asked[control.WaitRequest]) error {
	waited, err := a.Wait(ctx, a.request)
	if err == nil && a.request.Publish {
		waited.Token, err = a.token()
	}
	return a.json(waited, err)
}

func (a asked[R]) token() (string, error) {
	token, err := a.State.Secret(api.TokenName)
	return string(token), err
}

// forget removes what a stack without a volume of its own has left.
func forget(_ context.Context, a asked[none]) error {
	if a.State.Root() == layout.State {
		return errors.New("the stack has a volume of its own")
	}
	return os.RemoveAll(a.State.Root())
}

func bring(ctx context.Context, a asked[control.SyncRequest]) error {
	batch := control.Batch{Build: map[string]control.Build{}}
	synced := func(r control.SyncResult) {
		if r.Build != nil {
			batch.Build[r.Service], batch.Behind = *r.Build, true // who watches says what becomes of it
			return
		}
		batch.Lines = append(batch.Lines, r.String())
		batch.Behind = batch.Behind || r.Behind
	}
	restarted := func(r protocol.RestartResult) { batch.Lines = append(batch.Lines, r.String()) }
	if err := a.Sync(ctx, a.request, synced, restarted); err != nil {
		return err
	}
	if run, err := a.State.Run(); err == nil { // none: its services are used one by one
		batch.Run = run.ID
	}
	return a.json(batch, nil)
}

func snapshots(ctx context.Context, a asked[control.SnapshotsRequest]) error {
	all, err := a.Snapshots(ctx, a.request)
	if err != nil {
		return err
	}
	return a.line(render.Snapshots(all, a.request.Format, time.Now()))
}

func clone(ctx context.Context, a asked[control.CloneRequest]) error {
	clones, err := a.Clones(ctx, a.request)
	if err != nil {
		return err
	}
	return a.line(render.Clones(clones, a.request))
}
