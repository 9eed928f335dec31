package agent

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/fsnotify/fsnotify"

	"dagger/stack/internal/state"
)

// hostsMark starts the part of the hosts file that is ours.
const hostsMark = "# services of the stack\n"

// hostsPause is the least time between two looks at addresses that others have written: while a stack of many services
// starts, each of its agents would otherwise do as much as all of them together.
const hostsPause = 500 * time.Millisecond

// hosts is the hosts file of the container: with the address of every service of the stack in it. The engine's own
// bindings name only what was there before: with this, a backend finds its frontend too.
type hosts struct {
	path  string // empty: there is none to keep
	stack state.Stack

	mu      sync.Mutex
	base    string // what the engine has written
	written string
}

func openHosts(path string, stack state.Stack) (*hosts, error) {
	if path == "" {
		return &hosts{}, nil
	}
	original, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	base, _, _ := strings.Cut(string(original), hostsMark)
	return &hosts{path: path, stack: stack, base: base}, nil
}

// keepHosts writes the file whenever an address has changed.
func (a *agent) keepHosts(ctx context.Context) {
	if a.hosts.path == "" {
		return
	}
	watcher, err := fsnotify.NewBufferedWatcher(64)
	if err != nil || watcher.Add(a.State.Hosts()) != nil {
		return // it is written before every start
	}
	defer watcher.Close()
	for {
		a.writeHosts()
		select {
		case <-ctx.Done():
			return
		case <-time.After(hostsPause):
		}
		select {
		case <-ctx.Done():
			return
		case <-watcher.Events:
		}
		for len(watcher.Events) > 0 { // what has come meanwhile is one write
			<-watcher.Events
		}
	}
}

// writeHosts says what is wrong, and no more: a service that needs no other can do without.
func (a *agent) writeHosts() {
	if err := a.hosts.write(); err != nil {
		a.log.Note("hosts file: " + err.Error())
	}
}

// write has the addresses as they are now in the file.
func (h *hosts) write() error {
	if h.path == "" {
		return nil
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	addresses, err := h.stack.Addresses()
	if err != nil {
		return err
	}
	var text strings.Builder
	text.WriteString(h.base + hostsMark)
	for _, name := range slices.Sorted(maps.Keys(addresses)) {
		fmt.Fprintf(&text, "%s\t%s\n", addresses[name], name)
	}
	if text.String() == h.written {
		return nil
	}
	if err := overwrite(h.path, text.String()); err != nil {
		return err
	}
	h.written = text.String()
	return nil
}

// overwrite changes a file in place, because it is a mount of its own that a rename cannot replace, and without
// emptying it first, because somebody may look up a name in between.
func overwrite(path, text string) error {
	file, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = file.WriteString(text)
	return errors.Join(err, file.Truncate(int64(len(text))), file.Close())
}
