package compose

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"

	"dagger/stack/internal/project"
	"dagger/stack/internal/spec"
)

// mostInstances is more than one machine has room for.
const mostInstances = 100

// instances are a service as often as the file says: itself if that is once, else NAME-1 to NAME-n.
func (r *reader) instances(s spec.Service, of types.ServiceConfig) []spec.Service {
	n := of.GetScale()
	e := element{"services", s.Name, "scale"}
	if of.Scale == nil {
		e = element{"services", s.Name, "deploy", "replicas"}
	}
	if of.Deploy != nil && strings.HasPrefix(of.Deploy.Mode, "global") {
		r.note(element{"services", s.Name, "deploy", "mode"}, "one instance: there is one machine")
	}
	if n == 1 {
		return []spec.Service{s}
	}
	if n == 0 {
		r.note(e, "no instance: the service is not part of the stack")
		return nil
	}
	if n > mostInstances {
		r.refuse(e, "%d instances: want at most %d", n, mostInstances)
		return []spec.Service{s}
	}
	var instances []spec.Service
	for i := range n {
		instance := s
		instance.Name, instance.InstanceOf = instanceName(s.Name, i), s.Name
		if _, taken := r.model.Services[instance.Name]; taken {
			r.refuse(e, "an instance would be called %s, which is another service: rename that one", instance.Name)
		}
		instance.Container.Mounts = slices.Clone(s.Container.Mounts)
		for j, m := range instance.Container.Mounts {
			if m.Type == spec.MountVolume && m.Source == project.AnonymousVolume(s.Name, m.Target) {
				instance.Container.Mounts[j].Source = project.AnonymousVolume(instance.Name, m.Target)
			}
		}
		instance.Ports = r.instancePorts(s, of, i)
		instances = append(instances, instance)
	}
	return instances
}

func instanceName(name string, i int) string { return fmt.Sprintf("%s-%d", name, i+1) }

func preStartName(name string, i int) string { return fmt.Sprintf("%s-pre-start-%d", name, i+1) }

// instancePorts are the ports of one instance: of a range each instance has a number of its own, and one number is for all of
// them, which the gateway spreads over them.
func (r *reader) instancePorts(s spec.Service, of types.ServiceConfig, i int) []spec.Port {
	ports := slices.Clone(s.Ports)
	for _, p := range of.Ports {
		first, last, isRange := strings.Cut(p.Published, "-")
		from, _ := strconv.Atoi(first)
		to, _ := strconv.Atoi(last)
		if !isRange {
			continue
		}
		for j := range ports {
			if ports[j].Container == int(p.Target) && ports[j].Published == from {
				ports[j].Published = min(from+i, to)
			}
		}
	}
	return ports
}

// connectInstances puts the instances of a service in its place where others name the service.
func (r *reader) connectInstances(services []spec.Service) []spec.Service {
	instances := map[string][]string{}
	for _, s := range services {
		instances[fileName(s)] = append(instances[fileName(s)], s.Name)
	}
	for i, s := range services {
		var dependencies []spec.Dependency
		for _, d := range s.DependsOn {
			for _, name := range instances[d.Service] {
				d.Service = name
				dependencies = append(dependencies, d)
			}
		}
		var hosts []spec.Host
		for _, host := range s.Container.Hosts {
			if host.Service == "" {
				hosts = append(hosts, host)
			}
			names := instances[host.Service]
			for j, name := range names {
				hosts = append(hosts, spec.Host{Name: host.Name, Service: name})
				if len(names) > 1 && host.Name == host.Service {
					hosts = append(hosts, spec.Host{Name: r.model.Name + "-" + instanceName(host.Service, j), Service: name})
				}
			}
		}
		services[i].DependsOn, services[i].Container.Hosts = dependencies, hosts
	}
	return services
}
