package project

import (
	"cmp"
	"errors"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"dagger/stack/internal/spec"
)

// AppUser is who a service runs as, if neither its image nor the user says who: not root, and the first user that images
// have room for.
const AppUser = "1000:1000"

// CodeLimits bound a service that runs code which nobody has measured.
var CodeLimits = spec.Limits{CPUs: 1, Memory: 1 << 30, Pids: 256}

// settle is how long a service that cannot be asked has to run to be healthy: what cannot work ends sooner, as a rule.
const settle = spec.Duration(10 * time.Second)

// ends tells whether a service is a job: one that was added as a job; and what others wait for, and what says no port to ask, can only
// be waited for by its end. An image without a command of the user's is more likely a server whose ports nobody has named.
func (c Custom) ends() bool {
	return c.Job || len(c.NeededBy) > 0 && len(c.Command) > 0 && len(c.Ports) == 0 && c.Probe == nil
}

// condition is what those wait for that need the service.
func (c Custom) condition() spec.Condition {
	if c.ends() {
		return spec.Completed
	}
	return spec.Healthy
}

// condition is what a service waits for that needs the service of that name.
func (p Project) condition(name string) spec.Condition {
	for _, c := range p.customs {
		if c.Name == name {
			return c.condition()
		}
	}
	return spec.Healthy
}

// Custom is a service that the user adds to those of the source.
type Custom struct {
	Name      string
	Job       bool     // it was added as a job
	First     bool     // it runs before all that is made like the same service
	Instead   bool     // it is the service that it is made like, to run something else once
	Contained bool     // it has a container of its own
	Like      string   // otherwise: the service that it is made as
	Command   []string // nil: the image's own
	User      string   // "": the image's own, if that is not root
	Env       []spec.Variable
	Ports     []spec.Port
	Needs     []string // services that must be healthy before it starts
	NeededBy  []string // services that must not start before it is healthy
	Data      []string // folders that outlive the session
	Probe     *spec.Probe

	Kind, Advice string   // see spec.Service
	Workdir      string   // absolute, or below that of the service that it is made like
	Reads        []string // patterns of the project's files: the same ones need not be read twice
	Files        []string // without which it has nothing to do, below Workdir

	Build *spec.Build // in the place of that of the service that it is made like

	image *Image // of its container, once that was read
}

// checkPlace refuses a custom service that does not fit into the stack.
func (p Project) checkPlace(c Custom) error {
	switch {
	case c.Contained == (c.Like != ""):
		return errors.New("want either --container or --like")
	case c.Contained:
	case len(p.models()) == 0:
		return fmt.Errorf("--like %q: no service of the stack is made from the project: give this one a --container", c.Like)
	case !slices.Contains(p.models(), c.Like):
		return fmt.Errorf("--like %q: want %s, the services that are made from the project", c.Like, strings.Join(p.models(), " or "))
	case len(c.Command) == 0:
		return fmt.Errorf("--like %s needs a --command: without one it would be the %s again", c.Like, c.Like)
	}
	for _, need := range slices.Concat(c.Needs, c.NeededBy) {
		if err := p.Check(need); err != nil {
			return err
		}
	}
	for _, dependent := range c.NeededBy {
		if s, found := p.Service(dependent); found && s.Backup != nil {
			return fmt.Errorf("%s %s: the built-in databases need nothing; want %s",
				c.neededBy(), dependent, strings.TrimPrefix(strings.Join(p.models(), ", ")+" or one of your own", " or "))
		}
	}
	with := p
	with.customs = append(slices.Clone(p.customs), c)
	if _, err := spec.Order(with.Names(), with.needs); err != nil {
		return err
	}
	volumes := map[string]string{}
	for _, custom := range with.customs {
		for _, folder := range custom.Data {
			volume := custom.volume(folder)
			if other := volumes[volume]; other != "" {
				return fmt.Errorf("data folder %q: its volume would be that of a folder of %s: choose another folder", folder, other)
			}
			volumes[volume] = custom.Name
		}
	}
	for _, port := range c.Ports {
		if taken := p.publishes(port.Published); taken != "" {
			return fmt.Errorf("port %d is published by %s already: choose another, or publish that one elsewhere", port.Published, taken)
		}
	}
	return nil
}

// neededBy is the flag that says who needs the service.
func (c Custom) neededBy() string {
	if c.Job {
		return "--before"
	}
	return "--needed-by"
}

// models are the services that another one can be made like: those that are made from the project's own code, or could be, and those
// that a compose file describes.
func (p Project) models() (names []string) {
	for _, s := range p.Services {
		if s.Build.Dir != "" || s.Described && s.Backup == nil {
			names = append(names, s.Name)
		}
	}
	return append(names, p.Absent...)
}

// service is what the stack runs of a custom service, made like another one if it is. The other one has its overrides.
func (c Custom) service(project Project, like spec.Service) spec.Service {
	s := spec.Service{Kind: "custom", Limits: CodeLimits, Process: spec.Process{User: AppUser}}
	if c.Like != "" {
		s = Like(like)
	}
	s.Kind, s.Advice, s.Reads = cmp.Or(c.Kind, s.Kind), c.Advice, c.Reads
	if len(c.Reads)+len(c.Files) > 0 {
		s.Once = &spec.Once{Files: c.Files}
	}
	if c.Instead {
		s = instead(s, like)
	}
	if c.Build != nil { // whose users, files and source are its own
		s.Like, s.Build, s.Source, s.ForRoot, s.Files = "", *c.Build, nil, "", nil
		s.Process.User, s.Process.Root, s.Process.Capabilities = AppUser, false, nil
	}
	if c.Workdir != "" {
		s.Process.Workdir = below(s.Process.Workdir, c.Workdir)
	}
	s.Name, s.Ports, s.Probe, s.Restart = c.Name, c.Ports, c.Probe, spec.Restart{Policy: spec.RestartOnFailure}
	s.Process.Command, s.Process.StopGroup = c.Command, true // a command may be a shell, which does not hand a signal on
	switch {
	case c.ends():
		s.Mode, s.Restart.Policy = spec.ModeJob, spec.RestartNo
		if s.Kind == "custom" {
			s.Kind = "job"
		}
	case s.Probe == nil:
		s.Settle = settle
	}
	if c.image != nil {
		s = c.image.complete(s)
	}
	if c.User != "" {
		s.Process.User, s.Process.Root, s.Process.Capabilities = c.User, false, nil
	}
	for _, name := range c.Needs {
		s.DependsOn = append(s.DependsOn, spec.Dependency{Service: name, Condition: project.condition(name)})
	}
	for _, d := range like.DependsOn {
		if !slices.Contains(c.Needs, d.Service) {
			s.DependsOn = append(s.DependsOn, d)
		}
	}
	s.Process.Env = c.env(project, like)
	for _, folder := range c.Data {
		s.Data = append(s.Data, spec.DataDir{Path: folder, Name: c.volume(folder)})
	}
	return s
}

// below is a folder as seen from another one.
func below(dir, name string) string {
	if path.IsAbs(name) {
		return name
	}
	return path.Join(dir, name)
}

// env is a custom service's environment. Where the services are that both it and the other one need, the other one's says.
func (c Custom) env(project Project, like spec.Service) []spec.Variable {
	inherited := slices.DeleteFunc(slices.Clone(like.Process.Env), func(v spec.Variable) bool { return v.Name == "PORT" })
	var own []spec.Variable
	if !like.Described { // what a compose file describes gets what the file says, and no more
		own = append(own, spec.Env("PROJECT_NAME", project.Name))
	}
	if len(c.Ports) > 0 {
		own = append(own, spec.Env("PORT", strconv.Itoa(c.Ports[0].Container)))
	}
	needs := slices.DeleteFunc(slices.Clone(c.Needs), func(need string) bool { return slices.Contains(like.Needs(), need) })
	return spec.Merge(inherited, own, project.exports(needs), c.Env)
}

// volume is a volume for each folder. The service's name alone could be that of a service of the source that was removed.
func (c Custom) volume(folder string) string {
	return "own-" + c.Name + strings.ReplaceAll(path.Clean(folder), "/", "-")
}
