package api

import (
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"dagger/stack/internal/spec"
	"dagger/stack/internal/state"
)

// measuredStack is one with all that is measured.
func measuredStack(t *testing.T, config Config) *served {
	t.Helper()
	s := serve(t, config)
	s.state.WriteRun(state.Run{Services: []string{"postgres", "backend"}, Session: "own"})
	s.service("backend", state.Unhealthy)
	s.status(s.service("postgres", state.Healthy), state.Status{
		Health: state.Healthy, Phase: state.Running, PID: 7, Started: time.UnixMilli(1_700_000_000_250), Restarts: 2,
		Limits: spec.Limits{CPUs: 0.5, Memory: 512 << 20, Pids: 64},
		Usage:  &state.Usage{Memory: 64 << 20, MemoryPeak: 80 << 20, CPUTime: spec.Duration(1500 * time.Millisecond), Throttled: 0.25, Pids: 9, OOMKills: 1},
		Counts: state.Counts{Probes: 40, Failed: 3, Probing: spec.Duration(200 * time.Millisecond), LogLines: 120, LogBytes: 4096},
	})
	s.state.WriteGateway(state.Gateway{Session: "own", Updated: time.Now(), Ports: []state.PublishedPort{
		{Port: 5432, Service: "postgres", Lines: 4, Max: 100, Began: 17, Failed: 1}, {Port: 9002, Max: 100},
	}})
	return s
}

func TestMetrics(t *testing.T) {
	s := measuredStack(t, Config{})
	response, text := s.do(request{path: "/metrics"})
	if kind := response.Header.Get("Content-Type"); response.StatusCode != 200 || !strings.HasPrefix(kind, "text/plain; version=0.0.4") {
		t.Fatalf("%d, %s", response.StatusCode, kind)
	}
	const of, port = `{service="postgres",stack="shop"} `, `{port="5432",service="postgres",stack="shop"} `
	for _, want := range []string{
		"stack_service_up" + of + "1", "stack_service_healthy" + of + "1", `stack_service_healthy{service="backend",stack="shop"} 0`,
		"stack_service_start_time_seconds" + of + "1.70000000025e+09", "stack_service_restarts_total" + of + "2",
		"stack_service_cpu_limit_cores" + of + "0.5", "stack_service_memory_limit_bytes" + of + "5.36870912e+08", "stack_service_pids_limit" + of + "64",
		"stack_service_cpu_seconds_total" + of + "1.5", "stack_service_cpu_throttled_ratio" + of + "0.25",
		"stack_service_memory_bytes" + of + "6.7108864e+07", "stack_service_memory_peak_bytes" + of + "8.388608e+07", "stack_service_pids" + of + "9",
		"stack_service_oom_kills_total" + of + "1", "stack_service_probe_duration_seconds_sum" + of + "0.2", "stack_service_probe_duration_seconds_count" + of + "40",
		"stack_service_probe_failures_total" + of + "3", "stack_service_log_lines_total" + of + "120", "stack_service_log_bytes_total" + of + "4096",
		`stack_gateway_healthy{stack="shop"} 1`, "stack_gateway_connections_total" + port + "17", "stack_gateway_connections_failed_total" + port + "1",
		"stack_gateway_source_ports" + port + "4", "stack_gateway_source_ports_limit" + port + "100", `stack_gateway_source_ports{port="9002",service="api",stack="shop"} 0`,
	} {
		if !strings.Contains(text, "\n"+want+"\n") {
			t.Errorf("%s is not in\n%s", want, text)
		}
	}
	if strings.Contains(text, `stack_service_memory_limit_bytes{service="backend"`) {
		t.Error("what is unlimited has a limit")
	}
	response, text = s.do(request{path: "/metrics", headers: map[string]string{"Accept": "application/openmetrics-text; version=1.0.0"}})
	if kind := response.Header.Get("Content-Type"); !strings.HasPrefix(kind, "application/openmetrics-text") || !strings.HasSuffix(text, "# EOF\n") {
		t.Errorf("OpenMetrics: %s\n%s", kind, text)
	}
}

// Who may read logs may read metrics.
func TestMetricsToken(t *testing.T) {
	s := measuredStack(t, Config{Private: true})
	if response, _ := s.do(request{path: "/metrics"}); response.StatusCode != http.StatusUnauthorized {
		t.Errorf("without the token: %d", response.StatusCode)
	}
	if response, _ := s.do(request{path: "/metrics", headers: s.bearer()}); response.StatusCode != http.StatusOK {
		t.Errorf("with the token: %d", response.StatusCode)
	}
	if response, _ := s.do(request{path: "/metrics", headers: map[string]string{"Origin": "https://evil.example", "Authorization": "Bearer " + s.Token}}); response.StatusCode != http.StatusForbidden {
		t.Errorf("from another origin: %d", response.StatusCode)
	}
}

// The page and the dashboard of Grafana have the metrics that there are.
func TestMetricsAreDescribed(t *testing.T) {
	_, text := measuredStack(t, Config{}).do(request{path: "/metrics"})
	named := regexp.MustCompile(`stack_(?:service|gateway)_[a-z_]+`)
	kinds := regexp.MustCompile(`(?m)^# TYPE (\S+) (\S+)$`)
	var served []string
	for _, match := range kinds.FindAllStringSubmatch(text, -1) {
		served = append(served, match[1])
		if match[2] == "summary" {
			served = append(served, match[1]+"_sum", match[1]+"_count")
		}
	}
	for _, file := range []string{"../../docs/metrics.md", "../../docs/grafana.json"} {
		page, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		found := named.FindAllString(string(page), -1)
		for _, name := range found {
			if !slices.Contains(served, name) {
				t.Errorf("%s has %s, which is not served", file, name)
			}
		}
		for _, match := range kinds.FindAllStringSubmatch(text, -1) {
			if strings.HasSuffix(file, ".md") && !slices.Contains(found, match[1]) {
				t.Errorf("%s lacks %s", file, match[1])
			}
		}
	}
}
