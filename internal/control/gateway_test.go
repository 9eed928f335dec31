package control_test

import (
	"strings"
	"testing"
	"time"

	"dagger/stack/internal/render"
	"dagger/stack/internal/state"
)

// The gateway is part of how a stack is, from when it publishes until it ends as it should.
func TestGatewayInTheReport(t *testing.T) {
	for name, c := range map[string]struct {
		said      *state.Gateway
		unhealthy string // what the complaint has; empty: all is well
	}{
		"none":            {nil, ""},
		"as it should be": {&state.Gateway{Session: "s", Updated: time.Now()}, ""},
		"of another up":   {&state.Gateway{Session: "before", Updated: time.Now().Add(-time.Hour)}, ""},
		"gone":            {&state.Gateway{Session: "s", Updated: time.Now().Add(-5*state.Heartbeat - 500*time.Millisecond)}, "the gateway is unhealthy: not running, last seen 5s ago"},
		"full":            {&state.Gateway{Session: "s", Updated: time.Now(), Ports: []state.PublishedPort{{Port: 8000, Lines: 7, Full: true}}}, "port 8000 is full: 7 source ports"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.Session = "s"
			w.run("redis")
			w.agent(healthy("redis"))
			if c.said != nil {
				if err := w.State.WriteGateway(*c.said); err != nil {
					t.Fatal(err)
				}
			}
			report, err := w.Report("")
			if err != nil {
				t.Fatal(err)
			}
			if report.Healthy != (c.unhealthy == "") || !strings.Contains(render.Complaint(report), c.unhealthy) {
				t.Errorf("healthy %v: %s", report.Healthy, render.Complaint(report))
			}
			if err := w.State.ForgetGateway("s"); err != nil {
				t.Fatal(err)
			}
			if c.said != nil && c.said.Session != "s" {
				return
			}
			if report, err = w.Report(""); err != nil || !report.Healthy || report.Gateway != nil {
				t.Errorf("after its end: %+v, %v", report, err)
			}
		})
	}
}
