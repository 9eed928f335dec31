package render

import (
	"dagger/stack/internal/control"
	"dagger/stack/internal/state/logstore"
)

// Lines is how log lines of these services are appended to a text. Where a request is about all services, each line has
// its service's name.
func Lines(r control.LogsRequest, services []string) func([]byte, *logstore.Entry) []byte {
	if r.Format == "json" {
		return logstore.AppendJSON
	}
	text := logstore.Text{Timestamps: r.Timestamps}
	if r.Service == "" {
		text.Width = logstore.Width(services...)
	}
	return text.Append
}
