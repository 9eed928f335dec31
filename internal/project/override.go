package project

import (
	"cmp"
	"slices"

	"dagger/stack/internal/limits"
	"dagger/stack/internal/recipe"
	"dagger/stack/internal/spec"
)

// Override is what the user says about one service, over what its source says. What is empty says nothing.
type Override struct {
	Service        string          // empty: every service
	Port, Publish  int             // the number that a port is published under; Port 0: its first
	Unpublish      bool            // Port is not published
	Image          string          // in the place of its image
	HealthPath     string          // to ask over HTTP, in the place of those that were guessed
	Health         Health          // how it is asked, field by field
	Env            []spec.Variable // in the place of variables of the same names
	Limits         limits.Setting  // field by field
	Restart        spec.RestartPolicy
	OnUnhealthy    bool     // it is restarted when it turns unhealthy
	Ephemeral      bool     // its data ends with the session
	WritableSource bool     // it may change its source
	Log            spec.Log // what is kept of its output, field by field
}

// overridden is a service with what the user says about it, or about all instances of which it is one.
func (p Project) overridden(s spec.Service) spec.Service {
	for _, o := range p.overrides {
		if o.Service == "" || o.Service == s.Name || o.Service == s.InstanceOf {
			s = o.apply(s)
		}
	}
	return s
}

func (o Override) apply(s spec.Service) spec.Service {
	if o.Publish != 0 || o.Unpublish {
		s.Ports = o.publish(s.Ports)
	}
	if o.Image != "" {
		s.Build.Image, s.Kind = o.Image, o.Image
	}
	if o.HealthPath != "" && len(s.Ports) > 0 {
		// A path that somebody has named must be right; one that was guessed may answer that it wants a login.
		s = Health{Probe: spec.Probe{HTTP: &spec.HTTPGet{Paths: []string{o.HealthPath}}}}.apply(s)
	}
	s = o.Health.apply(s)
	s.Process.Env = spec.Merge(s.Process.Env, slices.DeleteFunc(slices.Clone(o.Env), func(v spec.Variable) bool { return settled(s, v.Name) }))
	s.Limits = o.Limits.Apply(s.Limits)
	if o.Restart != "" {
		s.Restart.Policy = o.Restart
	}
	if o.OnUnhealthy {
		s.Restart.OnUnhealthy = true
	}
	s.Log = spec.Log{MaxSize: cmp.Or(o.Log.MaxSize, s.Log.MaxSize), MaxFiles: cmp.Or(o.Log.MaxFiles, s.Log.MaxFiles)}
	if o.Ephemeral {
		s = recipe.Ephemeral(s)
	}
	if o.WritableSource && s.Source != nil {
		source := *s.Source
		source.Writable = true
		s.Source = &source
	}
	return s
}

// publish is a service's ports with one of them published otherwise. A port that the service does not name is added.
func (o Override) publish(ports []spec.Port) []spec.Port {
	ports = slices.Clone(ports)
	at := slices.IndexFunc(ports, func(p spec.Port) bool { return o.Port == 0 || p.Container == o.Port })
	switch {
	case at >= 0:
		ports[at].Published = o.Publish
	case o.Port != 0:
		ports = append(ports, spec.Port{Container: o.Port, Published: o.Publish})
	}
	return ports
}
