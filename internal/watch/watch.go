// Package watch decides when a folder is looked at and when what has changed in it is brought.
package watch

import (
	"context"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"dagger/stack/internal/retry"
)

const (
	// quick is the interval between two looks at what was edited last while somebody edits, and quickAll between two at all of the folder.
	quick, quickAll = 200 * time.Millisecond, 500 * time.Millisecond
	// slow is the interval after a long quiet spell.
	slow = 2 * time.Second
	// settle is the time between two looks that have to agree before a change is brought: an editor that saves many files is
	// waited for, and a file is not brought while it is being written.
	settle = 50 * time.Millisecond
	// spell is how long somebody edits after the last change.
	spell = 2 * time.Minute
	// pause is how many times as long as the interval nobody has edited: who stops to think is looked at less often. The session keeps what a look
	// has made to its end, some 50 KiB of the engine's memory each.
	pause = 20
	// busy and idle are how many times as long as a look the interval is, at least, while somebody edits and later: a large
	// folder is looked at less often.
	busy, idle = 3, 16
	// lull is how many times as long as a look at all of the folder nothing of what was edited last was brought, before the next one, and
	// longest how long that is waited for: what is saved during a look at all of a large folder is seen when that look is over.
	lull, longest = 10, 40
)

// A look that fails is tried again so often, and later for so long: a file that changes, or goes, while it is looked at makes it fail.
// A file that was saved after one view has seen it makes looks of the other fail, as long as the first look lasts.
const (
	tries        = 5
	retryTimeout = time.Minute
)

// View is a folder, or some of it.
type View interface {
	// Look tells what is there now: the same digest means the same files.
	Look(ctx context.Context) (digest string, err error)
	// Bring brings what the last look has seen to where it is to go.
	Bring(ctx context.Context) error
}

// Run looks at a folder and brings each change, until the context ends or there is an error. What the first look sees is
// brought, too: what was edited before counts. Beside the whole folder there is a view of what was edited last, which takes a
// moment to look at however large the folder is. One change is brought at a time: what comes meanwhile is the next one.
func Run(ctx context.Context, whole, recent View) error {
	w := watcher{bringing: make(chan struct{}, 1), changed: time.Now()}
	first, err := w.look(ctx, whole, "")
	if err != nil {
		return err
	}
	w.begun = true
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return w.watch(ctx, whole, first, quickAll, w.quiet) })
	group.Go(func() error { return w.watch(ctx, recent, "", quick, nil) })
	return group.Wait()
}

// watcher is what the views of a folder share.
type watcher struct {
	bringing chan struct{} // holds one, as long as a view brings
	begun    bool          // the first look is over
	mu       sync.Mutex
	changed  time.Time // when something was brought last
	times    int       // how often something was brought
	hot      time.Time // when something was brought last of what was edited last
}

// watch looks at a view and brings what has changed. before is waited for before each look.
func (w *watcher) watch(ctx context.Context, view View, digest string, least time.Duration, before func(context.Context, time.Duration) error) error {
	var took time.Duration // the last look that has seen no change
	for {
		changed, _ := w.last()
		if err := retry.Sleep(ctx, interval(least, took, time.Since(changed))); err != nil {
			return err
		}
		if before != nil {
			if err := before(ctx, took); err != nil {
				return err
			}
		}
		begun := time.Now()
		now, err := w.look(ctx, view, digest)
		if err != nil {
			return err
		}
		if now == digest {
			took = time.Since(begun)
		} else if before == nil {
			w.mu.Lock()
			w.hot = time.Now()
			w.mu.Unlock()
		}
		digest = now
	}
}

// quiet waits until nobody has edited the same files again for a while. took is how long a look at all of the folder takes.
func (w *watcher) quiet(ctx context.Context, took time.Duration) error {
	for begun := time.Now(); time.Since(begun) < longest*took; {
		w.mu.Lock()
		wait := lull*took - time.Since(w.hot)
		w.mu.Unlock()
		if wait <= 0 {
			return nil
		}
		if err := retry.Sleep(ctx, wait); err != nil {
			return err
		}
	}
	return nil
}

// look looks at a view, and brings what has changed since the digest. What was seen before another view has brought something may be
// older than that, so it is looked at once more, and nothing else is brought meanwhile.
func (w *watcher) look(ctx context.Context, view View, was string) (digest string, err error) {
	_, times := w.last()
	if digest, err = w.settled(ctx, view, was); err != nil || digest == was {
		return digest, err
	}
	w.bringing <- struct{}{}
	defer func() { <-w.bringing }()
	if _, now := w.last(); now != times {
		if digest, err = w.settled(ctx, view, was); err != nil || digest == was {
			return digest, err
		}
	}
	if err := view.Bring(ctx); err != nil {
		return "", err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.changed = time.Now()
	w.times++
	return digest, nil
}

// settled looks at a view until two looks have seen the same, if the first sees a change.
func (w *watcher) settled(ctx context.Context, view View, was string) (digest string, err error) {
	digest, err = w.looked(ctx, view)
	for same := false; err == nil && digest != was && !same; {
		if err := retry.Sleep(ctx, settle); err != nil {
			return "", err
		}
		var next string
		next, err = w.looked(ctx, view)
		same, digest = next == digest, next
	}
	return digest, err
}

func (w *watcher) looked(ctx context.Context, view View) (digest string, err error) {
	begun := time.Now()
	for try := 1; ; try++ {
		if digest, err = view.Look(ctx); err == nil || try >= tries && (!w.begun || time.Since(begun) > retryTimeout) {
			return digest, err
		}
		if err := retry.Sleep(ctx, quick); err != nil {
			return "", err
		}
	}
}

// last is when something was brought last, and how often it was.
func (w *watcher) last() (changed time.Time, times int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.changed, w.times
}

// interval is how long to wait after a look that took so long, when nothing has changed for that time, and at least while somebody edits.
func interval(least, took, quiet time.Duration) time.Duration {
	if quiet > spell {
		return max(slow, idle*took)
	}
	return max(least, busy*took, min(quiet/pause, slow))
}
