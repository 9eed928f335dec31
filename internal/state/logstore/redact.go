package logstore

import (
	"bytes"
	"errors"
	"io"
	"os"
	"slices"
	"time"
)

// redacted stands where a secret was.
const redacted = "***"

// Redact replaces secrets in a text that does not go through a log, e.g. an error. The end of one that was cut may be
// the beginning of a secret, and goes too.
func Redact(text string, secrets [][]byte, cut bool) string {
	r := redactor{secrets: cleanSecrets(secrets)}
	return string(r.next([]byte(text), !cut))
}

// redactor replaces secrets in a stream of bytes that comes in chunks. It knows nothing of lines: that a secret has no
// newline is enough for it to hold nothing back of a line that is complete.
//
// Occurrences that overlap, of one secret or of several, become one ***, so that no part of any is left.
type redactor struct {
	secrets [][]byte
	// hold is how many bytes at the end of the last chunk may be the beginning of a secret. The caller puts them in
	// front of the next chunk.
	hold int
	// covered is how many of those belong to an occurrence that was replaced already.
	covered int

	spans []span
	out   []byte
}

type span struct{ from, to int }

// next returns what may go on, redacted, valid until the next call: a part of raw itself when there was nothing to
// replace. At the end of the stream nothing is held back.
func (r *redactor) next(raw []byte, end bool) []byte {
	hold := 0
	if !end {
		hold = r.suffix(raw)
	}
	covered := r.covered
	r.hold, r.covered = hold, 0
	limit := len(raw) - hold
	r.find(raw)
	if len(r.spans) == 0 && covered == 0 {
		return raw[:limit]
	}

	out, done := r.out[:0], covered // raw[:done] is in out, or stood for by a *** in it or before it
	for _, s := range r.spans {
		if s.from >= limit {
			break // all of it comes again
		}
		if s.from >= done {
			out = append(out, raw[done:s.from]...)
			out = append(out, redacted...)
		}
		done = max(done, s.to)
	}
	if done < limit {
		out = append(out, raw[done:limit]...)
	}
	r.covered = max(0, done-limit)
	r.out = out
	return out
}

// find sets spans to the occurrences of all secrets in order of where they begin.
func (r *redactor) find(raw []byte) {
	r.spans = r.spans[:0]
	for _, secret := range r.secrets {
		for at := 0; ; {
			i := bytes.Index(raw[at:], secret)
			if i < 0 {
				break
			}
			r.spans = append(r.spans, span{at + i, at + i + len(secret)})
			at += i + 1
		}
	}
	if len(r.spans) > 1 {
		slices.SortFunc(r.spans, func(a, b span) int { return a.from - b.from })
	}
}

// suffix is the length of the longest end of raw with which a secret begins.
func (r *redactor) suffix(raw []byte) int {
	longest := 0
	if len(raw) == 0 {
		return 0
	}
	last := raw[len(raw)-1]
	for _, secret := range r.secrets {
		for n := min(len(secret)-1, len(raw)); n > longest; n-- {
			if secret[n-1] == last && bytes.HasSuffix(raw, secret[:n]) {
				longest = n
			}
		}
	}
	return longest
}

// cleanSecrets returns what is to be searched for. A secret should hold no newline; of one that does (a key file) every
// line is a secret by itself, but for lines too short to be told from ordinary text, like a brace.
func cleanSecrets(secrets [][]byte) [][]byte {
	const shortest = 4
	var clean [][]byte
	for _, secret := range secrets {
		lines := bytes.Split(bytes.Trim(secret, "\r\n"), []byte("\n"))
		for _, line := range lines {
			line = bytes.TrimSuffix(line, []byte("\r"))
			if len(line) > 0 && (len(lines) == 1 || len(bytes.TrimSpace(line)) >= shortest) {
				clean = append(clean, bytes.Clone(line))
			}
		}
	}
	return clean
}

// CopyRedacted copies a stream as it comes, without the secrets.
func CopyRedacted(to io.Writer, from io.Reader, secrets [][]byte) error {
	return copyRedacted(to, from, secrets, func(bool) {})
}

// typing is how soon who types sees the letters.
const typing = 50 * time.Millisecond

// CopyTyped is CopyRedacted for a terminal: what may be the beginning of a secret waits for no longer than somebody who types can.
func CopyTyped(to io.Writer, from *os.File, secrets [][]byte) error {
	return copyRedacted(to, from, secrets, func(held bool) {
		var end time.Time
		if held {
			end = time.Now().Add(typing)
		}
		_ = from.SetReadDeadline(end)
	})
}

// copyRedacted calls before ahead of each read; a read that comes to no end in time ends the wait for the rest of a secret.
func copyRedacted(to io.Writer, from io.Reader, secrets [][]byte, before func(held bool)) error {
	r, longest := redactor{secrets: cleanSecrets(secrets)}, 0
	for _, secret := range r.secrets {
		longest = max(longest, len(secret))
	}
	buf, held := make([]byte, longest+readSize), 0
	for {
		before(held > 0)
		n, err := from.Read(buf[held : held+readSize])
		raw := buf[:held+n]
		if _, writeErr := to.Write(r.next(raw, err != nil)); writeErr != nil {
			return writeErr
		}
		switch {
		case err == io.EOF:
			return nil
		case err != nil && !errors.Is(err, os.ErrDeadlineExceeded):
			return err
		}
		held = copy(buf, raw[len(raw)-r.hold:])
	}
}
