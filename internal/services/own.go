package services

import (
	"cmp"
	"path"
	"slices"
	"strconv"
	"strings"

	"dagger/stack/internal/spec"
)

// Own is a service that the user adds to the built-in ones.
type Own struct {
	Name     string
	Command  []string // nil: the image's own
	User     string   // "": the image's own, if that is not root
	Env      []spec.Env
	Ports    []spec.Port
	Needs    []string // services that must be healthy before it starts
	NeededBy []string // services that must not start before it is healthy
	Data     []string // folders that outlive the session
	Probe    *spec.Probe
}

// OwnLimits bound a service of the user's unless he says otherwise: those of a backend.
var OwnLimits = DefaultLimits[BackendName]

// Service is what the stack runs of it. It finds what it needs in its environment, as the backend does; others are the
// services of the stack that it may need.
func (o Own) Service(opt Options, others []spec.Service) spec.Service {
	s := spec.Service{
		Name: o.Name,
		Process: spec.Process{
			Command:   o.Command,
			User:      cmp.Or(o.User, appUser),
			StopGroup: true, // a command may be a shell, which does not hand a signal on
			Env:       merge([]spec.Env{{Name: "PROJECT_NAME", Value: opt.Stack}}, o.port(), o.needed(others), o.Env),
		},
		Ports: o.Ports, Needs: o.Needs, Probe: o.Probe,
		Limits: opt.Limits[o.Name], Restart: opt.Restart,
	}
	for _, folder := range o.Data {
		s.Data = append(s.Data, spec.DataDir{Path: folder, Name: o.volume(folder), Ephemeral: opt.Ephemeral})
	}
	return s
}

// Like is the service made as another one is, from the same code and with the same environment and needs, to run a command
// of its own.
func (o Own) Like(other spec.Service, opt Options, others []spec.Service) spec.Service {
	s := o.Service(opt, others)
	s.Build, s.Source, s.Process.Workdir = other.Build, other.Source, other.Process.Workdir
	if o.User == "" {
		s.Process.User = other.Process.User
	}
	inherited := slices.DeleteFunc(slices.Clone(other.Process.Env), func(v spec.Env) bool { return v.Name == "PORT" })
	s.Process.Env = merge(inherited, s.Process.Env)
	for _, need := range other.Needs {
		if !slices.Contains(s.Needs, need) {
			s.Needs = append(slices.Clone(s.Needs), need)
		}
	}
	return s
}

// merge is all variables; of two with one name the later.
func merge(lists ...[]spec.Env) (env []spec.Env) {
	for _, v := range slices.Concat(lists...) {
		env = slices.DeleteFunc(env, func(old spec.Env) bool { return old.Name == v.Name })
		env = append(env, v)
	}
	return env
}

func (o Own) port() []spec.Env {
	if len(o.Ports) == 0 {
		return nil
	}
	return []spec.Env{{Name: "PORT", Value: strconv.Itoa(o.Ports[0].Container)}}
}

// needed are the variables that say where the built-in services are.
func (o Own) needed(others []spec.Service) (env []spec.Env) {
	for _, other := range others {
		if !slices.Contains(o.Needs, other.Name) {
			continue
		}
		switch other.Name {
		case PostgresName:
			env = append(env, spec.Env{Name: databaseVariable, Template: DatabaseURL})
		case RedisName:
			env = append(env, spec.Env{Name: redisVariable, Template: RedisURL})
		case BackendName, FrontendName:
			url := "http://" + other.Name + ":" + strconv.Itoa(other.Ports[0].Container)
			env = append(env, spec.Env{Name: strings.ToUpper(other.Name) + "_URL", Value: url})
		}
	}
	return env
}

// volume is one of its own for each folder. A service's name alone could be that of a built-in one that was removed.
func (o Own) volume(folder string) string {
	return "own-" + o.Name + strings.ReplaceAll(path.Clean(folder), "/", "-")
}

// Drop takes away what a service had of another that is not part of the stack: the need, and the variables that say
// where it is.
func Drop(s spec.Service, name string) spec.Service {
	gone := map[string][]string{
		PostgresName: {databaseVariable}, RedisName: {redisVariable},
		BackendName: {"BACKEND_URL", "VITE_API_BASE_URL"}, FrontendName: {"FRONTEND_URL"},
	}[name]
	s.Needs = slices.DeleteFunc(slices.Clone(s.Needs), func(need string) bool { return need == name })
	s.Process.Env = slices.DeleteFunc(slices.Clone(s.Process.Env), func(v spec.Env) bool { return slices.Contains(gone, v.Name) })
	return s
}

// SetEnv gives a service a variable, in the place of one that it has.
func SetEnv(s spec.Service, v spec.Env) spec.Service {
	s.Process.Env = merge(s.Process.Env, []spec.Env{v})
	return s
}

// OwnSecretName is the name of a secret that the user gives to a service as that variable, and OwnSecret its template.
func OwnSecretName(variable string) string { return "variable-" + variable }

// OwnSecret is described at OwnSecretName.
func OwnSecret(variable string) spec.Template {
	return spec.Template(`{{secret "` + OwnSecretName(variable) + `"}}`)
}
