package compose

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
	"golang.org/x/sys/unix"

	"dagger/stack/internal/project"
	"dagger/stack/internal/spec"
)

// process is what runs.
func (r *reader) process(s types.ServiceConfig) spec.Process {
	p := spec.Process{
		Entrypoint: r.relative(s.Entrypoint), Args: r.relative(s.Command),
		Workdir:      s.WorkingDir,
		User:         s.User,
		Root:         project.IsRoot(s.User),
		Capabilities: capabilities(s.CapAdd, s.CapDrop),
		Groups:       s.GroupAdd,
		Env:          r.variablesOf(element{"services", s.Name, "environment"}, s.Environment),
		StopSignal:   signal(s.StopSignal),
	}
	if s.WorkingDir != "" && !strings.HasPrefix(s.WorkingDir, "/") {
		r.refuse(element{"services", s.Name, "working_dir"}, "%q: want an absolute path", s.WorkingDir)
	}
	for _, option := range s.SecurityOpt {
		e := element{"services", s.Name, "security_opt", item(option)}
		name, value, _ := strings.Cut(strings.ReplaceAll(option, "=", ":"), ":")
		switch name {
		case "no-new-privileges":
			p.NewPrivileges = value == "false"
		case "seccomp":
			r.note(e, "no effect: Docker's default profile stays")
		default:
			r.note(e, "no effect: the engine's own rules stay")
		}
	}
	if s.StopGracePeriod != nil {
		p.StopGrace = spec.Duration(*s.StopGracePeriod)
		if *s.StopGracePeriod > longestGrace {
			r.note(element{"services", s.Name, "stop_grace_period"}, "counts where the service is stopped or restarted by itself; the engine ends a whole stack after 10 s")
		}
	}
	return p
}

// longestGrace is how long a container has at the end of a stack (core/services.go of the engine, TerminateGracePeriod).
const longestGrace = types.Duration(10e9)

// relative are texts without the place of the copy in them, which ${PWD} may have brought in. None stays none.
func (r *reader) relative(texts []string) []string {
	texts = slices.Clone(texts)
	for i, text := range texts {
		texts[i] = r.workspace.relative(text)
	}
	return texts
}

// signal is a signal's name, which the file may write as a number, or without its beginning.
func signal(text string) string {
	if text == "" {
		return ""
	}
	if n, err := strconv.Atoi(text); err == nil {
		return unix.SignalName(unix.Signal(n))
	}
	return "SIG" + strings.TrimPrefix(strings.ToUpper(text), "SIG")
}

// variablesOf are variables of an environment. One without a value that nobody has given is not set, even where the image
// sets it: so does Docker.
func (r *reader) variablesOf(e element, env types.MappingWithEquals) (variables []spec.Variable) {
	for _, name := range slices.Sorted(maps.Keys(env)) {
		value := env[name]
		if value == nil {
			at := append(slices.Clone(e), item(name))
			r.note(at, "variable %s has no value and is not set: give it with --env %s=VALUE (the shell's variables are not seen)", name, name)
			variables = append(variables, spec.Variable{Name: name, Unset: true})
			continue
		}
		v := spec.Env(name, r.workspace.relative(*value))
		v.Sensitive = sensitive(name, *value)
		variables = append(variables, v)
	}
	return variables
}

// container is what the process sees around it, but for what is mounted and what names there are.
func (r *reader) container(s types.ServiceConfig) spec.Container {
	c := spec.Container{
		Hostname: s.Hostname, Domainname: s.DomainName,
		PID1: true,
		Init: s.Init != nil && *s.Init,
		TTY:  s.Tty, StdinOpen: s.StdinOpen,
		ReadOnly:  s.ReadOnly,
		ShmSize:   int64(s.ShmSize),
		NoNetwork: s.NetworkMode == "none",
		Sysctls:   s.Sysctls,
		DNS:       spec.DNS{Servers: s.DNS, Search: s.DNSSearch, Options: s.DNSOpts},
	}
	for _, name := range slices.Sorted(maps.Keys(s.Ulimits)) {
		limit := s.Ulimits[name]
		u := spec.Ulimit{Name: name, Soft: int64(limit.Single), Hard: int64(limit.Single)}
		if limit.Single == 0 {
			u.Soft, u.Hard = int64(limit.Soft), int64(limit.Hard)
		}
		c.Ulimits = append(c.Ulimits, u)
	}
	c.PostStart, c.PreStop = r.commands(s.Name, "post_start", s.PostStart), r.commands(s.Name, "pre_stop", s.PreStop)
	return c
}

// commands are those that run beside the process.
func (r *reader) commands(service, key string, hooks []types.ServiceHook) (commands []spec.Command) {
	for _, hook := range hooks {
		commands = append(commands, spec.Command{
			Args: r.relative(hook.Command), User: hook.User, Root: hook.User != "" && project.IsRoot(hook.User), Workdir: hook.WorkingDir,
			Env: r.variablesOf(element{"services", service, key}, hook.Environment),
		})
	}
	return commands
}

// number is a text as a number that is not negative.
func number(text string) (int, bool) {
	n, err := strconv.Atoi(text)
	return n, err == nil && n >= 0
}
