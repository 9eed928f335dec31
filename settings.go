package main

import (
	"slices"

	"dagger/stack/internal/dagger"
	"dagger/stack/internal/limits"
	"dagger/stack/internal/project"
	"dagger/stack/internal/source"
	"dagger/stack/internal/source/compose"
	"dagger/stack/internal/source/detect"
	"dagger/stack/internal/spec"
)

// A development stack: postgres, redis, a backend and a frontend
type Stack struct {
	// +private
	Name string // "": that of the caller's folder
	// +private
	Webhook string
	// +private
	OTLPEndpoint string
	// +private
	OTLPHeaders *dagger.Secret
	// +private
	DBPassword *dagger.Secret
	// +private
	RedisPassword *dagger.Secret
	// +private
	SecretKey *dagger.Secret
	// +private
	APIPort int
	// +private
	APIHosts []string
	// +private
	APIPrivate bool
	// +private
	APIShell bool
	// +private
	BackendDir string
	// +private
	FrontendDir string
	// +private
	BackendDockerfile string
	// +private
	FrontendDockerfile string
	// +private
	NoDockerfile bool
	// +private
	RedisNoPassword bool
	// +private
	BackendCommand string
	// +private
	FrontendCommand string
	// +private
	Source string
	// +private
	ComposeFiles []string
	// +private
	Profiles []string
	// +private
	Env []string
	// +private
	EnvFiles []string
	// +private
	Strict bool
	// +private
	Migrate string
	// +private
	PostgresInit *dagger.Directory
	// +private
	BuildSSH *dagger.Socket
	// +private
	Unprivileged bool
	// +private
	Ephemeral bool
	// +private
	Production bool
	// What the user says about services, in the order in which it is said
	//
	// +private
	Settings []*Setting
	// Folder of the state volume, for stacks that have no volume of their own
	//
	// +private
	Folder string
}

// Setting is one thing that the user says about the stack's services, as it is kept between calls. What is empty says
// nothing.
type Setting struct {
	Service string // empty: every service

	Variable, Value string // an environment variable
	Template        bool   // Value refers to what the stack knows
	Build           bool   // it is the build's, and not the service's
	External        string // an external secret of the compose file
	Secret          *dagger.Secret

	Probe, StartPeriod, Interval, Timeout string // of its health
	Retries                               int

	CPUs   float64 // limits
	Memory string
	Pids   int

	Port, Publish     int  // the number that a port is published under; Port 0: the service's first
	Unpublish         bool // Port is not published
	Image, HealthPath string

	Restart, LogMaxSize                    string
	LogMaxFiles                            int
	OnUnhealthy, Ephemeral, WritableSource bool

	Without bool           // the service is taken out
	Custom  *CustomService // the service is added
}

// CustomService is a service that the user has added, as it is kept between calls.
type CustomService struct {
	Job                              bool
	Container                        *dagger.Container // nil: Like
	Like, Command, User              string
	Env, Port, Needs, NeededBy, Data []string
	ProbePath, ProbeCommand          string
	ProbeTCP                         int
}

// with is the stack with one more setting, if the setting can be. Whether the stack has the service is known when the
// project is.
func (m *Stack) with(setting Setting) (*Stack, error) {
	with := *m
	with.Settings = append(slices.Clone(m.Settings), &setting)
	return &with, setting.check()
}

// say adds those of the settings that say something.
func (m *Stack) say(settings ...Setting) {
	for _, setting := range settings {
		if setting != (Setting{Service: setting.Service}) {
			m.Settings = append(m.Settings, &setting)
		}
	}
}

// publish adds what --publish says.
func (m *Stack) publish(flags []string) error {
	for _, text := range flags {
		service, port, published, err := project.ParsePublish(text)
		if err != nil {
			return err
		}
		m.Settings = append(m.Settings, &Setting{Service: service, Port: port, Publish: published, Unpublish: published == 0})
	}
	return nil
}

// check refuses a setting that no stack could have.
func (s *Setting) check() (err error) {
	if s.Custom != nil {
		_, err = s.custom()
	} else if !s.Without {
		_, err = s.override()
	}
	return err
}

// set is a stack with all settings.
func (m *Stack) set(p project.Project) (_ project.Project, err error) {
	p.APIPort = m.APIPort
	for _, setting := range m.Settings {
		if p, err = setting.set(p); err != nil {
			return p, err
		}
	}
	return p, nil
}

func (s *Setting) set(p project.Project) (project.Project, error) {
	switch {
	case s.External != "":
		return p, p.CheckExternal(s.External)
	case s.Build && s.Secret == nil:
		return p.Build(project.BuildFlag{Service: s.Service, Name: s.Variable, Value: s.Value})
	case s.Build:
		return p, p.CheckBuildSecret(s.Service, s.Variable)
	case s.Without:
		return p.Remove(s.Service)
	case s.Custom != nil:
		custom, err := s.custom()
		if err != nil {
			return p, err
		}
		return p.Add(custom)
	}
	override, err := s.override()
	if err != nil {
		return p, err
	}
	return p.Override(override)
}

// custom is the service that the setting adds.
func (s *Setting) custom() (project.Custom, error) {
	return project.Flags{
		Name: s.Service, Job: s.Custom.Job, Contained: s.Custom.Container != nil, Like: s.Custom.Like, Command: s.Custom.Command, User: s.Custom.User,
		Env: s.Custom.Env, Ports: s.Custom.Port, Needs: s.Custom.Needs, NeededBy: s.Custom.NeededBy, Data: s.Custom.Data,
		ProbePath: s.Custom.ProbePath, ProbeTCP: s.Custom.ProbeTCP, ProbeCommand: s.Custom.ProbeCommand,
	}.Custom()
}

// override is the setting without the engine's objects in it.
func (s *Setting) override() (o project.Override, err error) {
	o = project.Override{
		Service: s.Service, Port: s.Port, Publish: s.Publish, Unpublish: s.Unpublish, Image: s.Image, HealthPath: s.HealthPath, Restart: spec.RestartPolicy(s.Restart),
		OnUnhealthy: s.OnUnhealthy, Ephemeral: s.Ephemeral, WritableSource: s.WritableSource,
	}
	if s.Variable != "" && !s.Build {
		v := spec.Env(s.Variable, s.Value)
		if s.Secret != nil {
			v.Value = spec.Value{spec.SecretPart(s.secretName(), spec.Plain)}
		}
		if s.Template {
			if v.Value, err = project.Template(s.Value); err != nil {
				return o, err
			}
		}
		o.Env = []spec.Variable{v}
	}
	if s.CPUs != 0 || s.Memory != "" || s.Pids != 0 {
		o.Limits, err = limits.Parse(s.Service, limits.Optional(s.CPUs), s.Memory, limits.Optional(s.Pids))
		if err != nil {
			return o, err
		}
	}
	if o.Log.MaxFiles = s.LogMaxFiles; s.LogMaxSize != "" {
		if o.Log.MaxSize, err = project.ParseLogSize(s.LogMaxSize); err != nil {
			return o, err
		}
	}
	o.Health, err = project.HealthFlags{Probe: s.Probe, StartPeriod: s.StartPeriod, Interval: s.Interval, Timeout: s.Timeout, Retries: s.Retries}.Read(s.Service)
	return o, err
}

// secretName is what the secret of a setting is called in the stack.
func (s *Setting) secretName() string {
	if s.External != "" {
		return project.ExternalSecret(s.External)
	}
	return "variable-" + s.Service + "-" + s.Variable
}

// options are what the user says of how the project's files are read.
func (m *Stack) options() source.Options {
	options := source.Options{
		Kind: source.Kind(m.Source),
		Compose: compose.Options{
			Name: m.name(), Files: m.ComposeFiles, Profiles: m.Profiles, Env: m.Env, EnvFiles: m.EnvFiles, SSH: m.BuildSSH != nil, Strict: m.Strict,
		},
		Detect: detect.Flags{
			BackendDir: m.BackendDir, FrontendDir: m.FrontendDir, BackendCommand: m.BackendCommand, FrontendCommand: m.FrontendCommand,
			BackendDockerfile: m.BackendDockerfile, FrontendDockerfile: m.FrontendDockerfile, NoDockerfile: m.NoDockerfile,
			Without: m.without(), Added: m.added(), Builds: m.builds(),
			Env: m.Env, RedisPassword: m.RedisPassword != nil, Production: m.Production,
		},
	}
	options.Compose.Without = options.Detect.Without
	return options
}

// checkSource refuses what a stack cannot be read from.
func checkSource(kind string) error { return source.CheckKind(kind) }
