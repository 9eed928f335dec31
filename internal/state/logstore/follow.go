package logstore

import (
	"cmp"
	"context"
	"time"
)

const (
	// pollInterval is how often a follower looks for more. Looking is three calls of stat.
	pollInterval = 50 * time.Millisecond
	// lineTimeout is how long a follower waits for the next piece of a line before it shows what there is. It is needed
	// only for a writer that died in the middle of a long line: pieces of a line that is there come together.
	lineTimeout = time.Second
)

// FollowAll calls emit with the entries that TailAll returns and then with new ones as they are written, until ctx ends or
// emit fails; it returns emit's error and is nil at the end of ctx. With q.Until it also ends when that time has passed. New
// entries come in the order in which they arrive, and in order of time when they arrive together.
//
// It goes on across rotation, across the death and restart of the writer, and from before the folder exists. When
// segments were deleted before it came to them, an entry on Stderr that begins with NotePrefix says so, whatever the
// query. A prompt is emitted when it is written, as a Partial entry, and what comes after it on the same line as another.
//
// An entry and its text belong to emit.
func FollowAll(ctx context.Context, sources []Source, q Query, emit func(Entry) error) error {
	emitAll := func(es []Entry) error { return emitUntil(ctx, es, emit) }
	if past(q.Until) {
		es, err := TailAll(sources, q)
		if err != nil {
			return err
		}
		return emitAll(es)
	}

	followers := make([]*follower, len(sources))
	lists := make([][]Entry, len(sources))
	for i, s := range sources {
		f, es, err := newFollower(s, q)
		if err != nil {
			return err
		}
		defer f.close()
		followers[i], lists[i] = f, es
	}
	if err := emitAll(lastOf(Merge(lists...), q.Tail)); err != nil {
		return err
	}

	interval := cmp.Or(q.Poll, pollInterval)
	timer := time.NewTimer(interval)
	defer timer.Stop()
	for ctx.Err() == nil {
		last := past(q.Until) // asked before looking, so that no line is missed
		more := false
		for i, f := range followers {
			progress, err := f.step()
			if err != nil {
				return err
			}
			more = more || progress
			lists[i] = f.take()
		}
		if err := emitAll(Merge(lists...)); err != nil {
			return err
		}
		if more {
			continue
		}
		if last {
			return nil
		}
		timer.Reset(interval)
		select {
		case <-ctx.Done():
		case <-timer.C:
		}
	}
	return nil
}

// emitUntil hands on entries until the context ends, which is no error.
func emitUntil(ctx context.Context, entries []Entry, emit func(Entry) error) error {
	for _, entry := range entries {
		if ctx.Err() != nil {
			return nil
		}
		if err := emit(entry); err != nil {
			return err
		}
	}
	return nil
}

func past(t time.Time) bool { return !t.IsZero() && time.Now().After(t) }
