package detect

import (
	"errors"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"dagger/stack/internal/source/detect/dockerfile"
	"dagger/stack/internal/source/detect/scan"
	"dagger/stack/internal/source/detect/text"
	"dagger/stack/internal/source/detect/tree"
	"dagger/stack/internal/spec"
)

// plan is a Dockerfile and the folder that it is built from.
type plan struct {
	dockerfile.File
	path    string // below the project's root
	context tree.Folder
}

// ownNames are the names that a folder's own Dockerfile may have, and sharedNames those of a Dockerfile for one service beside
// those of others, with % for the service. The best is first.
var (
	ownNames = []string{"Dockerfile", "Dockerfile.dev", "Dockerfile.development", "Dockerfile.local", "dev.Dockerfile",
		"docker/Dockerfile", "docker/Dockerfile.dev", ".docker/Dockerfile", "Dockerfile.prod", "Dockerfile.production", "prod.Dockerfile"}
	sharedNames = []string{"Dockerfile.%", "%.Dockerfile", "Dockerfile-%", "docker/%.Dockerfile", "docker/Dockerfile.%", "docker/%/Dockerfile", ".docker/%.Dockerfile", "dockerfiles/%.Dockerfile", "dockerfiles/Dockerfile.%"}
)

// dockerfiles are the Dockerfiles that may be meant for a service in a folder, as paths below the root.
func (r role) dockerfiles(s *scan.Scan) (paths []string) {
	switch {
	case r.noDockerfile:
		return nil
	case r.dockerfile != "":
		return []string{r.dockerfile}
	}
	for _, name := range ownNames {
		if s.Has(name) {
			paths = append(paths, s.Path(name))
		}
	}
	shared := r.shared(s.Root, path.Base(s.Dir))
	if s.Dir == "." { // a Dockerfile of the role's name is meant for the role
		return slices.Concat(shared, paths)
	}
	return slices.Concat(paths, shared)
}

// shared are the Dockerfiles in the root, or in its folder for Dockerfiles, that have the name of the role or another.
func (r role) shared(root tree.Folder, more ...string) (paths []string) {
	if r.noDockerfile {
		return nil
	}
	for _, name := range slices.Concat(r.dirs, more) {
		for _, pattern := range sharedNames {
			if file := strings.ReplaceAll(pattern, "%", name); name != "." && root.Has(file) && !slices.Contains(paths, file) {
				paths = append(paths, file)
			}
		}
	}
	return paths
}

// docker is a service with a Dockerfile that can be built, nil if there is none. The notes say what was passed over, and why.
func docker(s *scan.Scan, r role) (*Service, error) {
	for _, file := range r.dockerfiles(s) {
		from, why := r.open(s, file)
		if err := from.flags(r); err != nil {
			return nil, err
		}
		if why != "" && r.dockerfile == "" {
			s.Note("%s is passed over: %s", file, why)
			continue
		}
		if why != "" {
			s.Note("%s, named with --%s-dockerfile, can hardly be built: %s", file, r.Name, why)
		}
		found, err := from.service(s, r)
		var none *scan.Unknown
		if errors.As(err, &none) && r.dockerfile == "" {
			s.Note("%s is passed over: %s", file, err)
			continue
		}
		return found, err
	}
	return nil, nil
}

// open reads a Dockerfile and finds the folder that it can be built from, or says why it cannot be built.
func (r role) open(s *scan.Scan, file string) (plan, string) {
	from := plan{File: dockerfile.ParseFor(s.Root.Read(file), r.target, r.args), path: file}
	contexts := []tree.Folder{s.Folder, s.Root, s.Root.Sub(path.Dir(file))}
	below := s.Dir == "." || strings.HasPrefix(file, s.Dir+"/")
	if !below || from.WantsWhole() { // a file of the root is written for the root
		contexts = []tree.Folder{s.Root, s.Folder}
	}
	contexts = slices.DeleteFunc(contexts, func(f tree.Folder) bool { return !f.Contains(file) })
	from.context = contexts[0]
	why := ""
	for _, context := range contexts {
		missing := from.Missing(context)
		if len(missing) == 0 {
			from.context, why = context, ""
			break
		}
		if why == "" {
			why = fmt.Sprintf("it copies %s, which the project does not have", text.And(missing))
		}
	}
	secrets := from.Secrets()
	switch {
	case why != "":
	case from.Base() == "":
		why = "it has no FROM"
	case strings.Contains(from.Base(), "$"):
		why = fmt.Sprintf("its FROM needs a value for %s: give it with with-build --service %s --arg NAME=VALUE", from.Base(), r.Name)
	case len(secrets) > 0:
		why = "its build needs the secrets " + text.And(secrets)
	case !from.Runs() && !from.Copies():
		why = "it copies nothing of the project, and has no command"
	}
	return from, why
}

// flags refuses what the user says of the build and the Dockerfile does not have: Docker would ignore such an ARG.
func (d plan) flags(r role) error {
	if stages := d.Stages(); r.target != "" && !slices.Contains(stages, strings.ToLower(r.target)) {
		return fmt.Errorf("%s has no stage %q for with-build --target: want one of %s", d.path, r.target, text.Or(stages))
	}
	for _, name := range slices.Sorted(maps.Keys(r.args)) {
		if !slices.Contains(d.Args(), name) {
			return fmt.Errorf("%s has no ARG %s for with-build --arg: want one of %s", d.path, name, text.Or(d.Args()))
		}
	}
	return nil
}

// service is the service that a Dockerfile makes.
func (d plan) service(s *scan.Scan, r role) (*Service, error) {
	found := s.Service("Dockerfile", d.path)
	found.Build = spec.Build{Dockerfile: tree.Relative(d.context.Dir, d.path), Dir: d.context.Dir, Stage: r.target, Declares: d.Args()}
	for _, name := range slices.Sorted(maps.Keys(r.args)) {
		found.Build.Args = append(found.Build.Args, spec.BuildVariable{Name: name, Value: r.args[name]})
	}
	if d.context.Dir == "." && s.Dir != "." && strings.HasPrefix(d.path, s.Dir+"/") {
		s.Note("%s copies what only the root of the project has: it is built from there", d.path)
	}
	port := d.Port()
	if port != 0 {
		found.Port, s.Role.Port = port, port
	}
	code, none := r.code(&scan.Scan{Folder: s.Folder, Root: s.Root, Role: s.Role})
	if none == nil {
		found.Databases, found.Heavy, found.Worker, found.Program = code.Databases, code.Heavy, code.Worker, code.Program
		found.Migration = code.Migration
		if port == 0 {
			found.Port = code.Port
		}
	}
	if found.Migration = migration(s, found.Migration); found.Migration.Tool != "" && d.migratesItself(s) {
		found.Migration.Missing = d.path + " runs them itself"
	}
	found.Build.Env = scan.Env(found.Port)[1:] // HOME is the image's
	switch script := d.Entrypoint(); {
	case len(r.Command) > 0 && isScript(script):
		found.Command = slices.Concat(script, r.Command)
	case len(r.Command) > 0:
		found.Command = r.Command
	case !d.Runs():
		if none != nil || code.Build.Compile != nil {
			return nil, &scan.Unknown{Likely: true, Text: fmt.Sprintf("%s has no command, and none was found: add a CMD, or name it with %s", d.path, r.CommandFlag())}
		}
		found.Command = code.Command
		s.Note("%s has no command: it is started as its files say: %s", d.path, strings.Join(code.Command, " "))
	}
	if volumes := d.Volumes(); len(volumes) > 0 {
		s.Note("%s says VOLUME %s: what is written there is gone when the stack ends; a volume of a compose file keeps it", d.path, strings.Join(volumes, " "))
	}
	if path := d.HealthPath(); path != "" {
		found.HealthPaths = slices.Insert(found.HealthPaths, 0, path)
	}
	return found, nil
}

// isScript says whether an ENTRYPOINT prepares something and then runs the command behind it, as Docker's own images do.
func isScript(entrypoint []string) bool {
	if len(entrypoint) == 0 {
		return false
	}
	last := path.Base(entrypoint[len(entrypoint)-1])
	return strings.HasSuffix(last, ".sh") || strings.Contains(last, "entrypoint") || slices.Contains([]string{"tini", "dumb-init", "--"}, last)
}
