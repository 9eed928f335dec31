package main

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"dagger/stack/internal/spec"
)

// table prints a line as each service becomes healthy, and one for each service that the stack has to do without.
type table struct {
	mu    sync.Mutex
	begun time.Time
	width int
}

func newTable(plan plan) *table {
	t := &table{begun: time.Now(), width: len("SERVICE")}
	for _, name := range plan.Names() {
		t.width = max(t.width, len(name))
	}
	for _, left := range plan.LeftOut {
		t.width = max(t.width, len(left.Service))
	}
	t.print("SERVICE", "STATE", "PORT", "SECONDS", "")
	for _, left := range plan.LeftOut {
		t.print(left.Service, "left out", "-", "-", left.Reason)
	}
	return t
}

func (t *table) row(s spec.Service, state string, when time.Time) { t.rowOf(s, state, when, s.Kind) }

func (t *table) rowOf(s spec.Service, state string, when time.Time, kind string) {
	port := "-"
	if i := slices.IndexFunc(s.Ports, func(p spec.Port) bool { return p.Published != 0 }); i >= 0 {
		port = fmt.Sprint(s.Ports[i].Published)
	}
	t.print(s.Name, state, port, fmt.Sprintf("%.1f", when.Sub(t.begun).Seconds()), kind)
}

func (t *table) print(service, state, port, seconds, kind string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	fmt.Printf("%-*s  %-9s  %5s  %7s  %s\n", t.width, service, state, port, seconds, kind)
}
