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

// AppendJSON appends an entry as one line of JSON. A JSON string is text: bytes that are not valid UTF-8 become U+FFFD,
// as always with encoding/json. Who needs them reads Text.
func AppendJSON(b []byte, e *Entry) []byte {
	out := bytes.NewBuffer(b)
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false) // <, > and & stay readable; the output is no part of a web page
	// Encode fails on types that JSON does not have and on times after the year 9999; an Entry holds neither.
	_ = enc.Encode(struct {
		Time    string `json:"time"`
		Service string `json:"service"`
		Stream  Stream `json:"stream"`
		Text    string `json:"text"`
	}{e.Time.UTC().Format(time.RFC3339Nano), e.Service, e.Stream, string(e.Text)})
	return out.Bytes()
}
