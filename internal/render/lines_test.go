package render

import (
	"testing"
	"time"

	"dagger/stack/internal/control"
	"dagger/stack/internal/state/logstore"
)

func TestLogLines(t *testing.T) {
	entry := logstore.Entry{Time: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), Service: "db", Stream: logstore.Stderr, Text: []byte("<ready>")}
	for want, r := range map[string]control.LogsRequest{
		"db      | <ready>\n": {},
		"<ready>\n":           {Service: "db", Format: "text"},
		"db      | 2026-01-02T03:04:05Z <ready>\n":                                                 {Timestamps: true},
		`{"time":"2026-01-02T03:04:05Z","service":"db","stream":"stderr","text":"<ready>"}` + "\n": {Format: "json"},
	} {
		if got := string(Lines(r, []string{"db", "backend"})(nil, &entry)); got != want {
			t.Errorf("%+v: %q", r, got)
		}
	}
}
