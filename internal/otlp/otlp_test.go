package otlp

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	collogs "go.opentelemetry.io/proto/otlp/collector/logs/v1"
	colmetrics "go.opentelemetry.io/proto/otlp/collector/metrics/v1"
	common "go.opentelemetry.io/proto/otlp/common/v1"
	"google.golang.org/protobuf/proto"

	"dagger/stack/internal/control"
	"dagger/stack/internal/state"
	"dagger/stack/internal/state/logstore"
)

// receiver is a collector: it reads what is sent as the protocol has it.
type receiver struct {
	*httptest.Server
	mu      sync.Mutex
	down    bool
	lines   []string // SERVICE STREAM TEXT
	metrics map[string]bool
	faults  []string
	taken   func(request *http.Request) // before it answers; nil: nothing
}

func (r *receiver) take(request *http.Request) error {
	if got := request.Header.Get("Authorization"); got != "Basic a=b" {
		return fmt.Errorf("authorization %q", got)
	}
	body := io.Reader(request.Body)
	if request.Header.Get("Content-Encoding") == "gzip" {
		unpacked, err := gzip.NewReader(body)
		if err != nil {
			return err
		}
		body = unpacked
	}
	text, err := io.ReadAll(body)
	if err != nil {
		return err
	}
	switch request.URL.Path {
	case "/otel/v1/logs":
		var sent collogs.ExportLogsServiceRequest
		if err := proto.Unmarshal(text, &sent); err != nil {
			return err
		}
		for _, of := range sent.ResourceLogs {
			for _, scope := range of.ScopeLogs {
				for _, record := range scope.LogRecords {
					r.lines = append(r.lines, strings.Join([]string{value(of.Resource.Attributes, "service.namespace"), value(of.Resource.Attributes, "service.name"), value(record.Attributes, "log.iostream"), record.Body.GetStringValue()}, " "))
				}
			}
		}
	case "/otel/v1/metrics":
		var sent colmetrics.ExportMetricsServiceRequest
		if err := proto.Unmarshal(text, &sent); err != nil {
			return err
		}
		for _, of := range sent.ResourceMetrics {
			for _, scope := range of.ScopeMetrics {
				for _, metric := range scope.Metrics {
					r.metrics[value(of.Resource.Attributes, "service.namespace")+" "+metric.Name] = true
				}
			}
		}
	default:
		return errors.New(request.URL.Path)
	}
	return nil
}

func value(attributes []*common.KeyValue, name string) string {
	for _, attribute := range attributes {
		if attribute.Key == name {
			return attribute.Value.GetStringValue()
		}
	}
	return ""
}

func receive(t *testing.T) *receiver {
	r := &receiver{metrics: map[string]bool{}}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		r.mu.Lock()
		defer r.mu.Unlock()
		if r.down {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		if err := r.take(request); err != nil {
			r.faults = append(r.faults, err.Error())
		}
		if r.taken != nil {
			r.taken(request)
		}
		w.Header().Set("Content-Type", "application/x-protobuf")
	}))
	t.Cleanup(r.Close)
	return r
}

// Every line of a service comes once, with its service's name, also those of the time in which the collector does not answer; the metrics
// come at the end at the latest.
// printing is a stack with a service that prints what is written.
func printing(t *testing.T) (control.Client, io.Writer) {
	stack := control.Client{Name: "shop", State: state.At(t.TempDir())}
	if err := stack.State.WriteRun(state.Run{Stack: "shop", Started: time.Now().Add(-time.Minute), Services: []string{"backend"}}); err != nil {
		t.Fatal(err)
	}
	log, err := logstore.Open(stack.State.Service("backend").Logs(), logstore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { log.Close() })
	reader, prints := io.Pipe()
	go log.Copy(logstore.Stdout, reader)
	return stack, prints
}

func TestExport(t *testing.T) {
	r := receive(t)
	r.down = true
	stack, prints := printing(t)
	gauge := prometheus.NewGauge(prometheus.GaugeOpts{Name: "stack_service_up"})
	var said sync.Map
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() {
		ended <- Exporter{
			Endpoint: r.URL + "/otel/", Headers: "Authorization=Basic%20a%3Db", Client: stack,
			Metrics: func() (prometheus.Collector, error) { return gauge, nil }, Say: func(text string) { said.Store(text, true) },
		}.Run(ctx)
	}()
	const lines = 3 * batchLines
	for i := range lines {
		if _, err := fmt.Fprintf(prints, "line %d\n", i); err != nil {
			t.Fatal(err)
		}
		if i == lines/2 {
			eventually(t, "it says that the collector does not answer", func() bool { return some(&said) })
			r.mu.Lock()
			r.down = false
			r.mu.Unlock()
		}
	}
	eventually(t, "all lines", func() bool { r.mu.Lock(); defer r.mu.Unlock(); return len(r.lines) >= lines })
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	for i, line := range r.lines {
		if want := fmt.Sprintf("shop backend stdout line %d", i); line != want {
			t.Fatalf("line %d is %q, want %q", i, line, want)
		}
	}
	if len(r.lines) != lines || !r.metrics["shop stack_service_up"] || len(r.faults) > 0 {
		t.Errorf("%d lines, metrics %v, faults %v", len(r.lines), r.metrics, r.faults)
	}
}

// What is being sent when the stack ends is not broken off, and so not sent twice.
func TestExportAtTheEnd(t *testing.T) {
	r := receive(t)
	stack, prints := printing(t)
	ctx, cancel := context.WithCancel(t.Context())
	r.taken = func(request *http.Request) {
		if cancel(); strings.HasSuffix(request.URL.Path, "/logs") {
			select {
			case <-request.Context().Done(): // the exporter has broken it off
			case <-time.After(300 * time.Millisecond):
			}
		}
	}
	fmt.Fprintln(prints, "the last line")
	err := Exporter{
		Endpoint: r.URL + "/otel/", Headers: "Authorization=Basic%20a%3Db", Client: stack, Say: func(text string) { t.Error(text) },
		Metrics: func() (prometheus.Collector, error) { return nil, errors.New("none") },
	}.Run(ctx)
	if !errors.Is(err, context.Canceled) || fmt.Sprint(r.lines) != "[shop backend stdout the last line]" {
		t.Errorf("%v, %q", err, r.lines)
	}
}

func some(said *sync.Map) (found bool) {
	said.Range(func(any, any) bool { found = true; return false })
	return found
}

func eventually(t *testing.T, what string, condition func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !condition(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("never: %s", what)
		}
	}
}

func TestFlags(t *testing.T) {
	t.Parallel()
	for endpoint, fails := range map[string]bool{"": false, "http://collector:4318": false, "https://otlp.example.com/otel": false, "collector:4317": true, "grpc://x": true, "http://": true} {
		if err := Check(endpoint); (err != nil) != fails {
			t.Errorf("%q: %v", endpoint, err)
		}
	}
	if got, err := ParseHeaders(" api-key=s%2Ce , X=1,"); err != nil || len(got) != 2 || got["api-key"] != "s,e" || got["X"] != "1" {
		t.Errorf("headers: %v %v", got, err)
	}
	for _, bad := range []string{"geheim", "=geheim", "a=geheim%zz"} {
		if _, err := ParseHeaders(bad); err == nil || strings.Contains(err.Error(), "geheim") {
			t.Errorf("%q: %v", bad, err)
		}
	}
}
