package detect

import (
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"dagger/stack/internal/layout"
	"dagger/stack/internal/project"
	"dagger/stack/internal/recipe"
	"dagger/stack/internal/source/detect/variables"
	"dagger/stack/internal/spec"
)

// environmentOf are variables that the user gives, by their names.
func environmentOf(pairs []string) (map[string]string, error) {
	given := map[string]string{}
	for _, pair := range pairs {
		v, err := project.ParseEnv(pair)
		if err != nil {
			return nil, err
		}
		given[v.Name], _ = v.Value.Literal()
	}
	return given, nil
}

// wire gives the project's own services the variables that they read.
func (found Result) wire(fsys fs.FS, p project.Project, texts []variables.Text, given map[string]string, flags Flags) project.Project {
	stack := variables.Stack{
		Database: withLogin(p, spec.PostgresLogin, flags.Without), Cache: withLogin(p, spec.RedisLogin, flags.Without), Given: given,
		MySQL: withLogin(p, spec.MySQLLogin, flags.Without), Mongo: withLogin(p, spec.MongoLogin, flags.Without),
	}
	for _, s := range p.Services {
		if s.Described {
			stack.Beside = append(stack.Beside, s.Process.Env...)
		}
	}
	if found.Backend != nil {
		stack.Backend = backendName
	}
	if found.Frontend != nil {
		stack.Frontend = frontendName
	}
	p.Services = slices.Clone(p.Services)
	for i, s := range p.Services {
		of := found.Backend
		if s.Name == frontendName {
			of = found.Frontend
		}
		if of == nil || s.Name != backendName && s.Name != frontendName {
			continue
		}
		read := found.reads(of)
		read.Name, read.Frontend, read.Has = s.Name, s.Name == frontendName, has(p, s)
		own := read.Of(texts)
		lend(&p, i, own)
		decision := variables.Decide(read, own, stack)
		p.Services[i].Process.Env = spec.Merge(s.Process.Env, decision.Env)
		for _, name := range slices.Sorted(maps.Keys(given)) {
			p.Services[i].Process.Env = spec.Merge(p.Services[i].Process.Env, []spec.Variable{spec.Env(name, given[name])})
		}
		p.Notes = append(p.Notes, decision.Notes...)
		if file := decision.File; file != nil && of.Build.Compile != nil && !isFile(fsys, path.Join(of.Dir, file.Path)) {
			p.Services[i].Files = append(slices.Clone(s.Files), spec.File{
				Path: layout.Files + "/env", Link: path.Join(of.Workdir, file.Path), Content: file.Content,
			})
			p.Notes = append(p.Notes, s.Name+": "+file.Path+" is written for it, with what its environment has and what the example shows, because "+file.By+" reads it")
		}
		p.Services[i].Container.Aliases = decision.Aliases
		for _, alias := range decision.Aliases {
			p.Notes = append(p.Notes, fmt.Sprintf("%s: finds %s under the name %s, too, which its code has", s.Name, alias.Service, alias.Name))
		}
		if decision.Open != "" && !flags.RedisPassword {
			p = opened(p, stack.Cache, s.Name+" reads "+decision.Open)
		}
		for _, m := range decision.Missing {
			p.Missing = append(p.Missing, project.Missing(m))
		}
	}
	return p
}

// reads is one of the services as the readers of variables know it.
func (found Result) reads(of *Service) variables.Service {
	read := variables.Service{Dir: of.Dir, Build: of.Build.Dir, Port: of.Port}
	if of.Build.Dockerfile != "" {
		read.Dockerfile = path.Join(of.Build.Dir, of.Build.Dockerfile)
	}
	for _, s := range []*Service{found.Backend, found.Frontend} {
		if s != nil {
			read.Others = append(read.Others, s.Dir)
		}
	}
	return read
}

// lend lets a service create files beside its source, if its code does that somewhere.
func lend(p *project.Project, i int, own []variables.Text) {
	s := p.Services[i]
	shipped := s.Build.Ship != nil && s.Build.Ship.Static == ""
	if s.Source == nil && !shipped || s.Build.Scratch {
		return
	}
	place := variables.Writes(own)
	if place == "" {
		return
	}
	p.Services[i].Build.Scratch = true
	if s.Source != nil {
		source := *s.Source
		source.Scratch = true
		p.Services[i].Source = &source
	}
	p.Notes = append(p.Notes, s.Name+" may create files beside its source, because "+place+" does")
}

func isFile(fsys fs.FS, name string) bool {
	info, err := fs.Stat(fsys, name)
	return err == nil && info.Mode().IsRegular()
}

// opened is the project with a redis that wants no password, because a service cannot give one: its port is not published.
func opened(p project.Project, cache, why string) project.Project {
	i := slices.IndexFunc(p.Services, func(s spec.Service) bool { return s.Name == cache })
	if i < 0 || p.Services[i].Described || p.Services[i].Login.Password == nil {
		return p
	}
	p.Services[i] = recipe.Open(p.Services[i])
	p.Services[i].Ports = slices.Clone(p.Services[i].Ports)
	for n := range p.Services[i].Ports {
		p.Services[i].Ports[n].Published = 0
	}
	p.Notes = append(p.Notes, cache+" wants no password, because "+why+" and no password: its port is not published; --redis-password gives it one")
	return p
}

// withLogin is the service of the stack that clients of that kind log in to, "" if there is none.
func withLogin(p project.Project, kind spec.LoginKind, without []string) string {
	for _, s := range p.Services {
		if s.Login != nil && s.Login.Kind == kind && !slices.Contains(without, s.Name) {
			return s.Name
		}
	}
	return ""
}

// has are the variables that a service has before anything is read: its own, those of its build, and what its needs export.
func has(p project.Project, s spec.Service) (names []string) {
	for _, v := range s.Process.Env {
		names = append(names, v.Name)
	}
	for _, v := range s.Build.Env {
		names = append(names, strings.TrimSpace(v.Name))
	}
	for _, need := range s.Needs() {
		other, _ := p.Service(need)
		for _, v := range other.Exports {
			names = append(names, v.Name)
		}
	}
	return names
}
