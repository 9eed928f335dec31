package compose

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/dotenv"
	"github.com/compose-spec/compose-go/v2/types"
	"go.yaml.in/yaml/v4"
)

// includes follows "include".
func (f follower) includes(d document) error {
	key, list := child(d.root, "include")
	if list = deref(list); list == nil {
		return nil
	}
	if list.Kind != yaml.SequenceNode {
		return fmt.Errorf("%s:%d: include: want a list", d.file, key.Line)
	}
	for _, entry := range list.Content {
		entry = deref(entry)
		if err := f.include(place{d.file, entry.Line}, entry); err != nil {
			return err
		}
	}
	return nil
}

// include follows one entry: files that are merged, and then taken in.
func (f follower) include(at place, entry *yaml.Node) error {
	paths, err := f.texts(entry, "path")
	if err != nil {
		return fmt.Errorf("%s: include: %w", at, err)
	}
	if len(paths) == 0 {
		return fmt.Errorf("%s: include: want the path of a file", at)
	}
	if err := f.pin(at.file, entry); err != nil {
		return err
	}
	var names []string
	for _, text := range paths {
		name, err := f.local(text)
		if err != nil {
			return fmt.Errorf("%s: include: %w", at, err)
		}
		names = append(names, name)
	}
	inner := f
	inner.dir = path.Dir(names[0])
	if entry.Kind == yaml.MappingNode {
		if dirs, _ := f.texts(entry, "project_directory"); len(dirs) == 1 {
			inner.dir = path.Join(f.dir, dirs[0])
		}
		if inner.env, err = f.includedEnv(entry, inner.dir); err != nil {
			return fmt.Errorf("%s: include: %w", at, err)
		}
	} else if inner.env, err = f.includedEnv(nil, inner.dir); err != nil {
		return fmt.Errorf("%s: include: %w", at, err)
	}
	for _, name := range names {
		if kind := f.workspace.kind(name); kind != file {
			return fmt.Errorf("%s: include: %s %w: want a file of the project", at, name, kind.err())
		}
		if slices.Contains(f.seen, name) {
			return fmt.Errorf("%s: include: %s includes itself: %s", at, name, strings.Join(append(f.seen, name), " includes "))
		}
		if err := inner.file(name); err != nil {
			return err
		}
	}
	return nil
}

// pin makes paths of an entry absolute in the copy of a file that is included itself: there the library would look for them in the
// process's own folder.
func (f follower) pin(name string, entry *yaml.Node) error {
	if len(f.seen) < 2 || entry.Kind != yaml.MappingNode {
		return nil
	}
	for _, key := range []string{"env_file", "project_directory"} {
		_, node := child(entry, key)
		texts, err := f.texts(entry, key)
		if err != nil {
			return err
		}
		nodes := []*yaml.Node{deref(node)}
		if node != nil && deref(node).Kind == yaml.SequenceNode {
			nodes = deref(node).Content
		}
		for i, text := range slices.Backward(texts) { // from the end: what is before stays where it is
			if scalar := deref(nodes[i]); !path.IsAbs(text) && scalar.Kind == yaml.ScalarNode {
				if err := f.workspace.replace(name, scalar, f.workspace.path(path.Join(f.dir, text))); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// includedEnv is the environment of what is included: its own .env, or the files that env_file names.
func (f follower) includedEnv(entry *yaml.Node, dir string) (types.Mapping, error) {
	var names []string
	if entry != nil {
		texts, err := f.texts(entry, "env_file")
		if err != nil {
			return nil, err
		}
		for _, text := range texts {
			if text != "/dev/null" {
				names = append(names, path.Join(f.dir, text))
			}
		}
	}
	if name := path.Join(dir, ".env"); len(names) == 0 && f.workspace.kind(name) == file {
		names = []string{name}
	}
	var copies []string
	for _, name := range names {
		if err := f.offer(name); err != nil {
			return nil, fmt.Errorf("env_file %s %w: want a file of the project", name, err)
		}
		copies = append(copies, f.workspace.path(name))
	}
	values, err := dotenv.GetEnvFromFile(f.env, copies)
	if err != nil {
		return nil, f.parseError(err)
	}
	return f.env.Clone().Merge(values), nil
}
