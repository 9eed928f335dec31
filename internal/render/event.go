package render

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"dagger/stack/internal/plain"
	"dagger/stack/internal/state"
	"dagger/stack/internal/state/logstore"
)

// Event is what has happened to a service, as JSON has it.
type Event struct {
	Time    time.Time `json:"time"`
	Service string    `json:"service"`
	state.Event
}

// ReadEvent reads an entry of a log of events.
func ReadEvent(entry *logstore.Entry) (Event, error) {
	event := Event{Time: entry.Time.UTC(), Service: entry.Service}
	return event, json.Unmarshal(entry.Text, &event.Event)
}

// Text is a line, as docker compose events has them.
func (e Event) Text() string {
	line := fmt.Sprintf("%s %s %s", e.Time.Format("2006-01-02T15:04:05.000Z07:00"), e.Service, plain.Line(e.Action))
	var attributes []string
	for _, name := range slices.Sorted(maps.Keys(e.Attributes)) {
		attributes = append(attributes, name+"="+plain.Line(e.Attributes[name]))
	}
	if len(attributes) > 0 {
		line += " (" + strings.Join(attributes, ", ") + ")"
	}
	return line
}
