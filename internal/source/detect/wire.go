package detect

import (
	"maps"
	"slices"
	"strings"

	"dagger/stack/internal/project"
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
func (found Result) wire(p project.Project, texts []variables.Text, given map[string]string, without []string) project.Project {
	stack := variables.Stack{
		Database: withLogin(p, spec.PostgresLogin, without), Cache: withLogin(p, spec.RedisLogin, without), Given: given,
	}
	var dirs []string
	if found.Backend != nil {
		stack.Backend = backendName
		dirs = append(dirs, found.Backend.Dir)
	}
	if found.Frontend != nil {
		stack.Frontend = frontendName
		dirs = append(dirs, found.Frontend.Dir)
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
		decision := variables.Decide(variables.Service{
			Name: s.Name, Dir: of.Dir, Build: of.Build.Dir, Others: dirs, Port: of.Port, Frontend: s.Name == frontendName, Has: has(p, s),
		}, texts, stack)
		p.Services[i].Process.Env = spec.Merge(s.Process.Env, decision.Env)
		for _, name := range slices.Sorted(maps.Keys(given)) {
			p.Services[i].Process.Env = spec.Merge(p.Services[i].Process.Env, []spec.Variable{spec.Env(name, given[name])})
		}
		p.Notes = append(p.Notes, decision.Notes...)
		for _, m := range decision.Missing {
			p.Missing = append(p.Missing, project.Missing(m))
		}
	}
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
