package api

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"dagger/stack/internal/control"
	"dagger/stack/internal/render"
	"dagger/stack/internal/state/logstore"
)

type ofService struct {
	Service string `json:"service,omitempty" jsonschema:"name of a service; all, unless given"`
}

type logsInput struct {
	Service string `json:"service,omitempty" jsonschema:"name of a service; all in order of time, unless given"`
	Tail    int    `json:"tail,omitempty" jsonschema:"how many lines, the last ones: 1 to 1000, 100 unless given"`
	Grep    string `json:"grep,omitempty" jsonschema:"only lines that match this regular expression (RE2)"`
	Since   string `json:"since,omitempty" jsonschema:"only lines since then: a duration such as 10m, or a time in RFC 3339"`
	Until   string `json:"until,omitempty" jsonschema:"only lines until then"`
	Stream  string `json:"stream,omitempty" jsonschema:"stdout or stderr; both, unless given"`
}

// toolTailMax is how many lines or events an answer has at most.
const toolTailMax = 1000

// addReading adds the tools that change nothing.
func (s *Server) addReading(server *mcp.Server) {
	tool(s, server, mcp.Tool{Name: "services", Annotations: reading, Description: "Every service with its health and why, ports, restarts, limits and use of memory and CPU"}, s.toolServices)
	tool(s, server, mcp.Tool{Name: "logs", Annotations: reading, Description: "The last lines that a service, or all, have printed; passwords are ***"}, s.toolLogs)
	tool(s, server, mcp.Tool{Name: "events", Annotations: reading, Description: "What has happened to the services: start, die, oom, restart, health_status"}, s.toolEvents)
	tool(s, server, mcp.Tool{Name: "config", Annotations: reading, Description: "The stack as it was understood: images or builds, commands, environment, ports, dependencies, health checks, volumes, limits, notes"}, s.toolConfig)
	tool(s, server, mcp.Tool{Name: "snapshots", Annotations: reading, Description: "The snapshots of the databases"}, s.toolSnapshots)
}

func (s *Server) toolServices(_ context.Context, in ofService) (string, error) {
	found, err := s.Client.Report(in.Service)
	if err != nil && len(found.Services) == 0 {
		return "", err
	}
	text, err := json.MarshalIndent(viewReport(found), "", " ")
	return string(text), err
}

func (s *Server) toolLogs(ctx context.Context, in logsInput) (string, error) {
	tail, err := toolTail(in.Tail)
	if err != nil {
		return "", err
	}
	request := control.LogsRequest{Service: in.Service, Tail: tail, Grep: in.Grep, Since: in.Since, Until: in.Until, Stream: in.Stream, Timestamps: true}
	log, err := s.Client.Logs(request)
	if err != nil {
		return "", err
	}
	line := render.Lines(request, log.Services)
	return s.read(ctx, func(text *strings.Builder) error {
		var b []byte
		more, err := log.Each(ctx, func(entry *logstore.Entry) error {
			b = line(b[:0], entry)
			text.Write(b)
			return nil
		})
		if more {
			text.WriteString("earlier lines match, too\n")
		}
		return err
	}, "no line matches", "ask with grep, since, service or a smaller tail")
}

func (s *Server) toolEvents(ctx context.Context, in struct {
	Service string `json:"service,omitempty" jsonschema:"name of a service; all, unless given"`
	Tail    int    `json:"tail,omitempty" jsonschema:"how many events, the last ones: 1 to 1000, 100 unless given"`
	Since   string `json:"since,omitempty" jsonschema:"only events since then: a duration such as 10m, or a time in RFC 3339"`
}) (string, error) {
	tail, err := toolTail(in.Tail)
	if err != nil {
		return "", err
	}
	log, err := s.Client.Events(control.EventsRequest{Service: in.Service, Tail: tail, Since: in.Since})
	if err != nil {
		return "", err
	}
	return s.read(ctx, func(text *strings.Builder) error {
		_, err := log.Each(ctx, func(entry *logstore.Entry) error {
			if event, err := render.ReadEvent(entry); err == nil {
				fmt.Fprintln(text, event.Text())
			}
			return nil
		})
		return err
	}, "nothing has happened", "ask with since, service or a smaller tail")
}

// read makes an answer of what logs hold, one at a time.
func (s *Server) read(ctx context.Context, write func(*strings.Builder) error, nothing, advice string) (string, error) {
	select {
	case s.reads <- struct{}{}:
		defer func() { <-s.reads }()
	case <-ctx.Done():
		return "", ctx.Err()
	}
	var text strings.Builder
	if err := write(&text); err != nil {
		return "", err
	}
	if text.Len() == 0 {
		return nothing, nil
	}
	return end(text.String(), advice), nil
}

func toolTail(n int) (int, error) {
	if n == 0 {
		return defaultTail, nil
	}
	if n < 0 || n > toolTailMax {
		return 0, badRequest("tail %d: want 1 to %d", n, toolTailMax)
	}
	return n, nil
}

func (s *Server) toolConfig(_ context.Context, in ofService) (string, error) {
	var whole map[string]any
	if err := json.Unmarshal(s.Resolved, &whole); err != nil {
		return "", fmt.Errorf("the stack's description: %w", err)
	}
	services, _ := whole["services"].([]any)
	var names []string
	named := func(service any) string {
		fields, _ := service.(map[string]any)
		name, _ := fields["name"].(string)
		return name
	}
	for _, service := range services {
		names = append(names, named(service))
	}
	if in.Service != "" && !slices.Contains(names, in.Service) {
		return "", badRequest("service %q is not part of the stack: want one of %s", in.Service, strings.Join(names, ", "))
	}
	if in.Service != "" {
		whole["services"] = slices.DeleteFunc(services, func(service any) bool { return named(service) != in.Service })
	}
	text, err := json.MarshalIndent(whole, "", " ")
	if err == nil && len(text) > toolTextMax {
		return "", badRequest("the description of the whole stack is too long for an answer: ask for one service: %s", strings.Join(names, ", "))
	}
	return string(text), err
}

func (s *Server) toolSnapshots(ctx context.Context, _ struct{}) (string, error) {
	all, err := s.Client.Snapshots(ctx, control.SnapshotsRequest{})
	if err != nil {
		return "", err
	}
	return render.Snapshots(all, "", time.Now())
}
