package detect

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// role is what a service is to the stack, and what a user may have said about it.
type role struct {
	name    string
	backend bool
	dirs    []string // where it is looked for, the first name being the one that cannot mean anything else
	markers []string // files that say what a folder holds
	dir     string   // given by the user
	command []string // given by the user
	port    int
}

func (r role) dirFlag() string     { return "--" + r.name + "-dir" }
func (r role) commandFlag() string { return "--" + r.name + "-command" }

func backend(opt Options) role {
	return role{
		name: "backend", backend: true, dirs: []string{"backend", "api", "server"},
		markers: []string{"Dockerfile", "go.mod", "requirements.txt", "pyproject.toml", "manage.py", "package.json"},
		dir:     opt.BackendDir, command: opt.BackendCommand, port: opt.BackendPort,
	}
}

func frontend(opt Options) role {
	return role{
		name: "frontend", dirs: []string{"frontend", "web", "client", "ui"},
		markers: []string{"Dockerfile", "package.json"},
		dir:     opt.FrontendDir, command: opt.FrontendCommand, port: opt.FrontendPort,
	}
}

// search is the state of looking for one role.
type search struct {
	role    role
	found   *Service
	notes   []string
	skipped []error // why folders that could have been it are not
	missed  error   // the first of them that must not be passed over in silence
}

// place finds the two services: in the folder the user named, in folders of the usual names, in the root.
func place(root folder, opt Options) (Result, error) {
	if len(root.visible()) == 0 {
		return Result{}, errors.New("the project's directory is empty: name one that holds a backend or a frontend with --project-path")
	}
	back, front := &search{role: backend(opt)}, &search{role: frontend(opt)}
	var searches []*search
	if !opt.NoBackend {
		searches = append(searches, back)
	}
	if !opt.NoFrontend {
		searches = append(searches, front)
	}
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
func (s *search) named(root folder) error {
	if s.role.dir != "" {
		dir := path.Clean(strings.TrimPrefix(s.role.dir, "./"))
		if !fs.ValidPath(dir) {
			return fmt.Errorf("%s %q is not a folder of the project: want a path below it, such as %q", s.role.dirFlag(), s.role.dir, s.role.dirs[0])
		}
		if dir != "." && !root.hasDir(dir) {
			return fmt.Errorf("no folder %q for the %s: the project has %s: name one of its folders with %s", dir, s.role.name, root.found(), s.role.dirFlag())
		}
		if err := s.look(root, root.sub(dir)); err != nil {
			return err
		}
		return s.missed
	}
	for _, dir := range s.role.dirs {
		if s.found == nil && root.hasDir(dir) {
			if err := s.look(root, root.sub(dir)); err != nil {
				return err
			}
		}
	}
	return nil
}

// look tries one folder. Only what is wrong with a service that is there for sure is an error.
func (s *search) look(root, f folder) error {
	scan := &scan{folder: f, root: root, role: s.role}
	found, err := scan.service()
	var none *unknown
	if errors.As(err, &none) {
		if !none.bare || f.dir != "." { // that the root holds none is told anyway
			s.skipped = append(s.skipped, err)
		}
		if s.missed == nil && (none.likely || f.dir == s.role.dirs[0] || s.role.dir != "") {
			s.missed = err
		}
		return nil
	}
	s.found, s.notes = found, scan.notes
	return err
}

// inRoot says whether a service in the root would have this role.
func (r role) inRoot(root folder) bool {
	pkg, err := readPackage(root)
	if err != nil || !root.has("package.json") || root.has("go.mod") || isPythonProject(root) {
		return r.backend // a broken package.json is the error of whoever comes to need it
	}
	switch {
	case pkg.server() != "":
		return r.backend
	case pkg.browser() != "":
		return !r.backend
	case root.has("Dockerfile") || pkg.runsNode(root):
		return r.backend
	}
	// Scripts that start the services of other folders, tools for the whole repository: no service of its own,
	// unless the user says how it runs.
	return len(r.command) > 0
}

// without says that the stack has no such service, and why.
func (s *search) without() string {
	note := fmt.Sprintf("no %s found (looked for %s and at the root): the stack runs without one", s.role.name, and(slashed(s.role.dirs)))
	for _, err := range s.skipped {
		note += "; " + err.Error()
	}
	return note
}

// neither is the error for a project in which nothing was found.
func neither(root folder, searches []*search) error {
	var skipped []error
	var missing, dirs, markers, flags []string
	for _, s := range searches {
		skipped = append(skipped, s.skipped...)
		missing = append(missing, "no "+s.role.name)
		dirs = append(dirs, slashed(s.role.dirs)...)
		flags = append(flags, s.role.dirFlag())
	}
	if len(searches) > 0 {
		markers = searches[0].role.markers // the backend's are all that there are
	}
	if len(skipped) == 1 {
		return skipped[0]
	}
	var why string
	for _, err := range skipped {
		why += "; " + err.Error()
	}
	return fmt.Errorf("%s in the project: looked for the folders %s, and for %s in them and in the root; found %s%s: name the folders with %s",
		and(missing), and(dirs), and(markers), root.found(), why, and(flags))
}

func slashed(dirs []string) []string {
	var names []string
	for _, dir := range dirs {
		names = append(names, dir+"/")
	}
	return names
}
