package api

import (
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"dagger/stack/internal/control"
	"dagger/stack/internal/state"
)

// metricsPath is where Prometheus looks unless it is told something else.
const metricsPath = "/metrics"

// metrics answers in Prometheus' formats. All is read anew: the agents count, and the library writes.
func (s *Server) metrics(w http.ResponseWriter, r *http.Request) error {
	report, err := s.Client.Report("")
	if err != nil && len(report.Services) == 0 {
		return err
	}
	registry := prometheus.NewRegistry()
	if err := registry.Register(Metrics(report)); err != nil {
		return err
	}
	promhttp.HandlerFor(registry, promhttp.HandlerOpts{EnableOpenMetrics: true}).ServeHTTP(w, r)
	return nil
}

// Metrics are those of a report.
func Metrics(report control.Report) prometheus.Collector { return measured(report) }

// measured is a report as a collector of metrics.
type measured control.Report

// Describe says nothing: the collector is read once.
func (measured) Describe(chan<- *prometheus.Desc) {}

func (m measured) Collect(to chan<- prometheus.Metric) {
	all := metrics{to, m.Stack}
	for _, service := range m.Services {
		all.service(service)
	}
	if m.Gateway == nil {
		return
	}
	all.one(prometheus.GaugeValue, "stack_gateway_healthy", "Whether what publishes the ports works.", number(m.Gateway.Healthy), nil)
	for _, port := range m.Gateway.Ports {
		all.port(port)
	}
}

// metrics writes those of a stack.
type metrics struct {
	to    chan<- prometheus.Metric
	stack string
}

// one is a metric with the labels of pairs.
func (m metrics) one(kind prometheus.ValueType, name, help string, value float64, pairs []string) {
	desc, values := m.describe(name, help, pairs)
	m.to <- prometheus.MustNewConstMetric(desc, kind, value, values...)
}

// describe makes labels of names and values.
func (m metrics) describe(name, help string, pairs []string) (*prometheus.Desc, []string) {
	var names, values []string
	for i := 0; i+1 < len(pairs); i += 2 {
		names, values = append(names, pairs[i]), append(values, pairs[i+1])
	}
	return prometheus.NewDesc(name, help, names, prometheus.Labels{"stack": m.stack}), values
}

func (m metrics) service(s control.ServiceReport) {
	of := []string{"service", s.Service}
	gauge := func(name, help string, value float64) { m.one(prometheus.GaugeValue, name, help, value, of) }
	counter := func(name, help string, value float64) { m.one(prometheus.CounterValue, name, help, value, of) }
	outcome := s.Outcome()
	gauge("stack_service_up", "Whether the service's process runs.", number(s.Running && s.PID != 0))
	gauge("stack_service_healthy", "Whether the service is healthy, or has done its work.", number(outcome == state.Ready || outcome == state.Completed))
	if s.Running && s.PID != 0 {
		gauge("stack_service_start_time_seconds", "When the service's process was started, since the Unix epoch.", float64(s.Started.UnixMilli())/1000)
	}
	counter("stack_service_restarts_total", "Restarts of the service.", float64(s.Restarts))
	limit(gauge, "stack_service_cpu_limit_cores", "Cores that the service may use.", s.Limits.CPUs)
	limit(gauge, "stack_service_memory_limit_bytes", "Memory that the service may use.", float64(s.Limits.Memory))
	limit(gauge, "stack_service_pids_limit", "Processes and threads that the service may have.", float64(s.Limits.Pids))
	if u := s.Usage; u != nil && s.Running {
		counter("stack_service_cpu_seconds_total", "CPU time that the service has used.", time.Duration(u.CPUTime).Seconds())
		gauge("stack_service_cpu_throttled_ratio", "Share of the last moments in which the service had to wait for its limit of CPU.", u.Throttled)
		gauge("stack_service_memory_bytes", "Memory that the service uses, without file cache that the kernel would give back.", float64(u.Memory))
		gauge("stack_service_memory_peak_bytes", "The most memory that the service has used, file cache included.", float64(u.MemoryPeak))
		gauge("stack_service_pids", "Processes and threads of the service.", float64(u.Pids))
		counter("stack_service_oom_kills_total", "Processes of the service that were killed for its limit of memory.", float64(u.OOMKills))
	}
	desc, values := m.describe("stack_service_probe_duration_seconds", "How long the service took to answer probes of its health.", of)
	m.to <- prometheus.MustNewConstSummary(desc, uint64(s.Counts.Probes), time.Duration(s.Counts.Probing).Seconds(), nil, values...)
	counter("stack_service_probe_failures_total", "Probes of the service that have failed.", float64(s.Counts.Failed))
	counter("stack_service_log_lines_total", "Lines that the service has printed.", float64(s.Counts.LogLines))
	counter("stack_service_log_bytes_total", "Bytes that the service has printed.", float64(s.Counts.LogBytes))
}

// limit leaves out what is unlimited.
func limit(gauge func(name, help string, value float64), name, help string, value float64) {
	if value > 0 {
		gauge(name, help, value)
	}
}

func (m metrics) port(p state.PublishedPort) {
	service := p.Service
	if service == "" {
		service = "api"
	}
	of := []string{"service", service, "port", strconv.Itoa(p.Port)}
	m.one(prometheus.CounterValue, "stack_gateway_connections_total", "Connections with the service by its published port.", float64(p.Began), of)
	m.one(prometheus.CounterValue, "stack_gateway_connections_failed_total", "Clients of a published port that could not be taken.", float64(p.Failed), of)
	m.one(prometheus.GaugeValue, "stack_gateway_source_ports", "Source ports of clients that a published port has in use.", float64(p.Lines), of)
	m.one(prometheus.GaugeValue, "stack_gateway_source_ports_limit", "Source ports that a published port can have in use.", float64(p.Max), of)
}

// number is 1 for yes.
func number(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}
