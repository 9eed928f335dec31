package agent

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/fsnotify/fsnotify"

	"dagger/stack/internal/spec"
	"dagger/stack/internal/state"
)

// hostsMark starts the part of the hosts file that is ours.
const hostsMark = "# services of the stack\n"

// hostsPause is the least time between two looks at addresses that others have written: while a stack of many services
// starts, each of its agents would otherwise do as much as all of them together.
const hostsPause = 500 * time.Millisecond

// hosts is the hosts file of the container: with the address of every service of the stack in it, or of those that the
// service knows under some name. The engine's own bindings name only what was there before: with this, a backend finds its
// frontend too.
type hosts struct {
	path  string // empty: there is none to keep
	stack state.Stack
	names []spec.Host // nil: every service

	mu      sync.Mutex
	base    string // what comes before the services
	written string
}

// ownHosts is what Docker writes into a container's hosts file (moby daemon/libnetwork/etchosts), with the container's own
// name. "": what the engine has written stays, with the names of its bindings.
func (a *agent) ownHosts() (base string, names []spec.Host) {
	c := a.Service.Container
	if c.Hosts == nil {
		return "", nil
	}
	hostname := a.hostname()
	if c.Domainname != "" {
		hostname = hostname + "." + c.Domainname + " " + hostname
	}
	return dockerHosts + a.Address.String() + "\t" + hostname + "\n", c.Hosts
}

const dockerHosts = "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\nfe00::\tip6-localnet\nff00::\tip6-mcastprefix\nff02::1\tip6-allnodes\nff02::2\tip6-allrouters\n"

func openHosts(path string, stack state.Stack, base string, names []spec.Host) (*hosts, error) {
	if path == "" {
		return &hosts{}, nil
	}
	original, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	if base == "" {
		base, _, _ = strings.Cut(string(original), hostsMark)
	}
	return &hosts{path: path, stack: stack, base: base, names: names}, nil
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
	for _, line := range h.lines(addresses) {
		text.WriteString(line)
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

// lines are those of the services that have an address, and of the addresses that were given.
func (h *hosts) lines(addresses map[string]netip.Addr) (lines []string) {
	if h.names == nil {
		for _, name := range slices.Sorted(maps.Keys(addresses)) {
			lines = append(lines, fmt.Sprintf("%s\t%s\n", addresses[name], name))
		}
		return lines
	}
	for _, host := range h.names {
		address := host.IP
		if host.Service != "" {
			known, found := addresses[host.Service]
			if !found {
				continue // yet
			}
			address = known.String()
		}
		lines = append(lines, fmt.Sprintf("%s\t%s\n", address, host.Name))
	}
	return lines
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
