package render

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"dagger/stack/internal/project"
	"dagger/stack/internal/spec"
)

// Table prints a line as each service becomes healthy, and one for each service that the stack has to do without.
type Table struct {
	mu    sync.Mutex
	Begun time.Time
	width int
}

// NewTable begins one with the services that are left out.
func NewTable(p project.Project) *Table {
	t := &Table{Begun: time.Now(), width: len("SERVICE")}
	for _, name := range p.Names() {
		t.width = max(t.width, len(name))
	}
	for _, left := range p.LeftOut {
		t.width = max(t.width, len(left.Service))
	}
	t.print("SERVICE", "STATE", "PORT", "SECONDS", "")
	for _, left := range p.LeftOut {
		t.print(left.Service, "left out", "-", "-", left.Reason)
	}
	return t
}

// Row is the line of a service.
func (t *Table) Row(s spec.Service, state string, when time.Time) { t.RowOf(s, state, when, s.Kind) }

// RowOf is the same, with words of its own at the end.
func (t *Table) RowOf(s spec.Service, state string, when time.Time, kind string) {
	port := "-"
	if i := slices.IndexFunc(s.Ports, func(p spec.Port) bool { return p.Published != 0 }); i >= 0 {
		port = fmt.Sprint(s.Ports[i].Published)
	}
	t.print(s.Name, state, port, fmt.Sprintf("%.1f", when.Sub(t.Begun).Seconds()), kind)
}

func (t *Table) print(service, state, port, seconds, kind string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	fmt.Printf("%-*s  %-9s  %5s  %7s  %s\n", t.width, service, state, port, seconds, kind)
}
