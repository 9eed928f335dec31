package agent

import (
	"bytes"
	"encoding/json"
	"strconv"

	"dagger/stack/internal/state"
	"dagger/stack/internal/state/logstore"
)

// Some thousand events are kept.
const (
	eventsSize = 256 << 10
	eventsKept = 2
)

func (a *agent) openEvents() (err error) {
	a.events, err = logstore.Open(a.folder.Events(), logstore.Options{SegmentSize: eventsSize, SegmentsKept: eventsKept, Secrets: a.secrets})
	return err
}

// happened notes an event. attributes are names and values.
func (a *agent) happened(action string, attributes ...string) {
	event := state.Event{Action: action}
	for i := 0; i+1 < len(attributes); i += 2 {
		if event.Attributes == nil {
			event.Attributes = map[string]string{}
		}
		event.Attributes[attributes[i]] = attributes[i+1]
	}
	var line bytes.Buffer
	encoder := json.NewEncoder(&line)
	encoder.SetEscapeHTML(false) // secrets are found as they are
	if encoder.Encode(event) == nil {
		_ = a.events.Copy(logstore.Stdout, &line)
	}
}

func (a *agent) died(exit state.Exit) {
	attributes := []string{"exitCode", strconv.Itoa(exit.Code)}
	if exit.Signal != "" {
		attributes = append(attributes, "signal", exit.Signal)
	}
	a.happened(state.EventDie, attributes...)
}
