package e2e

import (
	"compress/gzip"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"

	collogs "go.opentelemetry.io/proto/otlp/collector/logs/v1"
	colmetrics "go.opentelemetry.io/proto/otlp/collector/metrics/v1"
	common "go.opentelemetry.io/proto/otlp/common/v1"
	"google.golang.org/protobuf/proto"
)

// otlpReceiver is a collector on this machine: what came, a line of text each.
type otlpReceiver struct {
	url  string
	mu   sync.Mutex
	came map[string]bool
}

func (o *otlpReceiver) has(text string) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.came[text]
}

func receiveOTLP(t *testing.T) *otlpReceiver {
	t.Helper()
	listener, err := net.Listen("tcp", ":0")
	if err != nil {
		t.Fatal(err)
	}
	o := &otlpReceiver{came: map[string]bool{}, url: "http://" + net.JoinHostPort(machine(t), strconv.Itoa(listener.Addr().(*net.TCPAddr).Port))}
	server := &http.Server{Handler: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body := io.Reader(r.Body)
		if r.Header.Get("Content-Encoding") == "gzip" {
			if unpacked, err := gzip.NewReader(body); err == nil {
				body = unpacked
			}
		}
		text, _ := io.ReadAll(body)
		o.mu.Lock()
		defer o.mu.Unlock()
		o.came[r.URL.Path+" "+r.Header.Get("Api-Key")] = true
		o.take(t, r.URL.Path, text)
	})}
	go server.Serve(listener)
	t.Cleanup(func() { server.Close() })
	return o
}

func (o *otlpReceiver) take(t *testing.T, path string, text []byte) {
	var lines collogs.ExportLogsServiceRequest
	var measures colmetrics.ExportMetricsServiceRequest
	message := proto.Message(&lines)
	if strings.HasSuffix(path, "/metrics") {
		message = &measures
	}
	if err := proto.Unmarshal(text, message); err != nil {
		t.Errorf("%s: %v", path, err)
	}
	for _, of := range lines.ResourceLogs {
		for _, scope := range of.ScopeLogs {
			for _, record := range scope.LogRecords {
				o.came[attribute(of.Resource.Attributes, "service.namespace")+" "+attribute(of.Resource.Attributes, "service.name")+" "+record.Body.GetStringValue()] = true
			}
		}
	}
	for _, of := range measures.ResourceMetrics {
		for _, scope := range of.ScopeMetrics {
			for _, metric := range scope.Metrics {
				points := metric.GetGauge().GetDataPoints()
				if points == nil {
					points = metric.GetSum().GetDataPoints()
				}
				for _, point := range points {
					if point.GetAsDouble() > 0 {
						o.came[attribute(point.Attributes, "stack")+" "+attribute(point.Attributes, "service")+" "+metric.Name] = true
					}
				}
			}
		}
	}
}

func attribute(attributes []*common.KeyValue, name string) string {
	for _, attribute := range attributes {
		if attribute.Key == name {
			return attribute.Value.GetStringValue()
		}
	}
	return ""
}

// The metrics and the logs of a stack come to a collector, with the headers that the user gives.
func TestOTLP(t *testing.T) {
	t.Parallel()
	collector := receiveOTLP(t)
	s := plain(t, "--otlp-endpoint", collector.url, "--otlp-headers", "env://OTLP_HEADERS")
	s.environ = append(s.environ, "OTLP_HEADERS=Api-Key=s%2Ct")
	s.up()
	s.get("backend", "/print/marked")
	for _, want := range []string{
		"/v1/logs s,t", "/v1/metrics s,t", s.name + " backend marked", s.name + " backend stack_service_up", s.name + " postgres stack_service_memory_bytes",
		s.name + " redis stack_service_cpu_seconds_total",
	} {
		s.eventually(want, func() bool { return collector.has(want) })
	}
	s.contains("an address that is none", s.fails("--otlp-endpoint", "collector:4317", "health"), `otlp-endpoint "collector:4317": want the URL of a collector`)
}
