package logstore

import "bytes"

// own tells the lines of a service from the agent's: one that begins as the agent's do gets a blank before it, so that no service can say
// something in the agent's name.
type own struct {
	inside bool // of a line
}

var notePrefix = []byte(NotePrefix)

// mark is the next text of a service. The end of a text that may go on as a line of the agent's is marked, too.
func (o *own) mark(text []byte) []byte {
	if len(text) == 0 {
		return text
	}
	inside := o.inside
	o.inside = text[len(text)-1] != '\n'
	last := text[bytes.LastIndexByte(text, '\n')+1:]
	if !bytes.Contains(text, notePrefix) && (len(last) == 0 || !bytes.HasPrefix(notePrefix, last)) {
		return text
	}
	marked := make([]byte, 0, len(text)+8)
	for line := range bytes.Lines(text) {
		if !inside && (bytes.HasPrefix(line, notePrefix) || bytes.HasPrefix(notePrefix, line)) {
			marked = append(marked, ' ')
		}
		marked = append(marked, line...)
		inside = false
	}
	return marked
}
