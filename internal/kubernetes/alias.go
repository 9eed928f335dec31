package kubernetes

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
)

// findAliases finds the names beside its own that a service has in its networks. In a cluster a name is everybody's.
func (w *writer) findAliases() {
	called := map[string][]*group{}
	for _, g := range w.groups {
		for _, host := range slices.Concat(g.Container.Hosts, g.Container.Aliases) {
			to := w.group(host.Service)
			own := to == nil || host.Name == to.source || host.Name == to.name || w.automatic(host.Name, to) || to.InstanceOf != "" && host.Name == host.Service
			if host.IP == "" && host.Service != "" && !own && !slices.Contains(called[host.Name], to) {
				called[host.Name] = append(called[host.Name], to)
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(called)) {
		to := called[name][0]
		taken := slices.ContainsFunc(w.groups, func(g *group) bool { return g.name == name })
		switch {
		case len(called[name]) > 1 || taken:
			w.note("%s is what some networks call %s: in the cluster a name is everybody's, and that one leads to another", name, to.source)
		case name != objectName(name):
			w.note("%s is called %s in the cluster, and not %s, as some of its networks call it", to.source, to.name, name)
		default:
			to.aliases = append(to.aliases, name)
		}
	}
}

// aliasServices are a service's other names: each a Service that leads to the same pods.
func (w *writer) aliasServices(g *group, service *corev1.Service) (objects []any) {
	for _, name := range g.aliases {
		alias := service.DeepCopy()
		alias.ObjectMeta = w.meta(g, name, fmt.Sprintf("What networks of the project call %s, too.", g.source))
		objects = append(objects, alias)
	}
	return objects
}

// automatic tells whether a name is one that Docker gives each service, and that nobody has asked for: SERVICE.NETWORK, or PROJECT-SERVICE-1.
func (w *writer) automatic(name string, g *group) bool {
	number, found := strings.CutPrefix(name, w.project.Name+"-"+g.source+"-")
	_, err := strconv.Atoi(number)
	return strings.HasPrefix(name, g.source+".") || found && err == nil
}
