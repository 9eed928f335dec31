package e2e

import (
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	otlp "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
)

// collected are the spans that a collector of OpenTelemetry's has got.
type collected struct {
	mu    sync.Mutex
	spans map[string]span // by its number: the CLI sends one when it begins and again when it has ended
}

type span struct {
	name, failure string
	ended         bool
	attributes    map[string]string
}

// collect makes the calls of a stack send their traces here.
func (s *stack) collect() *collected {
	c := &collected{spans: map[string]span{}}
	server := httptest.NewServer(c)
	s.Cleanup(server.Close)
	s.environ = append(s.environ, "OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf", "OTEL_EXPORTER_OTLP_ENDPOINT="+server.URL)
	return c
}

func (c *collected) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != "/v1/traces" {
		return // logs and metrics
	}
	var body io.Reader = r.Body
	if r.Header.Get("Content-Encoding") == "gzip" {
		unzipped, err := gzip.NewReader(r.Body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		body = unzipped
	}
	data, err := io.ReadAll(body)
	var request collector.ExportTraceServiceRequest
	if err == nil {
		err = proto.Unmarshal(data, &request)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, resource := range request.ResourceSpans {
		for _, scope := range resource.ScopeSpans {
			for _, s := range scope.Spans {
				got := span{name: s.Name, ended: s.EndTimeUnixNano > s.StartTimeUnixNano, attributes: map[string]string{}}
				if s.Status.GetCode() == otlp.Status_STATUS_CODE_ERROR {
					got.failure = s.Status.Message
				}
				for _, attribute := range s.Attributes {
					value := attribute.Value.GetStringValue()
					if n := attribute.Value.GetIntValue(); n != 0 {
						value = fmt.Sprint(n)
					}
					got.attributes[attribute.Key] = value
				}
				if old := c.spans[string(s.SpanId)]; !old.ended {
					c.spans[string(s.SpanId)] = got
				}
			}
		}
	}
}

// named are the module's spans of that name; the engine has some of its own.
func (c *collected) named(name string) (spans []span) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, s := range c.spans {
		if s.name == name && s.attributes["service.namespace"] != "" {
			spans = append(spans, s)
		}
	}
	return spans
}

// Every step of a stack is a span, in the words of OpenTelemetry, also in the CLI's own output.
func TestTraces(t *testing.T) {
	t.Parallel()
	s := plain(t)
	traces := s.collect()
	session := s.up()
	s.ok("health", "--wait", "30s")
	s.ok("restart", "--service", "redis")
	s.ok("sync")
	session.end()
	for name, service := range map[string]string{
		"detect": "", "build postgres": "postgres", "build redis": "redis", "build backend": "backend",
		"start postgres": "postgres", "start redis": "redis", "start backend": "backend", "wait": "", "restart redis": "redis",
		"sync": "",
	} {
		spans := traces.named(name)
		if len(spans) != 1 {
			t.Errorf("%d spans %q", len(spans), name)
			continue
		}
		got := spans[0]
		if got.attributes["service.namespace"] != s.name || got.attributes["service.name"] != service || !got.ended || got.failure != "" {
			t.Errorf("%+v", got)
		}
	}
	if !strings.Contains(session.printed(), "start backend DONE") {
		t.Errorf("not in the CLI's output: start backend\n%s", tail(session.printed()))
	}
}

func TestTracesOfRetries(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	os.Mkdir(filepath.Join(dir, "backend"), 0o755)
	os.WriteFile(filepath.Join(dir, "backend", "Dockerfile"), []byte("FROM alpine:3\nRUN echo read ECONNRESET && exit 7\nCMD [\"sleep\", \"60\"]\n"), 0o644)
	s := newStack(t, "tests/fixtures/plain")
	s.project = dir
	traces := s.collect()
	if text := s.fails("up"); !strings.Contains(text, "ECONNRESET") {
		t.Fatal(text)
	}
	attempts := map[string]bool{}
	for _, retry := range traces.named("retry backend") {
		attempts[retry.attributes["stack.retry.attempt"]] = true
		if !strings.Contains(retry.failure, "backend: build failed") || retry.attributes["error.type"] == "" {
			t.Errorf("%+v", retry)
		}
	}
	if len(attempts) != 3 || !attempts["1"] || !attempts["2"] || !attempts["3"] {
		t.Errorf("retries %v", attempts)
	}
}
