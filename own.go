package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"dagger/stack/internal/dagger"
	"dagger/stack/internal/services"
	"dagger/stack/internal/shell"
	"dagger/stack/internal/spec"
)

// OwnService is one that the user has added, as it is kept between calls.
type OwnService struct {
	Name      string
	Like      string            // the service that it is made as; empty: it has a container
	Container *dagger.Container // nil: Like
	Of        string            // a services.Own as JSON
}

func (o *OwnService) own() (own services.Own, err error) {
	return own, json.Unmarshal([]byte(o.Of), &own)
}

// words are what the user writes about a service, as he writes it.
type words struct {
	command                 string
	env, ports              []string
	probePath, probeCommand string
	probeTCP                int
}

// readOwn completes a service with what the user wrote about it.
func readOwn(own services.Own, w words) (services.Own, error) {
	var err error
	if w.command != "" {
		if own.Command, err = shell.Split(w.command); err != nil {
			return own, err
		}
	}
	for _, text := range w.env {
		v, err := services.ParseEnv(text)
		if err != nil {
			return own, err
		}
		own.Env = append(own.Env, v)
	}
	for _, text := range w.ports {
		port, err := services.ParsePort(text)
		if err != nil {
			return own, err
		}
		if slices.ContainsFunc(own.Ports, func(p spec.Port) bool { return p.Container == port.Container }) {
			return own, fmt.Errorf("port %d is given twice", port.Container)
		}
		own.Ports = append(own.Ports, port)
	}
	var probe []string
	if w.probeCommand != "" {
		if probe, err = shell.Split(w.probeCommand); err != nil {
			return own, err
		}
	}
	if own.Probe, err = services.Probe(own.Ports, w.probePath, w.probeTCP, probe); err != nil {
		return own, err
	}
	if err := services.CheckUser(own.User); err != nil {
		return own, err
	}
	return own, services.CheckData(own.Data)
}

// parts are the names of the services that the stack can have: what a project has is known only to up.
func (m *Stack) parts() []string {
	names := slices.DeleteFunc(slices.Clone(services.BuiltIn), m.without)
	for _, own := range m.Own {
		names = append(names, own.Name)
	}
	return names
}

func (m *Stack) checkPart(name string) error {
	if parts := m.parts(); !slices.Contains(parts, name) {
		return fmt.Errorf("service %q is not part of the stack: want one of %s", name, strings.Join(parts, ", "))
	}
	return nil
}

// checkNew refuses a name that no service can be added under.
func (m *Stack) checkNew(name string) error {
	if err := services.CheckName(name); err != nil {
		return err
	}
	if slices.Contains(m.parts(), name) {
		return fmt.Errorf("service %q is part of the stack already: choose another name, or take that one out before, with without-service", name)
	}
	return nil
}

// checkPlace refuses a service that does not fit into the stack.
func (m *Stack) checkPlace(own services.Own, contained bool, like string) error {
	switch {
	case contained == (like != ""):
		return errors.New("want either --container or --like")
	case like != "" && like != services.BackendName && like != services.FrontendName:
		return fmt.Errorf("--like %q: want backend or frontend, the services that are made from the project", like)
	case like != "" && len(own.Command) == 0:
		return fmt.Errorf("--like %s needs a --command: without one it would be the %s again", like, like)
	case like != "":
		if err := m.checkPart(like); err != nil {
			return err
		}
	}
	for _, need := range slices.Concat(own.Needs, own.NeededBy) {
		if err := m.checkPart(need); err != nil {
			return err
		}
	}
	for _, dependent := range own.NeededBy {
		if dependent == services.PostgresName || dependent == services.RedisName {
			return fmt.Errorf("--needed-by %s: the built-in databases need nothing; want backend, frontend or one of your own", dependent)
		}
	}
	if _, err := spec.Order(append(m.parts(), own.Name), func(name string) []string { return m.needs(name, own) }); err != nil {
		return err
	}
	for _, port := range own.Ports {
		if taken := m.publishes(port.Published); taken != "" {
			return fmt.Errorf("port %d is published by %s already: choose another, or publish that one elsewhere", port.Published, taken)
		}
	}
	return nil
}

// needs are those of a service, in a stack that one more is to be added to.
func (m *Stack) needs(name string, added services.Own) (needs []string) {
	all := []services.Own{
		{Name: services.BackendName, Needs: []string{services.PostgresName, services.RedisName}},
		{Name: services.FrontendName, Needs: []string{services.BackendName}},
		added,
	}
	for _, own := range m.Own {
		if own, err := own.own(); err == nil {
			all = append(all, own)
		}
	}
	for _, own := range all {
		if own.Name == name {
			needs = append(needs, own.Needs...)
		}
		if slices.Contains(own.NeededBy, name) {
			needs = append(needs, own.Name)
		}
	}
	return needs
}

// publishes is who has a port of the host; "" if nobody has it.
func (m *Stack) publishes(port int) string {
	switch port {
	case 0:
		return ""
	case m.APIPort:
		return "the API"
	}
	builtIn := map[string]int{
		services.PostgresName: m.PostgresPort, services.RedisName: m.RedisPort,
		services.BackendName: m.BackendPort, services.FrontendName: m.FrontendPort,
	}
	for _, name := range services.BuiltIn {
		if builtIn[name] == port && !m.without(name) {
			return name
		}
	}
	for _, added := range m.Own {
		own, err := added.own()
		if err == nil && slices.ContainsFunc(own.Ports, func(p spec.Port) bool { return p.Published == port }) {
			return added.Name
		}
	}
	return ""
}
