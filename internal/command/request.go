package command

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"

	"dagger/stack/internal/client"
	"dagger/stack/internal/layout"
	"dagger/stack/internal/state"
)

// Request is what every request from a Dagger function has.
type Request struct {
	Stack  string
	Folder string // of the state volume; empty: all of it is the stack's
}

func (r Request) client() client.Client {
	return client.Client{Name: r.Stack, State: stateIn(r.Folder)}
}

func stateIn(folder string) state.Stack { return state.At(filepath.Join(layout.State, folder)) }

// BeginRequest asks Begin.
type BeginRequest struct {
	Request
	client.BeginRequest
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

// contest is about the session that asks.
func (r Request) contest() error {
	session, err := ownSession()
	if err != nil {
		return err
	}
	return r.client().Contest(session)
}

// forget removes what a stack without a volume of its own has left.
func (r Request) forget() error {
	if r.Folder == "" {
		return errors.New("the stack has a volume of its own")
	}
	return os.RemoveAll(stateIn(r.Folder).Root())
}

func (r Request) report(out io.Writer) error {
	report, err := r.client().Report("")
	if err != nil {
		return err
	}
	return json.NewEncoder(out).Encode(report)
}
