// Package alert tells a webhook what goes wrong with the services of a stack, and when it is over.
package alert

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/cenkalti/backoff/v5"

	"dagger/stack/internal/control"
	"dagger/stack/internal/render"
	"dagger/stack/internal/spec"
	"dagger/stack/internal/state"
)

// Kind is what has happened.
type Kind string

const (
	Unhealthy Kind = "unhealthy" // a service that was healthy is not any more
	Restarted Kind = "restarted" // its process was started anew
	OOM       Kind = "oom"       // a process of it was killed for its limit of memory
	Recovered Kind = "recovered" // it is healthy again
)

// Alert is the body of a request, as JSON. Text is what Slack, Mattermost and their like show of it.
type Alert struct {
	Text    string    `json:"text"`
	Stack   string    `json:"stack"`
	Service string    `json:"service"`
	Event   Kind      `json:"event"`
	Detail  string    `json:"detail"`
	Time    time.Time `json:"time"`
}

// Watch compares what one service's agent says with what was said before. The zero value has heard nothing yet.
type Watch struct {
	last control.ServiceReport
	bad  bool // an alert was sent, and not that it is over
}

// See takes in a report of the service, and returns what of it is an alert.
func (w *Watch) See(now control.ServiceReport) (kinds []Kind) {
	if !now.Running || now.Mode == spec.ModeJob {
		return nil // it has not begun, or the stack ends; a job is there to end
	}
	last := w.last
	w.last = now
	if last.Instance != now.Instance { // the first, of this container
		w.bad = false
		return nil
	}
	if ooms(now) > ooms(last) {
		kinds = append(kinds, OOM)
	}
	if now.Restarts > last.Restarts {
		kinds = append(kinds, Restarted)
	}
	if now.Health == state.Unhealthy && last.Health != state.Unhealthy {
		kinds = append(kinds, Unhealthy)
	}
	w.bad = w.bad || len(kinds) > 0
	if w.bad && now.Outcome() == state.Ready {
		kinds, w.bad = append(kinds, Recovered), false
	}
	return kinds
}

func ooms(s control.ServiceReport) int64 {
	if s.Usage == nil {
		return 0
	}
	return s.Usage.OOMKills
}

// every is how often the services are looked at: the agents' heartbeat.
const every = state.Heartbeat

// Run sends alerts until the context ends. A webhook that does not answer is told of, and does not hold up the stack.
func Run(ctx context.Context, url string, report func() (control.Report, error), say func(string)) error {
	watches := map[string]*Watch{}
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
		found, err := report()
		if err != nil {
			continue // nothing runs yet, or any more
		}
		for _, service := range found.Services {
			if watches[service.Service] == nil {
				watches[service.Service] = &Watch{}
			}
			for _, kind := range watches[service.Service].See(service) {
				if err := send(ctx, url, newAlert(found, service, kind)); err != nil && ctx.Err() == nil {
					say(fmt.Sprintf("--webhook: %s of %s was not told: %v", kind, service.Service, err))
				}
			}
		}
	}
}

func newAlert(found control.Report, service control.ServiceReport, kind Kind) Alert {
	alert := Alert{Stack: found.Stack, Service: service.Service, Event: kind, Detail: render.Detail(service, found.Time), Time: found.Time}
	alert.Text = fmt.Sprintf("%s: %s %s", alert.Stack, alert.Service, map[Kind]string{
		Unhealthy: "is unhealthy", Restarted: "was restarted", OOM: "ran out of memory", Recovered: "is healthy again",
	}[kind])
	if alert.Detail != "" {
		alert.Text += ": " + alert.Detail
	}
	return alert
}

const (
	sendTries   = 3
	sendTimeout = 5 * time.Second // for each try
	answerMax   = 200             // bytes of an answer that an error quotes
)

// send posts an alert.
func send(ctx context.Context, url string, alert Alert) error {
	body, err := json.Marshal(alert)
	if err != nil {
		return err
	}
	_, err = backoff.Retry(ctx, func() (struct{}, error) { return struct{}{}, post(ctx, url, body) }, backoff.WithMaxTries(sendTries))
	return err
}

func post(ctx context.Context, url string, body []byte) error {
	ctx, cancel := context.WithTimeout(ctx, sendTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return backoff.Permanent(err)
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return errors.Unwrap(err) // the whole quotes the URL, which may be a secret
	}
	defer response.Body.Close()
	if response.StatusCode < 300 {
		return nil
	}
	said, _ := io.ReadAll(io.LimitReader(response.Body, answerMax))
	return fmt.Errorf("%s: %s", response.Status, said)
}

// Check refuses what cannot be the address of a webhook.
func Check(address string) error {
	if address == "" {
		return nil
	}
	at, err := url.Parse(address)
	if err != nil || at.Scheme != "http" && at.Scheme != "https" || at.Host == "" {
		return errors.New("--webhook: want the URL of a server that takes a POST, such as https://hooks.example.com/stack")
	}
	return nil
}
