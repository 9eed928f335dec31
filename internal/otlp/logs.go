package otlp

import (
	"context"
	"errors"
	"io/fs"
	"sync"
	"time"

	dto "github.com/prometheus/client_model/go"
	"go.opentelemetry.io/otel/log"
	sdklog "go.opentelemetry.io/otel/sdk/log"
	"go.opentelemetry.io/otel/sdk/resource"
	semconv "go.opentelemetry.io/otel/semconv/v1.40.0"

	"dagger/stack/internal/protocol"
	"dagger/stack/internal/retry"
	"dagger/stack/internal/state/logstore"
)

type family = dto.MetricFamily

const (
	// batchLines and batchBytes are how much of the logs is exported at once: a collector that does not answer costs no more memory.
	batchLines = 256
	batchBytes = 1 << 20
	// batchTime is how long a line waits for others.
	batchTime = time.Second
	// againTime is from one attempt to the next, to export or to find the logs.
	againTime = 2 * time.Second
)

// batch collects lines, and exports them. Who adds to a full one waits: the lines stay in the log meanwhile.
type batch struct {
	mu      sync.Mutex
	to      sdklog.Exporter
	say     func(string)
	records []sdklog.Record
	bytes   int
}

// OnEmit makes it the processor of loggers.
func (b *batch) OnEmit(ctx context.Context, record *sdklog.Record) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.records = append(b.records, record.Clone())
	b.bytes += len(record.Body().AsString())
	for len(b.records) >= batchLines || b.bytes >= batchBytes {
		if b.export(ctx) {
			break
		}
		if err := retry.Sleep(ctx, againTime); err != nil {
			return err
		}
	}
	return nil
}

// export tells whether all is with the collector.
func (b *batch) export(ctx context.Context) bool {
	if len(b.records) == 0 {
		return true
	}
	if err := b.to.Export(ctx, b.records); err != nil {
		if ctx.Err() == nil {
			b.say("OTLP: logs are not exported yet: " + err.Error())
		}
		return false
	}
	clear(b.records)
	b.records, b.bytes = b.records[:0], 0
	return true
}

// Enabled: every line is wanted.
func (b *batch) Enabled(context.Context, sdklog.EnabledParameters) bool { return true }

// ForceFlush exports what has come.
func (b *batch) ForceFlush(ctx context.Context) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.export(ctx)
	return nil
}

// Shutdown is what a provider asks for; the batch is ended by who has made it.
func (b *batch) Shutdown(context.Context) error { return nil }

// logs exports the lines of all services, each under its service's name, from the begin of this run.
func (e Exporter) logs(ctx context.Context, to sdklog.Exporter) error {
	lines := &batch{to: to, say: e.Say}
	sending, cancel := lasting(ctx, lastTimeout)
	defer cancel()
	go func() {
		for retry.Sleep(ctx, batchTime) == nil {
			_ = lines.ForceFlush(sending) // says itself what is wrong
		}
	}()
	loggers := map[string]log.Logger{}
	var since time.Time
	for ctx.Err() == nil {
		err := e.follow(ctx, &since, func(entry *logstore.Entry) {
			if loggers[entry.Service] == nil {
				loggers[entry.Service] = e.logger(entry.Service, lines)
			}
			loggers[entry.Service].Emit(sending, record(entry))
		})
		if err != nil && ctx.Err() == nil && protocol.CodeOf(err) != protocol.CodeNotRunning {
			e.Say("OTLP: " + err.Error())
		}
		_ = retry.Sleep(ctx, againTime)
	}
	return errors.Join(ctx.Err(), lines.ForceFlush(sending))
}

// lasting is a context that ends that long after another: what is being sent when the stack ends would have to be sent once more if it
// were broken off, and a collector that had it already would have it twice.
func lasting(ctx context.Context, timeout time.Duration) (context.Context, context.CancelFunc) {
	longer, cancel := context.WithCancel(context.WithoutCancel(ctx))
	context.AfterFunc(ctx, func() { time.AfterFunc(timeout, cancel) })
	return longer, cancel
}

// follow hands on the lines that are not older than since, which it moves.
func (e Exporter) follow(ctx context.Context, since *time.Time, do func(*logstore.Entry)) error {
	if since.IsZero() {
		run, err := e.Client.State.Run()
		if errors.Is(err, fs.ErrNotExist) {
			return nil // it has not begun
		}
		*since = run.Started
	}
	sources, err := e.Client.Sources("")
	if err != nil {
		return err
	}
	return logstore.FollowAll(ctx, sources, logstore.Query{Since: *since, Poll: batchTime}, func(entry logstore.Entry) error {
		do(&entry)
		*since = entry.Time.Add(1)
		return ctx.Err()
	})
}

// logger is that of a service: its name is the resource's.
func (e Exporter) logger(service string, lines *batch) log.Logger {
	return sdklog.NewLoggerProvider(sdklog.WithProcessor(lines), sdklog.WithAttributeValueLengthLimit(-1), sdklog.WithResource(resource.NewSchemaless(
		semconv.ServiceName(service), semconv.ServiceNamespace(e.Client.Name)))).Logger("stack")
}

// record is a line. What a line is about nobody knows: its severity is left open, and of stderr the stream alone says something.
func record(entry *logstore.Entry) (r log.Record) {
	r.SetTimestamp(entry.Time)
	r.SetObservedTimestamp(entry.Time)
	r.SetBody(log.StringValue(string(entry.Text)))
	r.AddAttributes(log.String("log.iostream", string(entry.Stream)))
	return r
}
