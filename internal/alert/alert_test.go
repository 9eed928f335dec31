package alert

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"dagger/stack/internal/control"
	"dagger/stack/internal/spec"
	"dagger/stack/internal/state"
)

// said is a service as its agent reports it.
func said(health state.Health, change ...func(*control.ServiceReport)) control.ServiceReport {
	s := control.ServiceReport{Running: true, Status: state.Status{Service: "backend", Instance: "a", Phase: state.Running, Health: health, Usage: &state.Usage{}}}
	for _, c := range change {
		c(&s)
	}
	return s
}

func restarts(n int) func(*control.ServiceReport) {
	return func(s *control.ServiceReport) { s.Restarts = n }
}

func kills(n int64) func(*control.ServiceReport) {
	return func(s *control.ServiceReport) { s.Usage.OOMKills = n }
}

func TestSee(t *testing.T) {
	t.Parallel()
	gone := func(s *control.ServiceReport) { s.Running = false }
	anew := func(s *control.ServiceReport) { s.Instance = "b" }
	job := func(s *control.ServiceReport) { s.Mode = spec.ModeJob }
	for _, row := range []struct {
		name    string
		reports []control.ServiceReport
		want    string
	}{
		{"a start", []control.ServiceReport{said(state.Starting), said(state.Healthy)}, ""},
		{"unhealthy, and back", []control.ServiceReport{said(state.Healthy), said(state.Unhealthy), said(state.Unhealthy), said(state.Healthy), said(state.Healthy)}, "unhealthy recovered"},
		{"never healthy", []control.ServiceReport{said(state.Starting), said(state.Unhealthy)}, "unhealthy"},
		{"a crash", []control.ServiceReport{said(state.Healthy), said(state.Starting, restarts(1)), said(state.Healthy, restarts(1))}, "restarted recovered"},
		{"a crash between two looks", []control.ServiceReport{said(state.Healthy), said(state.Healthy, restarts(1))}, "restarted recovered"},
		{"out of memory", []control.ServiceReport{said(state.Healthy), said(state.Starting, restarts(1), kills(1)), said(state.Healthy, restarts(1), kills(1))}, "oom restarted recovered"},
		{"a child out of memory", []control.ServiceReport{said(state.Healthy), said(state.Healthy, kills(2))}, "oom recovered"},
		{"the end of the stack", []control.ServiceReport{said(state.Healthy), said(state.Unhealthy, gone)}, ""},
		{"another container", []control.ServiceReport{said(state.Unhealthy, restarts(3), kills(2)), said(state.Starting, anew), said(state.Healthy, anew)}, ""},
		{"a job", []control.ServiceReport{said(state.Healthy, job), said(state.Unhealthy, job, restarts(1))}, ""},
	} {
		var got []string
		var watch Watch
		for _, report := range row.reports {
			for _, kind := range watch.See(report) {
				got = append(got, string(kind))
			}
		}
		if strings.Join(got, " ") != row.want {
			t.Errorf("%s: %v, want %q", row.name, got, row.want)
		}
	}
}

// A webhook is told, also by a second try, and one that is not there is told of without its address.
func TestRun(t *testing.T) {
	t.Parallel()
	var posted = make(chan Alert, 8)
	failed := false
	hook := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !failed {
			failed = true
			http.Error(w, "too early", http.StatusServiceUnavailable)
			return
		}
		var alert Alert
		if r.Method != http.MethodPost || r.Header.Get("Content-Type") != "application/json" || json.NewDecoder(r.Body).Decode(&alert) != nil {
			http.Error(w, "no alert", http.StatusBadRequest)
		}
		posted <- alert
	}))
	t.Cleanup(hook.Close)
	ctx, cancel := context.WithCancel(t.Context())
	asked := 0
	report := func() (control.Report, error) {
		asked++
		health := state.Healthy
		if asked > 1 {
			health = state.Unhealthy
		}
		return control.Report{Stack: "shop", Time: time.Now(), Services: []control.ServiceReport{said(health)}}, nil
	}
	ended := make(chan error, 1)
	go func() { ended <- Run(ctx, hook.URL, report, func(text string) { t.Error(text) }) }()
	alert := <-posted
	cancel()
	if <-ended; alert.Event != Unhealthy || alert.Stack != "shop" || alert.Service != "backend" || !strings.HasPrefix(alert.Text, "shop: backend is unhealthy") {
		t.Errorf("alert %+v", alert)
	}
	err := post(t.Context(), "http://127.0.0.1:1/secret", nil)
	if err == nil || strings.Contains(err.Error(), "secret") {
		t.Errorf("nobody there: %v", err)
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	for address, right := range map[string]bool{
		"": true, "https://hooks.example.com/a?b=c": true, "http://10.0.0.1:9000": true,
		"hooks.example.com": false, "ftp://hooks.example.com": false, "https://": false, "http://a b": false,
	} {
		if err := Check(address); (err == nil) != right {
			t.Errorf("%s: %v", address, err)
		}
	}
	if err := Check("secret"); fmt.Sprint(err) != "--webhook: want the URL of a server that takes a POST, such as https://hooks.example.com/stack" {
		t.Error(err)
	}
}
