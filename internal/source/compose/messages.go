package compose

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// element is the place of a value in the files: keys, and of lists a word that the entry contains, with a "[" before the word.
type element []string

// item is an entry of a list, known by a word in it.
func item(word string) string { return "[" + word }

// String is the element as a user would write it; entries of lists are not named, the line says which.
func (e element) String() string {
	var keys []string
	for _, key := range e {
		if !strings.HasPrefix(key, "[") {
			keys = append(keys, key)
		}
	}
	return strings.Join(keys, ".")
}

// message is a sentence about an element.
type message struct {
	at      place
	element string
	text    string
}

func (m message) String() string {
	text := m.text
	if m.element != "" {
		text = m.element + ": " + text
	}
	if m.at.file == "" {
		return text
	}
	return m.at.String() + ": " + text
}

// key is the element without the name of its service, network or volume.
func (m message) key() string {
	keys := strings.SplitN(m.element, ".", 3)
	if len(keys) < 3 {
		return m.element
	}
	return keys[0] + "." + keys[2]
}

// messages are what was found out about the files: notes, and errors, which the project cannot be had with.
type messages struct {
	noted, refused []message
}

// note says that an element means something else here than with docker compose, or nothing.
func (r *reader) note(e element, format string, args ...any) {
	at, _ := r.index.find(e)
	r.messages.noted = append(r.messages.noted, message{at, e.String(), fmt.Sprintf(format, args...)})
}

// refuse says that the project cannot be had with an element.
func (r *reader) refuse(e element, format string, args ...any) {
	at, _ := r.index.find(e)
	r.messages.refused = append(r.messages.refused, message{at, e.String(), fmt.Sprintf(format, args...)})
}

func (m messages) notes() []string { return sentences(m.noted) }

func (m messages) err() error {
	if len(m.refused) == 0 {
		return nil
	}
	return errors.New(strings.Join(sentences(m.refused), "\n"))
}

// sentences are messages in the order of the files, each once. What an anchor brings to many services is said once.
func sentences(list []message) (texts []string) {
	list = slices.Clone(list)
	slices.SortStableFunc(list, func(a, b message) int {
		return cmp.Or(strings.Compare(a.at.file, b.at.file), cmp.Compare(a.at.line, b.at.line), strings.Compare(a.text, b.text),
			strings.Compare(a.key(), b.key()), strings.Compare(a.element, b.element))
	})
	list = slices.Compact(list)
	for i := 0; i < len(list); {
		m, more := list[i], 0
		for i++; i < len(list) && list[i].at == m.at && list[i].text == m.text && list[i].key() == m.key(); i++ {
			more++
		}
		if more > 0 {
			m.element += fmt.Sprintf(" and of %s", counted(more, "other service", "other services"))
		}
		texts = append(texts, m.String())
	}
	return texts
}

// counted is a number of things.
func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
