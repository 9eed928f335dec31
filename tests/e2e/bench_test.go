package e2e

import (
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// What a call of a function costs beside one that does nothing, on a running stack: medians, of calls that take turns.
//
//	hack/engine/with go -C tests test -run '^$' -bench Calls -benchtime 9x ./e2e
func BenchmarkCalls(b *testing.B) {
	s := plain(b)
	s.up()
	took := map[string][]time.Duration{}
	empty := filepath.Join(root, "tests/fixtures/empty")
	calls := []struct {
		name string
		run  func()
	}{
		{"empty", func() {
			if r := dagger(b, s.project, "-m", empty, "call", "nothing"); r.code != 0 {
				b.Fatal(tail(r.stderr))
			}
		}},
		{"health", func() { s.ok("health") }},
		{"status", func() { s.ok("status", "health") }},
		{"logs", func() { s.ok("logs", "--service", "backend") }},
		{"restart-redis", func() { s.ok("restart", "--service", "redis") }},
	}
	for _, call := range calls {
		call.run() // loads the module
	}
	for b.Loop() {
		for _, call := range calls {
			begun := time.Now()
			call.run()
			took[call.name] = append(took[call.name], time.Since(begun))
		}
	}
	b.ReportMetric(0, "ns/op")
	for _, call := range calls {
		slices.Sort(took[call.name])
		b.ReportMetric(took[call.name][len(took[call.name])/2].Seconds(), "s/"+call.name)
	}
}
