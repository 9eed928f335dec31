package e2e

import (
	"fmt"
	"regexp"
	"strconv"
)

// testMetrics wants every service to be measured, and what a client has done to be counted.
func (a *api) testMetrics() {
	a.Helper()
	a.get("backend", "/print/marked")
	value := func(name, labels string) float64 {
		a.Helper()
		_, text := a.do(apiRequest{path: "/metrics"})
		match := regexp.MustCompile(`(?m)^` + name + `\{` + labels + `,stack="` + a.name + `"\} (\S+)$`).FindStringSubmatch(text)
		if match == nil {
			return 0
		}
		number, err := strconv.ParseFloat(match[1], 64)
		if err != nil {
			a.Fatal(err)
		}
		return number
	}
	for _, service := range []string{"postgres", "redis", "backend"} {
		of := `service="` + service + `"`
		for _, name := range []string{
			"stack_service_up", "stack_service_healthy", "stack_service_memory_bytes", "stack_service_memory_limit_bytes", "stack_service_cpu_seconds_total",
			"stack_service_probe_duration_seconds_count", "stack_service_log_lines_total", "stack_service_log_bytes_total",
		} {
			a.until(name+" of "+service, func() bool { return value(name, of) > 0 })
		}
	}
	of := fmt.Sprintf(`port="%d",service="backend"`, a.ports["backend"])
	a.until("connections with the backend", func() bool { return value("stack_gateway_connections_total", of) > 0 })
}
