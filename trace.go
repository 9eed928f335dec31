package main

import (
	"context"

	"dagger/stack/internal/plain"

	telemetry "github.com/dagger/otel-go"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	semconv "go.opentelemetry.io/otel/semconv/v1.40.0"
	"go.opentelemetry.io/otel/trace"
)

// What OpenTelemetry has no name for.
const attemptKey = attribute.Key("stack.retry.attempt") // 1 is the first that is not the first try

// traced does a step of a stack in a span of its own, "start backend", which says in OpenTelemetry's words what it is
// about: service.name is the service, if it is about one, and service.namespace is the stack.
func traced[T any](ctx context.Context, m *Stack, step, service string, do func(context.Context) (T, error), more ...attribute.KeyValue) (T, error) {
	attributes := append([]attribute.KeyValue{semconv.ServiceNamespace(m.name())}, more...)
	name := step
	if service != "" {
		attributes = append(attributes, semconv.ServiceName(service))
		name += " " + service
	}
	ctx, span := Tracer().Start(ctx, name, trace.WithAttributes(attributes...), telemetry.Reveal())
	defer span.End()
	value, err := do(ctx)
	if err != nil {
		// Not telemetry.EndWithCause: it would write the span's number into what the user reads.
		text := plain.FirstLine(telemetry.ErrorOriginRegex.ReplaceAllString(err.Error(), ""))
		span.RecordError(err)
		span.SetAttributes(semconv.ErrorTypeOther)
		span.SetStatus(codes.Error, text)
	}
	return value, err
}

// unseen keeps what is asked of the engine out of the trace: what is asked several times a second would fill the terminal,
// and the memory of the CLI, which keeps each span.
func unseen(ctx context.Context) context.Context {
	return trace.ContextWithSpanContext(ctx, trace.SpanContextFromContext(ctx).WithTraceFlags(0))
}
