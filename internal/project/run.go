package project

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"dagger/stack/internal/spec"
)

// RunFlags are what a user runs in a container that is made like a service.
type RunFlags struct {
	Service, Command, Workdir string
	Env                       []string
}

// RunName is what the job is called that runs it: no service of a project can have the name.
const RunName = "run-once"

// Run is the project of which one command is to run, in a container that is made like a service, and what that service needs.
func (p Project) Run(f RunFlags) (Project, error) {
	if names := p.Names(); !slices.Contains(names, f.Service) {
		return p, fmt.Errorf("the project has no service %q: the stack consists of %s", f.Service, strings.Join(names, ", "))
	}
	c := Custom{Name: RunName, Job: true, Instead: true, Like: f.Service, Workdir: f.Workdir, Kind: "run"}
	var err error
	if c.Command, err = Command(f.Command); err == nil && len(c.Command) == 0 {
		err = errors.New("no command: want one program and its arguments, such as \"pytest -q\", for --command")
	}
	if err != nil {
		return p, err
	}
	for _, text := range f.Env {
		v, err := ParseEnv(text)
		if err != nil {
			return p, err
		}
		c.Env = append(c.Env, v)
	}
	for _, other := range p.customs { // jobs before the service are before this one, too
		if slices.Contains(other.NeededBy, f.Service) || p.first(other, f.Service) {
			c.Needs = append(c.Needs, other.Name)
		}
	}
	p.customs = append(slices.Clone(p.customs), c)
	return p.Only(RunName)
}

// instead is what is made like a service, with all that the service may use: and with its source, because nobody else sees what is written
// there.
func instead(s, like spec.Service) spec.Service {
	s.Limits = like.Limits
	if s.Source != nil {
		source := *s.Source
		source.Writable = true
		s.Source = &source
	}
	return s
}

// Above is the first of some folders that a path lies in, "" if it lies in none.
func Above(folders []string, name string) string {
	name = path.Clean(name)
	i := slices.IndexFunc(folders, func(folder string) bool {
		folder = path.Clean(folder)
		return name == folder || folder == "/" || strings.HasPrefix(name, folder+"/")
	})
	if i < 0 {
		return ""
	}
	return folders[i]
}
