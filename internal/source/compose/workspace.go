package compose

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"go.yaml.in/yaml/v4"
)

// workspace is the project's files, and a copy of those that the library has to read: it knows no other file system than the
// machine's. Each file and each listing is asked for once, and only when something refers to it.
type workspace struct {
	fsys fs.FS
	top  string // removed at the end
	root string // stands for the project's folder
	read map[string][]byte
	list map[string]map[string]bool // the names in a folder, and whether they are folders
}

// depth is how far the copy lies below its top: as many ".." may lead out of the project, and are then seen to do so.
const depth = 16

func newWorkspace(fsys fs.FS) (*workspace, error) {
	top, err := os.MkdirTemp("", "compose-")
	if err != nil {
		return nil, err
	}
	if top, err = filepath.EvalSymlinks(top); err != nil {
		return nil, err
	}
	root := filepath.Join(top, strings.Repeat("up/", depth), "project")
	w := &workspace{fsys: fsys, top: top, root: root, read: map[string][]byte{}, list: map[string]map[string]bool{}}
	return w, os.MkdirAll(root, 0o700)
}

func (w *workspace) close() { os.RemoveAll(w.top) }

// fetch is a file of the project, from then on in the copy as well.
func (w *workspace) fetch(name string) ([]byte, error) {
	if text, done := w.read[name]; done {
		return text, nil
	}
	if !fs.ValidPath(name) {
		return nil, errOutside
	}
	if kind := w.kind(name); kind != file {
		return nil, kind.err()
	}
	text, err := fs.ReadFile(w.fsys, name)
	if err != nil {
		return nil, err
	}
	w.read[name] = text
	return text, w.write(name, text)
}

// write puts a file into the copy.
func (w *workspace) write(name string, text []byte) error {
	target := w.path(name)
	if err := os.MkdirAll(filepath.Dir(target), 0o700); err != nil {
		return err
	}
	return os.WriteFile(target, text, 0o600)
}

// replace puts another text in the place of one in the copy of a file.
func (w *workspace) replace(name string, scalar *yaml.Node, by string) error {
	text, err := os.ReadFile(w.path(name))
	if err != nil {
		return err
	}
	lines := strings.SplitAfter(string(text), "\n")
	if scalar.Line > len(lines) || scalar.Column > len(lines[scalar.Line-1]) {
		return nil
	}
	line := lines[scalar.Line-1]
	lines[scalar.Line-1] = line[:scalar.Column-1] + strings.Replace(line[scalar.Column-1:], scalar.Value, by, 1)
	return os.WriteFile(w.path(name), []byte(strings.Join(lines, "")), 0o600)
}

var (
	errOutside = errors.New("is outside of the project")
	errMissing = errors.New("is not there")
	errFolder  = errors.New("is a folder")
)

// kind is what a path of the project is.
type kind int

const (
	missing kind = iota
	file
	folder
)

func (k kind) err() error {
	return map[kind]error{missing: errMissing, folder: errFolder}[k]
}

// kind looks into the listing of the folder above.
func (w *workspace) kind(name string) kind {
	if name == "." {
		return folder
	}
	isFolder, found := w.names(path.Dir(name))[path.Base(name)]
	switch {
	case !found:
		return missing
	case isFolder:
		return folder
	}
	return file
}

// names are what a folder holds; a folder that is not there holds nothing.
func (w *workspace) names(dir string) map[string]bool {
	if names, done := w.list[dir]; done {
		return names
	}
	names := map[string]bool{}
	if dir == "." || w.kind(dir) == folder {
		entries, _ := fs.ReadDir(w.fsys, dir)
		for _, entry := range entries {
			names[entry.Name()] = w.isFolder(dir, entry)
		}
	}
	w.list[dir] = names
	return names
}

// isFolder looks through a symbolic link.
func (w *workspace) isFolder(dir string, entry fs.DirEntry) bool {
	if entry.Type()&fs.ModeSymlink != 0 {
		info, err := fs.Stat(w.fsys, path.Join(dir, entry.Name()))
		return err == nil && info.IsDir()
	}
	return entry.IsDir()
}

// linksMax is how many links are followed, as in the kernel.
const linksMax = 40

// followed is the file or folder of the project that a path leads to which is a link: Docker mounts that one, and a mount of the folder that the
// link is in shows the link. A link that leads out of the project stays what it is.
func (w *workspace) followed(name string) string {
	at := name
	for range linksMax {
		target, err := fs.ReadLink(w.fsys, at)
		if err != nil {
			return at
		}
		if at = path.Join(path.Dir(at), target); path.IsAbs(target) || !fs.ValidPath(at) {
			break
		}
	}
	return name
}

// path is where a file of the project is in the copy.
func (w *workspace) path(name string) string { return filepath.Join(w.root, filepath.FromSlash(name)) }

// inside is the path of the project that a path of the copy stands for; false if that is no file of the project.
func (w *workspace) inside(name string) (string, bool) {
	relative, err := filepath.Rel(w.root, name)
	if err != nil || relative == ".." || strings.HasPrefix(relative, "../") || atHome(relative) != "" {
		return "", false
	}
	return filepath.ToSlash(relative), true
}

// atHome is the part of a path that begins with "~": where no HOME is set, the library takes it for a folder's name.
func atHome(name string) string {
	for rest := name; ; {
		if rest == "~" || strings.HasPrefix(rest, "~/") {
			return rest
		}
		_, after, found := strings.Cut(rest, "/")
		if !found {
			return ""
		}
		rest = after
	}
}

// shown is a path as a user would write it.
func (w *workspace) shown(name string) string {
	if home := atHome(name); home != "" {
		return home
	}
	if inside, ok := w.inside(name); ok {
		return inside
	}
	if strings.HasPrefix(name, w.top+"/") {
		relative, _ := filepath.Rel(w.root, name)
		return relative
	}
	if home, err := os.UserHomeDir(); err == nil && home != "/" && (name == home || strings.HasPrefix(name, home+"/")) {
		return "~" + strings.TrimPrefix(name, home)
	}
	return name
}

// relative is a text without the place of the copy in it.
func (w *workspace) relative(text string) string {
	text = strings.ReplaceAll(text, w.root+"/", "")
	return strings.ReplaceAll(text, w.root, ".")
}
