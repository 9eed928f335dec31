package compose

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"
)

// place is a line of a file.
type place struct {
	file string
	line int
}

func (p place) String() string {
	if p.line == 0 {
		return p.file
	}
	return fmt.Sprintf("%s:%d", p.file, p.line)
}

// document is one document of a YAML file.
type document struct {
	file string
	root *yaml.Node
}

// index knows where each element is written: the library does not say.
type index struct {
	documents []document // of the files and of what they include, in the order in which they count; the last one wins
	parsed    map[string][]document
	extends   map[*yaml.Node]string // the file that the "extends" of a service names, where it names one
}

func newIndex() *index {
	return &index{parsed: map[string][]document{}, extends: map[*yaml.Node]string{}}
}

// definition is one of the places where a thing is defined.
type definition struct {
	file string
	key  *yaml.Node
	node *yaml.Node
}

// find is the line of an element, or of what of the element there is. exact says that all of it is there.
func (x *index) find(e element) (at place, exact bool) {
	best := -1
	for _, d := range x.definitions(e) {
		rest := e
		if len(e) >= 2 {
			rest = e[2:]
		} else if len(e) == 1 {
			rest = e[1:]
		}
		line, found := descend(d.node, rest)
		if line == 0 {
			line = d.key.Line
		}
		if found > best {
			best, at, exact = found, place{d.file, line}, found == len(rest)
		}
	}
	if best < 0 && len(e) > 1 {
		at, _ = x.find(e[:1])
	}
	if at.file == "" && len(x.documents) > 0 {
		at.file = x.documents[0].file
	}
	return at, exact
}

// text is the text of an element that is one, as it is written; "" if there is none.
func (x *index) text(e element) string {
	for _, d := range x.definitions(e) {
		if node := deref(d.node); len(e) < 3 && node.Kind == yaml.ScalarNode {
			return node.Value
		}
	}
	return ""
}

// definitions are the places of a section's entry, the one that wins first; of a section, if the element is no more than that.
func (x *index) definitions(e element) (found []definition) {
	for _, document := range slices.Backward(x.documents) {
		section := definition{document.file, document.root, document.root}
		for _, name := range e[:min(2, len(e))] {
			if section.key, section.node = child(section.node, name); section.node == nil {
				break
			}
		}
		if section.node == nil {
			continue
		}
		found = append(found, section)
		if len(e) > 1 && e[0] == "services" {
			found = append(found, x.extended(section, 0)...)
		}
	}
	return found
}

// maxExtends ends a circle, which the library refuses with better words.
const maxExtends = 20

// extended are the services that one extends, the next one first.
func (x *index) extended(of definition, round int) []definition {
	_, extends := child(of.node, "extends")
	if extends == nil || round > maxExtends {
		return nil
	}
	name := extends.Value
	if extends.Kind == yaml.MappingNode {
		_, service := child(extends, "service")
		if service == nil {
			return nil
		}
		name = service.Value
	}
	file := of.file
	if other := x.extends[deref(of.node)]; other != "" {
		file = other
	}
	for _, document := range x.parsed[file] {
		_, services := child(document.root, "services")
		if key, node := child(services, name); node != nil {
			base := definition{file, key, node}
			return append([]definition{base}, x.extended(base, round+1)...)
		}
	}
	return nil
}

// descend follows the keys as far as they are there: the line of the last one, and how many there are.
func descend(node *yaml.Node, keys []string) (line, found int) {
	for i, name := range keys {
		var key *yaml.Node
		if key, node = child(node, name); node == nil {
			return line, i
		}
		line = key.Line
	}
	return line, len(keys)
}

// child is an entry of a mapping with its key, also through aliases and merge keys, or the entry of a list that has a word in it.
func child(node *yaml.Node, name string) (key, value *yaml.Node) {
	node = deref(node)
	if node == nil {
		return nil, nil
	}
	word, isItem := strings.CutPrefix(name, "[")
	switch node.Kind {
	case yaml.MappingNode:
		return entry(node, strings.TrimPrefix(name, "["))
	case yaml.SequenceNode:
		if n, err := strconv.Atoi(name); err == nil && n < len(node.Content) {
			return node.Content[n], node.Content[n]
		}
		if !isItem {
			return nil, nil
		}
		for _, matches := range []func(text string) bool{
			func(text string) bool { return text == word },
			func(text string) bool { return strings.HasPrefix(text, word+"=") || strings.HasPrefix(text, word+":") },
			func(text string) bool { return strings.Contains(text, word) },
		} {
			for _, candidate := range node.Content {
				if has(candidate, matches) {
					return candidate, candidate
				}
			}
		}
	case yaml.ScalarNode:
		if isItem {
			return node, node // a list of one
		}
	}
	return nil, nil
}

// entry is one of a mapping. Its own keys count before those that a merge key brings.
func entry(node *yaml.Node, name string) (key, value *yaml.Node) {
	for i := 0; i+1 < len(node.Content); i += 2 {
		if node.Content[i].Value == name {
			return node.Content[i], node.Content[i+1]
		}
	}
	for i := 0; i+1 < len(node.Content); i += 2 {
		if node.Content[i].Value != "<<" {
			continue
		}
		merged := []*yaml.Node{node.Content[i+1]}
		if list := deref(merged[0]); list != nil && list.Kind == yaml.SequenceNode {
			merged = list.Content
		}
		for _, from := range merged {
			if from = deref(from); from != nil && from.Kind == yaml.MappingNode {
				if key, value := entry(from, name); value != nil {
					return key, value
				}
			}
		}
	}
	return nil, nil
}

// has tells whether some text in the node matches.
func has(node *yaml.Node, matches func(string) bool) bool {
	node = deref(node)
	if node == nil {
		return false
	}
	if node.Kind == yaml.ScalarNode {
		return matches(node.Value)
	}
	return slices.ContainsFunc(node.Content, func(inner *yaml.Node) bool { return inner.Kind != yaml.AliasNode && has(inner, matches) })
}

func deref(node *yaml.Node) *yaml.Node {
	if node != nil && node.Kind == yaml.AliasNode {
		return node.Alias
	}
	return node
}

// holding is the first line with one of the texts, in any of the files that were read.
func (x *index) holding(texts []string) place {
	return x.first(func(text string) bool { return slices.Contains(texts, text) })
}

// first is the first line with a text that matches, in any of the files that were read.
func (x *index) first(matches func(text string) bool) (at place) {
	for _, documents := range x.parsed {
		for _, document := range documents {
			if line := lineOf(document.root, matches); line != 0 && (at.file == "" || less(document.file, line, at)) {
				at = place{document.file, line}
			}
		}
	}
	return at
}

func less(file string, line int, than place) bool {
	return file < than.file || file == than.file && line < than.line
}

func lineOf(node *yaml.Node, matches func(text string) bool) int {
	if node.Kind == yaml.ScalarNode && matches(node.Value) {
		return node.Line
	}
	for _, inner := range node.Content {
		if line := lineOf(inner, matches); line != 0 {
			return line
		}
	}
	return 0
}
