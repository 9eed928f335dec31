package command

import (
	"context"
	"errors"
	"io"
	"strings"

	"dagger/stack/internal/client"
	"dagger/stack/internal/layout"
	"dagger/stack/internal/state"
)

// Request is what every request from a Dagger function has.
type Request struct {
	Stack string
}

func (r Request) client() client.Client {
	return client.Client{Name: r.Stack, State: state.At(layout.State)}
}

// BeginRequest asks Begin.
type BeginRequest struct {
	Request
	Services []string
}

// RestartRequest asks Restart.
type RestartRequest struct {
	Request
	client.RestartRequest
}

// ResetRequest asks Reset.
type ResetRequest struct {
	Request
	client.ResetRequest
}

// LogsRequest asks Logs.
type LogsRequest struct {
	Request
	client.LogsRequest
}

// HealthRequest asks Health.
type HealthRequest struct {
	Request
	client.HealthRequest
}

// print is exit code 0 only if all is well: the report is the error otherwise.
func (r HealthRequest) print(ctx context.Context, out io.Writer) error {
	text, healthy, err := r.client().Health(ctx, r.HealthRequest)
	if err != nil {
		return err
	}
	if !healthy {
		return errors.New(strings.TrimRight(text, "\n"))
	}
	_, err = io.WriteString(out, text)
	return err
}
