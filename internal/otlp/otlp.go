// Package otlp sends the metrics and the logs of a stack to a collector, by OpenTelemetry's protocol over HTTP. What is sent is read where
// it is anyway: the agents do nothing for it.
package otlp

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	bridge "go.opentelemetry.io/contrib/bridges/prometheus"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/exporters/otlp/otlplog/otlploghttp"
	"go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetrichttp"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/resource"
	semconv "go.opentelemetry.io/otel/semconv/v1.40.0"
	"golang.org/x/sync/errgroup"

	"dagger/stack/internal/control"
)

const (
	// interval is from one export of metrics to the next.
	interval = 15 * time.Second
	// lastTimeout is for what is exported when the stack ends.
	lastTimeout = 3 * time.Second
)

// Check refuses what is no address of a collector. None is none.
func Check(endpoint string) error {
	if endpoint == "" {
		return nil
	}
	at, err := url.Parse(endpoint)
	if err != nil || at.Scheme != "http" && at.Scheme != "https" || at.Host == "" {
		return fmt.Errorf("otlp-endpoint %q: want the URL of a collector that takes OTLP over HTTP, such as http://collector:4318: /v1/metrics and /v1/logs are added to it", endpoint)
	}
	return nil
}

// Exporter exports one stack.
type Exporter struct {
	Endpoint string // of the collector: what OTEL_EXPORTER_OTLP_ENDPOINT says
	Headers  string // what OTEL_EXPORTER_OTLP_HEADERS says
	Client   control.Client
	Metrics  func() (prometheus.Collector, error)
	Say      func(text string) // what cannot be exported
}

// Run exports until the context ends. A collector that cannot be reached is told of, and tried again; the stack goes on.
func (e Exporter) Run(ctx context.Context) error {
	headers, err := ParseHeaders(e.Headers)
	if err != nil {
		return err
	}
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) { e.Say("OTLP: " + err.Error()) }))
	base := strings.TrimSuffix(e.Endpoint, "/")
	measures, err := otlpmetrichttp.New(ctx, otlpmetrichttp.WithEndpointURL(base+"/v1/metrics"), otlpmetrichttp.WithHeaders(headers))
	if err != nil {
		return err
	}
	lines, err := otlploghttp.New(ctx, otlploghttp.WithEndpointURL(base+"/v1/logs"), otlploghttp.WithHeaders(headers), otlploghttp.WithRetry(otlploghttp.RetryConfig{}))
	if err != nil {
		return err
	}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return e.metrics(ctx, measures) })
	group.Go(func() error { return e.logs(ctx, lines) })
	return group.Wait()
}

// metrics exports what /metrics would say, under the same names.
func (e Exporter) metrics(ctx context.Context, to metric.Exporter) error {
	gather := prometheus.GathererFunc(func() ([]*family, error) {
		collector, err := e.Metrics()
		if err != nil {
			return nil, nil // the stack has not begun, or ends
		}
		registry := prometheus.NewRegistry()
		if err := registry.Register(collector); err != nil {
			return nil, err
		}
		return registry.Gather()
	})
	reader := metric.NewPeriodicReader(to, metric.WithInterval(interval), metric.WithProducer(bridge.NewMetricProducer(bridge.WithGatherer(gather))))
	provider := metric.NewMeterProvider(metric.WithReader(reader), metric.WithResource(resource.NewSchemaless(
		semconv.ServiceName(e.Client.Name), semconv.ServiceNamespace(e.Client.Name))))
	<-ctx.Done()
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastTimeout)
	defer cancel()
	_ = provider.Shutdown(last) // nobody is there to be told
	return ctx.Err()
}

// ParseHeaders reads KEY=VALUE,KEY=VALUE with the values encoded as in a URL. An error does not show them: they may be secret.
func ParseHeaders(text string) (map[string]string, error) {
	headers := map[string]string{}
	for _, pair := range strings.Split(strings.TrimSpace(text), ",") {
		if strings.TrimSpace(pair) == "" {
			continue
		}
		name, value, found := strings.Cut(pair, "=")
		decoded, err := url.PathUnescape(strings.TrimSpace(value))
		if !found || err != nil || strings.TrimSpace(name) == "" {
			return nil, errors.New("otlp-headers: want NAME=VALUE,NAME=VALUE, as OTEL_EXPORTER_OTLP_HEADERS has them, with values encoded as in a URL")
		}
		headers[strings.TrimSpace(name)] = decoded
	}
	return headers, nil
}
