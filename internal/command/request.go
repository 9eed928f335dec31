package command

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"dagger/stack/internal/api"
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

// WaitRequest asks Wait.
type WaitRequest struct {
	Request
	client.WaitRequest
}

func (r WaitRequest) print(ctx context.Context, out io.Writer) error {
	return inSession(func(session string) error {
		waited, err := r.client().Wait(ctx, session, r.WaitRequest)
		if err != nil {
			return err
		}
		return json.NewEncoder(out).Encode(waited)
	})
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

// StatsRequest asks Stats.
type StatsRequest struct {
	Request
	client.StatsRequest
}

// LimitsRequest asks SetLimits.
type LimitsRequest struct {
	Request
	client.LimitsRequest
}

// HealthRequest asks Health.
type HealthRequest struct {
	Request
	client.HealthRequest
}

func (r Request) token(out io.Writer) error {
	token, err := stateIn(r.Folder).Secret(api.TokenName)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "%s\n", token)
	return err
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

// inSession does what is about the session that asks.
func inSession(do func(session string) error) error {
	session, err := ownSession()
	if err != nil {
		return err
	}
	return do(session)
}

func (r BeginRequest) begin(out io.Writer) error {
	return inSession(func(session string) error {
		r.Session = session
		return r.client().Begin(out, r.BeginRequest)
	})
}

func (r Request) here(out io.Writer) error {
	return inSession(func(session string) error {
		here, err := r.client().RunsIn(session)
		if err == nil {
			_, err = fmt.Fprintln(out, here)
		}
		return err
	})
}

func (r Request) contest() error { return inSession(r.client().Contest) }

func (r Request) giveUp() error { return inSession(stateIn(r.Folder).GiveUp) }

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

// SourcesRequest asks Sources.
type SourcesRequest struct {
	Request
	Service string // empty: all
}

func (r SourcesRequest) print(out io.Writer) error {
	sources, err := r.client().Editable(r.Service)
	if err != nil {
		return err
	}
	return json.NewEncoder(out).Encode(sources)
}

// SyncRequest asks Sync.
type SyncRequest struct {
	Request
	client.SyncRequest
}
