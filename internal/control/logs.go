package control

import (
	"context"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"dagger/stack/internal/state/logstore"
)

// AllLines is the tail that is the whole log.
const AllLines = -1

// ParseTail reads a number of lines, or all. Whether there may be so many is for who reads them to say.
func ParseTail(text string) (int, error) {
	if text == "all" {
		return AllLines, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n == AllLines {
		return 0, invalid("tail %q: want a number of lines, or all", text)
	}
	return n, nil
}

// LogsRequest says which lines to print and how.
type LogsRequest struct {
	Service    string // empty: all, in order of time, each line with its service's name
	Tail       int    // the last so many; AllLines: all
	Since      string // a duration before now, or a time in RFC 3339
	Until      string
	Grep       string // RE2
	Stream     string // stdout, stderr or both if empty
	Timestamps bool
	Format     string // text or json
	Follow     bool
}

// EventsRequest says which events are asked for.
type EventsRequest struct {
	Service string // empty: all, in order of time
	Tail    int
	Since   string // a duration before now, or a time in RFC 3339
	Until   string
	Format  string // text or json
	Follow  bool
}

// TailMax bounds how many lines one call returns.
const TailMax = 10000

// Log is what a request for log lines is about.
type Log struct {
	Services []string // whose lines they are
	client   Client
	sources  []logstore.Source
	query    logstore.Query
	follow   bool
}

// Logs finds the lines that are asked for; Each reads them.
func (c Client) Logs(r LogsRequest) (Log, error) {
	query, err := logQuery(r, time.Now())
	if err != nil {
		return Log{}, err
	}
	sources, err := c.Sources(r.Service)
	return c.log(sources, query, r.Follow), err
}

// Events finds the events that are asked for, as entries of logs.
func (c Client) Events(r EventsRequest) (Log, error) {
	if r.Tail < 1 || r.Tail > TailMax {
		return Log{}, invalid("tail %d: want 1 to %d events", r.Tail, TailMax)
	}
	query, err := logQuery(LogsRequest{Tail: r.Tail, Since: r.Since, Until: r.Until, Format: r.Format}, time.Now())
	if err != nil {
		return Log{}, err
	}
	sources, err := c.EventSources(r.Service)
	return c.log(sources, query, r.Follow), err
}

func (c Client) log(sources []logstore.Source, query logstore.Query, follow bool) Log {
	log := Log{client: c, sources: sources, query: query, follow: follow}
	for _, source := range sources {
		log.Services = append(log.Services, source.Service)
	}
	return log
}

// Each hands on the lines, one after the other; those to come too, if they are followed. more: there are earlier ones that match.
func (l Log) Each(ctx context.Context, do func(*logstore.Entry) error) (more bool, err error) {
	if l.follow {
		return false, l.client.follow(ctx, l.sources, l.query, do)
	}
	query := l.query
	if query.Tail > 0 {
		query.Tail++ // whether there is one more
	}
	entries, err := logstore.TailAll(l.sources, query)
	if more = l.query.Tail > 0 && len(entries) > l.query.Tail; more {
		entries = entries[1:]
	}
	for i := range entries {
		if err = do(&entries[i]); err != nil {
			break
		}
	}
	return more, err
}

// Sources are the logs of one service, or of all of them if name is empty.
func (c Client) Sources(name string) ([]logstore.Source, error) {
	chosen, err := c.choose(name)
	var sources []logstore.Source
	for _, name := range chosen {
		sources = append(sources, logstore.Source{Service: name, Dir: c.State.Service(name).Logs()})
	}
	return sources, err
}

// EventSources are the logs of events.
func (c Client) EventSources(name string) ([]logstore.Source, error) {
	sources, err := c.Sources(name)
	for i, source := range sources {
		sources[i].Dir = c.State.Service(source.Service).Events()
	}
	return sources, err
}

// endPoll is how often a follower looks whether the stack still runs.
const endPoll = 500 * time.Millisecond

// follow hands on lines as they come, until the context or the stack ends. Of a stack that has ended it has only those
// that are there.
func (c Client) follow(ctx context.Context, sources []logstore.Source, query logstore.Query, do func(*logstore.Entry) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	alive := func(source logstore.Source) bool { return c.State.Service(source.Service).Alive() }
	go func() {
		for ctx.Err() == nil && slices.ContainsFunc(sources, alive) {
			time.Sleep(endPoll)
		}
		time.Sleep(endPoll) // for the last lines
		cancel()
	}()
	return logstore.FollowAll(ctx, sources, query, func(entry logstore.Entry) error { return do(&entry) })
}

func logQuery(r LogsRequest, now time.Time) (query logstore.Query, err error) {
	switch {
	case r.Tail == AllLines:
	case r.Tail < 1 || r.Tail > TailMax:
		return query, invalid("tail %d: want 1 to %d lines, or all", r.Tail, TailMax)
	default:
		query.Tail = r.Tail
	}
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
	return query, CheckFormat(r.Format)
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
