package logstore

import (
	"bytes"
	"encoding/json"
	"time"
)

// Text renders entries for people: a line each.
type Text struct {
	Timestamps bool // begin with the time, as RFC 3339 with nanoseconds
	// Width aligns the names of services, which begin the line when it is not 0: see Width.
	Width int
}

// Width is the width that aligns these names.
func Width(services ...string) int {
	width := 0
	for _, s := range services {
		width = max(width, len(s))
	}
	return width
}

// Append appends an entry as `service | time text`. The text is as the service wrote it, with its colours and with
// bytes that are no text.
func (t Text) Append(b []byte, e *Entry) []byte {
	if t.Width > 0 {
		b = append(b, e.Service...)
		for n := len(e.Service); n < t.Width; n++ {
			b = append(b, ' ')
		}
		b = append(b, " | "...)
	}
	if t.Timestamps {
		b = e.Time.UTC().AppendFormat(b, time.RFC3339Nano)
		b = append(b, ' ')
	}
	b = append(b, e.Text...)
	return append(b, '\n')
}

// Line is an entry as JSON: the same in what the CLI prints, in the API's answers and in its stream. A JSON string is
// text: bytes that are not valid UTF-8 become U+FFFD, as always with encoding/json. Who needs them reads Text.
type Line struct {
	Time    time.Time `json:"time"`
	Service string    `json:"service"`
	Stream  Stream    `json:"stream"`
	Text    string    `json:"text"`
	Partial bool      `json:"partial,omitempty"` // the line goes on, as with Entry
	Cut     int       `json:"cut,omitempty"`     // so many bytes of the text are left out at its end
}

// Line is the entry with no more than so many bytes of its text.
func (e *Entry) Line(most int) Line {
	kept := e.Text[:min(len(e.Text), most)]
	return Line{e.Time.UTC(), e.Service, e.Stream, string(kept), e.Partial, len(e.Text) - len(kept)}
}

// AppendJSON appends an entry as one line of JSON, with all of its text.
func AppendJSON(b []byte, e *Entry) []byte {
	out := bytes.NewBuffer(b)
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false) // <, > and & stay readable; the output is no part of a web page
	// Encode fails on types that JSON does not have and on times after the year 9999; an Entry holds neither.
	_ = enc.Encode(e.Line(len(e.Text)))
	return out.Bytes()
}
