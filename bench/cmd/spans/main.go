// Spans runs a dagger command and prints what it spent its time on: every span of the session, the engine's too, by its
// start.
//
//	../hack/engine/with go run ./cmd/spans -least 20ms -- dagger call health
package main

import (
	"cmp"
	"encoding/hex"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"slices"
	"strings"
	"sync"
	"time"

	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	trace "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
)

func main() {
	least := flag.Duration("least", 10*time.Millisecond, "leave out shorter spans")
	width := flag.Int("width", 110, "cut names after so many characters")
	flag.Parse()
	var got spans
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	go func() { _ = http.Serve(listener, &got) }()
	signal.Ignore(os.Interrupt) // it is for the command
	cmd := exec.Command(flag.Arg(0), flag.Args()[1:]...)
	cmd.Stdout, cmd.Stderr = io.Discard, os.Stderr
	cmd.Env = append(os.Environ(), "OTEL_EXPORTER_OTLP_ENDPOINT=http://"+listener.Addr().String(), "OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf",
		"OTEL_EXPORTER_OTLP_TRACES_LIVE=1", "DAGGER_PROGRESS=dots", "DAGGER_NO_NAG=1")
	begun := time.Now()
	err = cmd.Run()
	took := time.Since(begun)
	got.print(begun, *least, *width)
	fmt.Printf("%v: %v\n", took, err)
}

// spans takes in what an OTLP exporter sends.
type spans struct {
	mu   sync.Mutex
	byID map[string]*trace.Span // the last word on each: live ones are sent before they end
}

func (s *spans) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	var request collector.ExportTraceServiceRequest
	if err != nil || !strings.HasSuffix(r.URL.Path, "/traces") || proto.Unmarshal(body, &request) != nil {
		return // logs and metrics
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.byID == nil {
		s.byID = map[string]*trace.Span{}
	}
	for _, resource := range request.ResourceSpans {
		for _, scope := range resource.ScopeSpans {
			for _, span := range scope.Spans {
				id := hex.EncodeToString(span.SpanId)
				if old := s.byID[id]; old == nil || old.EndTimeUnixNano < span.EndTimeUnixNano {
					s.byID[id] = span
				}
			}
		}
	}
}

func (s *spans) print(begun time.Time, least time.Duration, width int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	children := map[string][]*trace.Span{}
	for _, span := range s.byID {
		parent := hex.EncodeToString(span.ParentSpanId)
		if s.byID[parent] == nil {
			parent = ""
		}
		children[parent] = append(children[parent], span)
	}
	var walk func(parent string, depth int)
	walk = func(parent string, depth int) {
		slices.SortFunc(children[parent], func(a, b *trace.Span) int { return cmp.Compare(a.StartTimeUnixNano, b.StartTimeUnixNano) })
		for _, span := range children[parent] {
			took := time.Duration(span.EndTimeUnixNano - span.StartTimeUnixNano)
			open := ""
			if span.EndTimeUnixNano < span.StartTimeUnixNano {
				took, open = 0, " (never ended)"
			}
			if took >= least || open != "" {
				start := time.Unix(0, int64(span.StartTimeUnixNano)).Sub(begun)
				name := strings.Repeat("  ", depth) + strings.ReplaceAll(span.Name, "\n", " ")
				fmt.Printf("%7.0f %6.0f  %s%s%s\n", ms(start), ms(took), name[:min(len(name), width)], notes(span), open)
			}
			walk(hex.EncodeToString(span.SpanId), depth+1)
		}
	}
	fmt.Println("  at ms  took ms")
	walk("", 0)
}

func notes(span *trace.Span) (text string) {
	for _, a := range span.Attributes {
		if a.Key == "dagger.io/dag.cached" || strings.Contains(a.Key, "ached") && a.Value.GetBoolValue() {
			text = " [cached]"
		}
	}
	return text
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
