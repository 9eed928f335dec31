package compose

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"

	"dagger/stack/internal/lazyregexp"

	"github.com/compose-spec/compose-go/v2/template"
	"github.com/compose-spec/compose-go/v2/types"
	"go.yaml.in/yaml/v4"
)

// follower reads compose files and what they refer to. Paths begin at dir, variables are those of env.
type follower struct {
	*reader
	dir  string
	env  types.Mapping
	seen []string // the files that include one another
}

// followFiles reads the project's files, and follows "include" and "extends" to others.
func (r *reader) followFiles() error {
	f := follower{r, r.dir(), r.env.Mapping, nil}
	for _, name := range r.files {
		if err := f.file(name); err != nil {
			return err
		}
	}
	// What is included counts less than what the project's own files say.
	own := func(d document) bool { return slices.Contains(r.files, d.file) }
	slices.SortStableFunc(r.index.documents, func(a, b document) int {
		switch {
		case own(a) == own(b):
			return 0
		case own(a):
			return 1
		}
		return -1
	})
	return nil
}

// file reads one file and what it includes and extends.
func (f follower) file(name string) error {
	f.seen = append(slices.Clone(f.seen), name)
	documents, err := f.parse(name)
	if err != nil {
		return err
	}
	for _, read := range documents {
		if !slices.ContainsFunc(f.index.documents, func(d document) bool { return d.root == read.root }) {
			f.index.documents = append(f.index.documents, read)
		}
		if err := f.includes(read); err != nil {
			return err
		}
		if err := f.extensions(read); err != nil {
			return err
		}
	}
	return nil
}

// parse reads a file, once.
func (r *reader) parse(name string) ([]document, error) {
	if documents, done := r.index.parsed[name]; done {
		return documents, nil
	}
	text, err := r.workspace.fetch(name)
	if err != nil {
		return nil, err
	}
	var documents []document
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	for {
		var node yaml.Node
		if err := decoder.Decode(&node); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, syntaxError(name, err)
		}
		if line := circle(&node, nil); line != 0 {
			return nil, fmt.Errorf("%s:%d: no YAML: an alias stands for something that it is part of itself", name, line)
		}
		if len(node.Content) == 1 {
			documents = append(documents, document{name, node.Content[0]})
		}
	}
	r.index.parsed[name] = documents
	return documents, nil
}

// circle is the line of an alias that is part of what it stands for; 0 if there is none.
func circle(node *yaml.Node, above []*yaml.Node) int {
	if node.Kind == yaml.AliasNode && slices.Contains(above, node.Alias) {
		return node.Line
	}
	above = append(above, node)
	for _, inner := range node.Content {
		if line := circle(inner, above); line != 0 {
			return line
		}
	}
	return 0
}

var yamlLine = lazyregexp.New(`^go-yaml load error in \w+ (?:\(.*\) )?at L(\d+)[^:]*: |^(?:yaml: )?line (\d+): |^(?:yaml: )?(?:construct errors: )?line \d+: line (\d+): `)

// syntaxError puts the line where it is looked for.
func syntaxError(name string, err error) error {
	text := strings.TrimPrefix(err.Error(), "yaml: ")
	if match := yamlLine.FindStringSubmatch(text); match != nil {
		return fmt.Errorf("%s:%s: no YAML: %s", name, match[1]+match[2]+match[3], text[len(match[0]):])
	}
	return fmt.Errorf("%s: no YAML: %s", name, text)
}

// offer brings a file of variables into the copy, or the example that the project has for the file.
func (r *reader) offer(name string) error {
	_, err := r.workspace.fetch(name)
	if err == nil {
		return nil
	}
	example := r.workspace.example(name)
	if example == "" {
		return err
	}
	text, err := r.workspace.fetch(example)
	if err != nil {
		return err
	}
	r.messages.noted = append(r.messages.noted, message{place{file: example}, "",
		"its values count, because " + name + " is missing: copy the file and change what is yours"})
	return r.workspace.write(name, text)
}

// extensions follows "extends" of all services to other files.
func (f follower) extensions(d document) error {
	_, services := child(d.root, "services")
	if services = deref(services); services == nil || services.Kind != yaml.MappingNode {
		return nil
	}
	for i := 1; i < len(services.Content); i += 2 {
		if err := f.extension(d.file, deref(services.Content[i]), 0); err != nil {
			return err
		}
	}
	return nil
}

// extension follows "extends" of one service.
func (f follower) extension(from string, service *yaml.Node, round int) error {
	key, extends := child(service, "extends")
	if extends = deref(extends); extends == nil || extends.Kind != yaml.MappingNode || round > maxExtends {
		return nil
	}
	files, err := f.texts(extends, "file")
	if err != nil || len(files) != 1 {
		return err
	}
	at := place{from, key.Line}
	name, err := f.local(files[0])
	if err != nil {
		return fmt.Errorf("%s: extends: %w", at, err)
	}
	if kind := f.workspace.kind(name); kind != file {
		return fmt.Errorf("%s: extends: %s %w: want a file of the project", at, name, kind.err())
	}
	f.index.extends[service] = name
	documents, err := f.parse(name)
	if err != nil {
		return err
	}
	f.dir = path.Dir(name)
	_, base := child(extends, "service")
	if base == nil {
		return nil
	}
	for _, document := range documents {
		_, services := child(document.root, "services")
		if _, node := child(services, base.Value); node != nil {
			if err := f.extension(name, deref(node), round+1); err != nil {
				return err
			}
		}
	}
	return nil
}

// texts are the values of a key that is a text or a list of them; of an entry that is a text, the text itself.
func (f follower) texts(node *yaml.Node, key string) (texts []string, err error) {
	if node.Kind == yaml.MappingNode {
		if _, node = child(node, key); node == nil {
			return nil, nil
		}
		node = deref(node)
	}
	nodes := []*yaml.Node{node}
	if node.Kind == yaml.SequenceNode {
		nodes = node.Content
	}
	for _, node := range nodes {
		text, err := template.Substitute(deref(node).Value, f.env.Resolve)
		if err != nil {
			return nil, err
		}
		texts = append(texts, text)
	}
	return texts, nil
}

var remote = lazyregexp.New(`^(https?|git|ssh|oci)://|^git@|^github\.com/`)

// local is the path of the project that a file means.
func (f follower) local(text string) (string, error) {
	if remote.MatchString(text) {
		return "", fmt.Errorf("%s: only files of the project can be had: copy the file into the project", text)
	}
	name := path.Join(f.dir, text)
	if path.IsAbs(text) {
		inside, ok := f.workspace.inside(text)
		if !ok {
			return "", fmt.Errorf("%s %w: copy the file into the project", text, errOutside)
		}
		name = inside
	}
	if strings.HasPrefix(name, "../") {
		return "", fmt.Errorf("%s %w: name the folder above with --project-path, and the compose file below it with --compose-file", text, errOutside)
	}
	return name, nil
}
