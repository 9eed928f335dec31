package protocol

// EventsRequest says which events are asked for.
type EventsRequest struct {
	Service string // empty: all, in order of time
	Tail    int
	Since   string // a duration before now, or a time in RFC 3339
	Until   string
	Format  string // text or json
	Follow  bool
}
