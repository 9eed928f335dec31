package project

import (
	"cmp"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"path"
	"slices"
	"strings"

	"dagger/stack/internal/recipe"
	"dagger/stack/internal/spec"
)

// Image is what only an image knows of the service that runs in it.
type Image struct {
	Entrypoint, Cmd []string
	Workdir, User   string
	StopSignal      string
	Env             []spec.Variable
	Volumes         []string // folders that the image says are volumes
	Exposed         []string // ports, such as "8000/tcp"
	Healthcheck     *spec.Probe
}

// Digest tells what an image says from what others say.
func (i Image) Digest() string {
	text, err := json.Marshal(i)
	if err != nil {
		panic(err) // it is data
	}
	return fmt.Sprintf("%x", sha256.Sum256(text))[:32]
}

// Unread are the services whose images have to be read before the project can be resolved: those that come from a Dockerfile,
// those that a compose file describes, and custom ones with a container of their own.
func (p Project) Unread() (names []string) {
	for _, s := range p.Services {
		if (s.Build.Dockerfile != "" || s.Described) && (p.runs(s.Name) || p.model(s.Name)) {
			names = append(names, s.Name)
		}
	}
	for _, c := range p.customs {
		if c.Contained && (p.runs(c.Name) || p.model(c.Name)) {
			names = append(names, c.Name)
		}
	}
	return names
}

// model tells whether a service that is to run is made like that one.
func (p Project) model(name string) bool {
	return slices.ContainsFunc(p.customs, func(c Custom) bool { return c.Like == name && (p.runs(c.Name) || p.model(c.Name)) })
}

// Read is the project with what the image of a service says.
func (p Project) Read(name string, image Image) (Project, error) {
	if i := slices.IndexFunc(p.customs, func(c Custom) bool { return c.Name == name }); i >= 0 {
		p.customs = slices.Clone(p.customs)
		p.customs[i].image = &image
		return p, image.check(name, p.customs[i].Command, "its --command")
	}
	p.Services = slices.Clone(p.Services)
	config := image.Digest()
	for i, s := range p.Services {
		if s.Name != name {
			continue
		}
		flag := "--" + name + "-command"
		if s.Described {
			s, flag = image.describe(s), "command: in the compose file"
			image.Entrypoint, image.Cmd = nil, nil // they are in the service's command, where they count
		}
		if err := image.check(name, s.Process.Command, flag); err != nil {
			return p, err
		}
		s.Build.Config = config
		p.Services[i] = image.complete(s)
	}
	return p, nil
}

// check refuses an image that does not say what to run, where nobody else says it. flag is where a user can say it.
func (i Image) check(name string, command []string, flag string) error {
	if len(command)+len(i.Entrypoint)+len(i.Cmd) == 0 {
		return fmt.Errorf("%s: its image has neither an ENTRYPOINT nor a CMD: say what to run with %s", name, flag)
	}
	return nil
}

// complete is the service with what the image says, where the service does not say it. An image that does not say who it runs
// as means root, which no service runs as.
func (i Image) complete(s spec.Service) spec.Service {
	if len(s.Process.Command) == 0 {
		s.Process.Command = slices.Concat(i.Entrypoint, i.Cmd)
	}
	if s.Process.Workdir == "" {
		s.Process.Workdir = i.Workdir
	}
	switch {
	case s.Described:
		return s
	case !IsRoot(i.User):
		s.Process.User = i.User
	default:
		s.ForRoot = cmp.Or(s.Process.Workdir, "/")
	}
	if s.Process.StopSignal == "" {
		s.Process.StopSignal = i.StopSignal
	}
	if i.Healthcheck != nil && (s.Probe == nil || s.Probe.Guessed()) && s.Mode != spec.ModeJob {
		s.Probe, s.Settle = i.Healthcheck, 0
	}
	return s
}

// describe is a service of a compose file with what the image says, by Docker's rules.
func (i Image) describe(s spec.Service) spec.Service {
	entrypoint, args := s.Process.Entrypoint, s.Process.Args
	if entrypoint == nil {
		entrypoint = i.Entrypoint
	}
	if len(args) == 0 && len(s.Process.Entrypoint) == 0 {
		args = i.Cmd // an ENTRYPOINT that the file gives drops the image's CMD, an empty one does not
	}
	s.Process.Command = slices.Concat(entrypoint, args)
	s.Process.Reloads = recipe.Reloads(s.Process.Command)
	if s.Process.User == "" {
		s.Process.User, s.Process.Root = i.User, IsRoot(i.User)
	}
	if s.Process.User == "" {
		s.Process.User = "0"
	}
	if s.Process.StopSignal == "" {
		s.Process.StopSignal = i.StopSignal
	}
	s.Container.Mounts = i.mounts(s)
	s.Probe = i.probe(s)
	s = i.recipe(s)
	if s.Probe == nil && !s.NoProbe && len(s.Listens()) > 0 {
		s.Settle = settle
	}
	return s
}

// recipe is the service with what is known of its image. The image's own variables count as the file's do; they are in the container
// already.
func (i Image) recipe(s spec.Service) spec.Service {
	env := s.Process.Env
	s.Process.Env = spec.Merge(i.Env, env)
	s, _ = recipe.Complete(s)
	s.Process.Env = env
	return s
}

// mounts are those of the service, and a volume for each folder that the image says is one and that has none.
func (i Image) mounts(s spec.Service) []spec.Mount {
	mounts := slices.Clone(s.Container.Mounts)
	for _, folder := range i.Volumes {
		folder = path.Clean(folder)
		if !slices.ContainsFunc(mounts, func(m spec.Mount) bool { return path.Clean(m.Target) == folder }) {
			mounts = append(mounts, spec.Mount{Type: spec.MountVolume, Target: folder, Source: AnonymousVolume(s.Name, folder)})
		}
	}
	return mounts
}

// AnonymousVolume is the name of a volume that has none: it belongs to the service and the place.
func AnonymousVolume(service, target string) string {
	return service + strings.ReplaceAll(path.Clean(target), "/", "-")
}

// probe is the service's own, else the image's. One that says how often and not what asks what the image says.
func (i Image) probe(s spec.Service) *spec.Probe {
	switch {
	case s.NoProbe:
		return nil
	case s.Probe == nil:
		return i.Healthcheck
	case s.Probe.Asks():
		return s.Probe
	case i.Healthcheck == nil:
		return nil
	}
	probe := *s.Probe
	probe.Exec = i.Healthcheck.Exec
	return &probe
}
