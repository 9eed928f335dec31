package agent

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/fsnotify/fsnotify"
)

// hostsMark starts the part of the hosts file that is ours.
const hostsMark = "# services of the stack\n"

// keepHosts writes the address of every service of the stack into the hosts file, whenever one changes. The
// engine's own bindings name only what was there before: with this, a backend finds its frontend too.
func (a *agent) keepHosts(ctx context.Context) {
	original, err := os.ReadFile(a.Hosts)
	if err != nil {
		return
	}
	base, _, _ := strings.Cut(string(original), hostsMark)
	watcher, err := fsnotify.NewWatcher()
	if err != nil || watcher.Add(a.State.Hosts()) != nil {
		return
	}
	defer watcher.Close()
	for {
		a.writeHosts(base)
		select {
		case <-ctx.Done():
			return
		case <-watcher.Events:
			// Several services start at once: one write for all of them.
			time.Sleep(10 * time.Millisecond)
			for len(watcher.Events) > 0 {
				<-watcher.Events
			}
		}
	}
}

func (a *agent) writeHosts(base string) {
	addresses, err := a.State.Addresses()
	if err != nil {
		return
	}
	var text strings.Builder
	text.WriteString(base + hostsMark)
	for _, name := range slices.Sorted(maps.Keys(addresses)) {
		fmt.Fprintf(&text, "%s\t%s\n", addresses[name], name)
	}
	if err := overwrite(a.Hosts, text.String()); err != nil {
		a.log.Note("hosts file: " + err.Error())
	}
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
