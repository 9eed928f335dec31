package detect

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"dagger/stack/internal/source/detect/node"
	"dagger/stack/internal/source/detect/python"
	"dagger/stack/internal/source/detect/scan"
	"dagger/stack/internal/source/detect/text"
	"dagger/stack/internal/source/detect/tree"
)

// role is what a service is to the stack, and where the service is looked for.
type role struct {
	scan.Role
	dirs    []string // only the first name is sure to mean this service
	markers []string // files that say what a folder holds
	dir     string   // given by the user
}

func backend(opt Options) role {
	return role{
		Role: scan.Role{Name: "backend", Backend: true, Command: opt.BackendCommand, Port: cmp.Or(opt.BackendPort, 8000)},
		dirs: []string{"backend", "api", "server"}, dir: opt.BackendDir,
		markers: []string{"Dockerfile", "go.mod", "requirements.txt", "pyproject.toml", "manage.py", "package.json"},
	}
}

func frontend(opt Options) role {
	return role{
		Role: scan.Role{Name: "frontend", Command: opt.FrontendCommand, Port: cmp.Or(opt.FrontendPort, 3000)},
		dirs: []string{"frontend", "web", "client", "ui"}, dir: opt.FrontendDir,
		markers: []string{"Dockerfile", "package.json"},
	}
}

// search is the state of looking for one role.
type search struct {
	role    role
	found   *Service
	notes   []string
	skipped []error // why folders with a usual name do not hold the service
	missed  error   // the first of these errors that must not be passed over in silence
}

// place finds the two services: in the folder the user named, in folders of the usual names, in the root.
func place(root tree.Folder, opt Options) (Result, error) {
	if len(root.Visible()) == 0 {
		return Result{}, errors.New("the project's directory is empty: name one that holds a backend or a frontend with --project-path")
	}
	back, front := &search{role: backend(opt)}, &search{role: frontend(opt)}
	searches := slices.DeleteFunc([]*search{back, front}, func(s *search) bool { return s == back && opt.NoBackend || s == front && opt.NoFrontend })
	for _, s := range searches {
		if err := s.named(root); err != nil {
			return Result{}, err
		}
	}
	for _, s := range searches {
		taken := back.found != nil && back.found.Dir == "." || front.found != nil && front.found.Dir == "." // one service at most
		if s.found == nil && !taken && s.role.inRoot(root) {
			if err := s.look(root, root); err != nil {
				return Result{}, err
			}
		}
	}
	for _, s := range searches {
		if s.found == nil && s.missed != nil {
			return Result{}, s.missed
		}
	}
	if back.found == nil && front.found == nil {
		return Result{}, neither(root, searches)
	}
	result := Result{Backend: back.found, Frontend: front.found, Notes: slices.Concat(back.notes, front.notes)}
	for _, s := range searches {
		if s.found == nil {
			result.Notes = append(result.Notes, s.without())
		}
	}
	return result, nil
}

// named looks in the folder that the user named, or in those of the usual names.
func (s *search) named(root tree.Folder) error {
	dirs := s.role.dirs
	if s.role.dir != "" {
		dir := path.Clean(strings.TrimPrefix(s.role.dir, "./"))
		if !fs.ValidPath(dir) {
			return fmt.Errorf("%s %q is not a folder of the project: want a path below it, such as %q", s.role.DirFlag(), s.role.dir, dirs[0])
		}
		if dir != "." && !root.HasDir(dir) {
			return fmt.Errorf("no folder %q for the %s: the project has %s: name one of its folders with %s", dir, s.role.Name, root.Found(), s.role.DirFlag())
		}
		dirs = []string{dir}
	}
	for _, dir := range dirs {
		if s.found == nil && (dir == "." || root.HasDir(dir)) {
			if err := s.look(root, root.Sub(dir)); err != nil {
				return err
			}
		}
	}
	if s.role.dir != "" {
		return s.missed
	}
	return nil
}

// look tries one folder. The error is about a service that is there for sure, and wrong.
func (s *search) look(root, f tree.Folder) error {
	look := &scan.Scan{Folder: f, Root: root, Role: s.role.Role}
	found, err := service(look, s.role)
	var none *scan.Unknown
	if errors.As(err, &none) {
		if !none.Bare || f.Dir != "." { // that the root holds none is told anyway
			s.skipped = append(s.skipped, err)
		}
		if s.missed == nil && (none.Likely || f.Dir == s.role.dirs[0] || s.role.dir != "") {
			s.missed = err
		}
		return nil
	}
	s.found, s.notes = found, look.Notes
	return err
}

// inRoot says whether a service in the root would have this role.
func (r role) inRoot(root tree.Folder) bool {
	pkg, err := node.ReadManifest(root)
	if err != nil || !root.Has("package.json") || root.Has("go.mod") || python.IsProject(root) {
		return r.Backend // a broken package.json is an error only where it is needed
	}
	switch {
	case pkg.Server() != "":
		return r.Backend
	case pkg.Browser() != "":
		return !r.Backend
	case root.Has("Dockerfile") || pkg.RunsNode(root):
		return r.Backend
	}
	// The package.json starts the services of other folders, or holds tools for the whole repository. The root is a
	// service only if the user says how it runs.
	return len(r.Command) > 0
}

// without says that the stack has no such service, and why.
func (s *search) without() string {
	return fmt.Sprintf("no %s found (looked for %s and at the root): the stack runs without one%s", s.role.Name, text.And(slashed(s.role.dirs)), because(s.skipped))
}

// because is the end of a sentence that tells of errors.
func because(errs []error) (why string) {
	for _, err := range errs {
		why += "; " + err.Error()
	}
	return why
}

// neither is the error for a project in which nothing was found.
func neither(root tree.Folder, searches []*search) error {
	var skipped []error
	var missing, dirs, markers, flags []string
	for _, s := range searches {
		skipped = append(skipped, s.skipped...)
		missing = append(missing, "no "+s.role.Name)
		dirs = append(dirs, slashed(s.role.dirs)...)
		flags = append(flags, s.role.DirFlag())
	}
	if len(searches) > 0 {
		markers = searches[0].role.markers // the backend's markers include the frontend's
	}
	if len(skipped) == 1 {
		return skipped[0]
	}
	err := fmt.Errorf("%s in the project: looked for the folders %s, and for %s in them and in the root; found %s%s: name the folders with %s",
		text.And(missing), text.And(dirs), text.And(markers), root.Found(), because(skipped), text.And(flags))
	if len(skipped) == 0 {
		err = &NoCode{err}
	}
	return err
}

// NoCode is the error for a project in which nothing looks like code that could be run.
type NoCode struct{ error }

func slashed(dirs []string) []string {
	var names []string
	for _, dir := range dirs {
		names = append(names, dir+"/")
	}
	return names
}
