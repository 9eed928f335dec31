package project

import (
	"slices"

	"dagger/stack/internal/limits"
	"dagger/stack/internal/spec"
)

// Override is what the user says about one service, over what its source says. What is empty says nothing.
type Override struct {
	Service        string          // empty: every service
	Publish        int             // the number that its first port is published under
	Image          string          // in the place of its image
	HealthPath     string          // to ask over HTTP, in the place of those that were guessed
	Env            []spec.Variable // in the place of variables of the same names
	Limits         limits.Setting  // field by field
	Restart        *spec.Restart   // what happens when its process ends or turns unhealthy
	Ephemeral      bool            // its data ends with the session
	WritableSource bool            // it may change its source
	Log            *spec.Log       // what is kept of its output
}

// overridden is a service with what the user says about it.
func (p Project) overridden(s spec.Service) spec.Service {
	for _, o := range p.overrides {
		if o.Service == "" || o.Service == s.Name {
			s = o.apply(s)
		}
	}
	return s
}

func (o Override) apply(s spec.Service) spec.Service {
	if o.Publish != 0 && len(s.Ports) > 0 {
		s.Ports = slices.Clone(s.Ports)
		s.Ports[0].Published = o.Publish
	}
	if o.Image != "" {
		s.Build.Image, s.Kind = o.Image, o.Image
	}
	if o.HealthPath != "" && s.Probe != nil && s.Probe.HTTP != nil {
		// A path that somebody has named must be right; one that was guessed may answer that it wants a login.
		probe := *s.Probe
		probe.HTTP = &spec.HTTPGet{Port: s.Probe.HTTP.Port, Paths: []string{o.HealthPath}}
		s.Probe = &probe
	}
	s.Process.Env = spec.Merge(s.Process.Env, o.Env)
	s.Limits = o.Limits.Apply(s.Limits)
	if o.Restart != nil {
		s.Restart = *o.Restart
	}
	if o.Log != nil {
		s.Log = *o.Log
	}
	if o.Ephemeral {
		s.Data = slices.Clone(s.Data)
		for i := range s.Data {
			s.Data[i].Ephemeral = true
		}
	}
	if o.WritableSource && s.Source != nil {
		source := *s.Source
		source.Writable = true
		s.Source = &source
	}
	return s
}
