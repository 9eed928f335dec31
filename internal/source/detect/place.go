package detect

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"dagger/stack/internal/project"
	"dagger/stack/internal/source/detect/node"
	"dagger/stack/internal/source/detect/scan"
	"dagger/stack/internal/source/detect/text"
	"dagger/stack/internal/source/detect/tree"
	"dagger/stack/internal/spec"
)

// role is what a service is to the stack, and where the service is looked for.
type role struct {
	scan.Role
	dirs         []string // only the first name is sure to mean this service
	markers      []string // files that say what a folder holds
	dir          string   // given by the user
	dockerfile   string   // given by the user
	noDockerfile bool
	target       string // stage of the Dockerfile, given by the user
	args         map[string]string
}

func backend(opt Options) role {
	return role{
		target: project.Stage(opt.Builds, backendName), args: project.Args(opt.Builds, backendName),
		Role: scan.Role{Name: backendName, Backend: true, Command: opt.BackendCommand, Port: cmp.Or(opt.BackendPort, backendPort), Production: opt.Production},
		dirs: []string{"backend", "api", "server"}, dir: opt.BackendDir, dockerfile: opt.BackendDockerfile, noDockerfile: opt.NoDockerfile,
		markers: markers(),
	}
}

func frontend(opt Options) role {
	return role{
		target: project.Stage(opt.Builds, frontendName), args: project.Args(opt.Builds, frontendName),
		Role: scan.Role{Name: frontendName, Command: opt.FrontendCommand, Port: cmp.Or(opt.FrontendPort, frontendPort), Production: opt.Production},
		dirs: []string{"frontend", "web", "client", "ui"}, dir: opt.FrontendDir, dockerfile: opt.FrontendDockerfile, noDockerfile: opt.NoDockerfile,
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
	failed  error   // what is wrong with a service that is there for sure, or with what the user said
	wrong   string  // the folder in which that is; "" if it is in none
}

// place finds the two services: in the folder the user named, in folders of the usual names, among the parts of a repository, in the
// root, and last in any folder.
func place(root tree.Folder, opt Options) (Result, error) {
	if len(root.Visible()) == 0 {
		return Result{}, errors.New("the project's directory is empty: name one that holds a backend or a frontend with --project-path")
	}
	back, front := &search{role: backend(opt)}, &search{role: frontend(opt)}
	searches := slices.DeleteFunc([]*search{back, front}, func(s *search) bool { return s == back && opt.NoBackend || s == front && opt.NoFrontend })
	for _, s := range searches {
		other := front
		if s == front {
			other = back
		}
		s.failed = s.named(root, other.role.dirs)
	}
	for _, find := range []func(s *search) error{
		func(s *search) error { return s.among(root, below(root)) },
		func(s *search) error {
			if back.wrong == "." || front.wrong == "." || !s.role.inRoot(root, back.found, front.found) {
				return nil
			}
			return s.look(root, root)
		},
	} {
		for _, s := range searches {
			if s.found == nil && s.failed == nil {
				s.failed = find(s)
			}
		}
	}
	if !slices.ContainsFunc(searches, func(s *search) bool { return s.found != nil || s.missed != nil || s.failed != nil }) {
		for _, s := range searches {
			s.failed = s.among(root, s.role.anywhere(root))
		}
	}
	if !opt.NoBackend && back.found == nil && back.missed == nil && back.failed == nil && opt.FrontendDir == "" && front.found != nil && front.found.Databases {
		back.become(root, front)
	}
	return conclude(root, searches, back, front)
}

// become makes the backend of what was found to be a frontend: a framework with a server and a database client, and no other backend.
func (s *search) become(root tree.Folder, other *search) {
	look := &scan.Scan{Folder: root.Sub(other.found.Dir), Root: root, Role: s.role.Role}
	if found, err := service(look, s.role); err == nil {
		s.found, s.notes = found, append(look.Notes, fmt.Sprintf("%s serves pages and has a client of a database: it is the backend", other.found.Why))
		other.found, other.notes = nil, nil
	}
}

// fault is what must not be passed over.
func (s *search) fault() error {
	if s.found == nil && s.failed == nil {
		return s.missed
	}
	return s.failed
}

// partly is a service of which no more is known than where it is.
func (s *search) partly() *Service {
	if s.found == nil && s.wrong != "" {
		return &Service{Dir: s.wrong, Port: s.role.Port, Build: spec.Build{Dir: s.wrong}}
	}
	return s.found
}

// conclude is the result of both searches. With an error, which has the faults of both, it is what is known of the services all the same.
func conclude(root tree.Folder, searches []*search, back, front *search) (Result, error) {
	if err := scan.All(back.fault(), front.fault()); err != nil {
		return Result{Backend: back.partly(), Frontend: front.partly()}, err
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
func (s *search) named(root tree.Folder, others []string) error {
	if file := s.role.dockerfile; file != "" && !root.Has(path.Clean(file)) {
		return fmt.Errorf("no file %q for --%s-dockerfile: want a path below the project's root, such as %s/Dockerfile", file, s.role.Name, s.role.dirs[0])
	}
	if s.role.dir == "" {
		dirs := s.role.candidates(root, others)
		if len(dirs) == 0 && s.role.dockerfile != "" {
			dirs = []string{"."}
		}
		return s.each(root, dirs)
	}
	dir := path.Clean(strings.TrimPrefix(s.role.dir, "./"))
	if !fs.ValidPath(dir) {
		return fmt.Errorf("%s %q is not a folder of the project: want a path below it, such as %q", s.role.DirFlag(), s.role.dir, s.role.dirs[0])
	}
	if dir != "." && !root.HasDir(dir) {
		return fmt.Errorf("no folder %q for the %s: the project has %s: name one of its folders with %s", dir, s.role.Name, root.Found(), s.role.DirFlag())
	}
	if err := s.each(root, []string{dir}); err != nil {
		return err
	}
	return s.missed
}

// each looks in folders until the service is found.
func (s *search) each(root tree.Folder, dirs []string) error {
	for _, dir := range dirs {
		if s.found == nil {
			if err := s.look(root, root.Sub(dir)); err != nil {
				return err
			}
		}
	}
	return nil
}

// among looks in folders of which nobody said that they hold the service: what is wrong with one of them is no error.
func (s *search) among(root tree.Folder, dirs []string) error {
	likely := s.role.likely(root, dirs)
	for i, dir := range likely {
		one := &search{role: s.role}
		if err := one.look(root, root.Sub(dir)); err != nil {
			s.skipped = append(s.skipped, err)
			continue
		}
		s.skipped = append(s.skipped, one.skipped...)
		if s.found = one.found; s.found == nil {
			continue
		}
		s.notes = one.notes
		if more := likely[i+1:]; len(more) > 0 {
			s.notes = append(s.notes, fmt.Sprintf("%s is the %s; %s may be one, too: name the right one with %s", dir, s.role.Name, text.And(more), s.role.DirFlag()))
		}
		return nil
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
			s.missed, s.wrong = err, f.Dir
		}
		return nil
	}
	if err != nil {
		s.wrong = f.Dir
		return err
	}
	s.found, s.notes = found, look.Notes
	return nil
}

// inRoot says whether a service in the root would have this role. The root is one service at most, unless its files name two.
func (r role) inRoot(root tree.Folder, back, front *Service) bool {
	taken := back != nil && back.Dir == "." || front != nil && front.Dir == "."
	if len(r.shared(root)) > 0 {
		return true
	}
	pkg, err := node.ReadManifest(root)
	if err == nil && pkg.Split(!r.Backend) != "" {
		return true
	}
	if taken { // Python or Go, and a frontend beside it
		return !r.Backend && front == nil && back.Build.Dockerfile == "" && isProject(root) && err == nil && pkg.Server() == "" && pkg.HasPages(root)
	}
	if err != nil || !root.Has("package.json") || isProject(root) || other(root) != "" {
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

// anywhere are the folders of a project whose root and usual folders hold nothing, each with those of the role's names in it.
func (r role) anywhere(root tree.Folder) (dirs []string) {
	for _, dir := range root.List().Dirs {
		if slices.Contains(notServices, dir) || root.Ignores(dir) || dir[0] == '.' {
			continue
		}
		dirs = append(dirs, dir)
		for _, name := range r.dirs {
			if f := root.Sub(dir); f.HasDir(name) && f.First(r.markers...) == "" {
				dirs = append(dirs, path.Join(dir, name))
			}
		}
	}
	const most = 16 // each is a call to the engine
	return dirs[:min(len(dirs), most)]
}
