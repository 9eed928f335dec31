package client

import (
	"bufio"
	"context"
	"io"
	"regexp"
	"strings"
	"time"

	"dagger/stack/internal/state/logstore"
)

// TailMax bounds how many lines one call returns.
const TailMax = 10000

// LogsRequest says which lines to print and how.
type LogsRequest struct {
	Service    string // empty: all, in order of time, each line with its service's name
	Tail       int
	Since      string // a duration before now, or a time in RFC 3339
	Until      string
	Grep       string // RE2
	Stream     string // stdout, stderr or both if empty
	Timestamps bool
	Format     string // text or json
	Follow     bool
}

// Logs prints log lines.
func (c Client) Logs(ctx context.Context, out io.Writer, r LogsRequest) error {
	query, err := r.query(time.Now())
	if err != nil {
		return err
	}
	render, err := r.renderer()
	if err != nil {
		return err
	}
	sources, err := c.Sources(r.Service)
	if err != nil {
		return err
	}
	if r.Service == "" {
		var names []string
		for _, source := range sources {
			names = append(names, source.Service)
		}
		render.text.Width = logstore.Width(names...)
	}
	if r.Follow {
		return c.follow(ctx, out, sources, query, render)
	}
	entries, err := logstore.TailAll(sources, query)
	if err != nil {
		return err
	}
	buffered := bufio.NewWriter(out)
	var line []byte
	for i := range entries {
		line = render.append(line[:0], &entries[i])
		buffered.Write(line)
	}
	return buffered.Flush()
}

// Sources are the logs of one service, or of all of them if name is empty.
func (c Client) Sources(name string) ([]logstore.Source, error) {
	chosen, err := c.choose(name)
	var sources []logstore.Source
	for _, service := range chosen {
		sources = append(sources, logstore.Source{Service: service.Name, Dir: service.Logs()})
	}
	return sources, err
}

// endPoll is how often a follower looks whether the stack still runs.
const endPoll = 500 * time.Millisecond

// follow prints lines as they come, until the context or the stack ends. A stack that has ended is only printed.
func (c Client) follow(ctx context.Context, out io.Writer, sources []logstore.Source, query logstore.Query, render renderer) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		for ctx.Err() == nil && c.anyAlive(sources) {
			time.Sleep(endPoll)
		}
		time.Sleep(endPoll) // for the last lines
		cancel()
	}()
	var line []byte
	return logstore.FollowAll(ctx, sources, query, func(entry logstore.Entry) error {
		line = render.append(line[:0], &entry)
		_, err := out.Write(line)
		return err
	})
}

func (c Client) anyAlive(sources []logstore.Source) bool {
	for _, source := range sources {
		if c.State.Service(source.Service).Alive() {
			return true
		}
	}
	return false
}

// renderer turns an entry into a line.
type renderer struct {
	json bool
	text logstore.Text
}

func (r renderer) append(b []byte, entry *logstore.Entry) []byte {
	if r.json {
		return logstore.AppendJSON(b, entry)
	}
	return r.text.Append(b, entry)
}

func (r LogsRequest) renderer() (renderer, error) {
	return renderer{json: r.Format == "json", text: logstore.Text{Timestamps: r.Timestamps}}, checkFormat(r.Format)
}

func (r LogsRequest) query(now time.Time) (query logstore.Query, err error) {
	if r.Tail < 1 || r.Tail > TailMax {
		return query, invalid("tail %d: want 1 to %d lines", r.Tail, TailMax)
	}
	query.Tail = r.Tail
	if query.Since, err = moment("since", r.Since, now); err != nil {
		return query, err
	}
	if query.Until, err = moment("until", r.Until, now); err != nil {
		return query, err
	}
	if !query.Since.IsZero() && !query.Until.IsZero() && query.Until.Before(query.Since) {
		return query, invalid("until %q is before since %q", r.Until, r.Since)
	}
	switch r.Stream {
	case "", string(logstore.Stdout), string(logstore.Stderr):
		query.Stream = logstore.Stream(r.Stream)
	default:
		return query, invalid("stream %q: want stdout or stderr", r.Stream)
	}
	if r.Grep != "" {
		if query.Grep, err = regexp.Compile(r.Grep); err != nil {
			return query, invalid("grep %q: %s: want an RE2 expression (golang.org/s/re2syntax)", r.Grep, strings.TrimPrefix(err.Error(), "error parsing regexp: "))
		}
	}
	return query, nil
}

// moment reads a point in time as people write it: how long ago, or RFC 3339.
func moment(what, text string, now time.Time) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if ago, err := time.ParseDuration(text); err == nil && ago >= 0 {
		return now.Add(-ago), nil
	}
	if at, err := time.Parse(time.RFC3339, text); err == nil {
		return at, nil
	}
	return time.Time{}, invalid("%s %q: want a duration such as 10m or 1h30m, or a time such as %s", what, text, now.UTC().Truncate(time.Second).Format(time.RFC3339))
}
