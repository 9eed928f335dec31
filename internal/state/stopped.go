package state

import (
	"context"
	"time"

	"github.com/fsnotify/fsnotify"
)

const (
	// stopLook is how soon a stop is noticed where the kernel tells of it, and this has missed that.
	stopLook = time.Second
	// stopPoll is how soon it is noticed where the kernel does not tell: there are too many that it tells.
	stopPoll = 50 * time.Millisecond
)

// AwaitStop returns when the stack is being ended: at once, because the kernel tells.
func (s Stack) AwaitStop(ctx context.Context) error {
	interval := stopPoll
	var changed chan fsnotify.Event // nil: nothing is told
	if watcher, err := fsnotify.NewWatcher(); err == nil {
		defer watcher.Close()
		if watcher.Add(s.root) == nil {
			interval, changed = stopLook, watcher.Events
		}
	}
	for !s.Stopped() {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-changed:
		case <-time.After(interval):
		}
	}
	return nil
}
