package compose

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"

	"dagger/stack/internal/spec"
)

// hosts are the names that the service finds others by: those of the services that a network has in common with it.
func (r *reader) hosts(s types.ServiceConfig) (hosts []spec.Host) {
	for _, name := range r.names() {
		other := r.model.Services[name]
		for _, known := range r.namesFor(s, other) {
			host := spec.Host{Name: known, Service: name}
			if !slices.Contains(hosts, host) {
				hosts = append(hosts, host)
			}
		}
	}
	for _, link := range s.Links {
		if name, alias, aliased := strings.Cut(link, ":"); aliased {
			hosts = append(hosts, spec.Host{Name: alias, Service: name})
		}
	}
	for _, name := range slices.Sorted(maps.Keys(s.ExtraHosts)) {
		for _, ip := range s.ExtraHosts[name] {
			if ip == "host-gateway" {
				r.note(element{"services", s.Name, "extra_hosts", item(name)}, "no effect: %s does not resolve, because the machine that dagger is called on cannot be reached", name)
				continue
			}
			hosts = append(hosts, spec.Host{Name: name, IP: ip})
		}
	}
	return hosts
}

// namesFor are the names of one service in the networks of another one, none if they share no network.
func (r *reader) namesFor(s, other types.ServiceConfig) (names []string) {
	shared := s.Name == other.Name
	add := func(name string) {
		if name != "" && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	own := map[string]bool{} // by the networks' own names: two keys may stand for one network
	for network := range s.Networks {
		own[r.model.Networks[network].Name] = true
	}
	for _, network := range slices.Sorted(maps.Keys(other.Networks)) {
		if !own[r.model.Networks[network].Name] {
			continue
		}
		shared = true
		use := other.Networks[network]
		if use.ServiceNameAliasEnabled() {
			add(other.Name)
			add(other.Name + "." + r.model.Networks[network].Name)
		}
		if use != nil {
			for _, alias := range use.Aliases {
				add(alias)
			}
		}
	}
	if linked := slices.Contains(s.Links, other.Name); shared || linked {
		if len(names) == 0 {
			add(other.Name)
		}
		add(other.ContainerName)
		add(other.Hostname)
		if other.ContainerName == "" && other.GetScale() == 1 {
			add(r.model.Name + "-" + other.Name + "-1")
		}
	}
	return names
}

// ports are those of the service, published where the file publishes them.
func (r *reader) ports(s types.ServiceConfig) (ports []spec.Port) {
	add := func(port spec.Port) {
		if !slices.Contains(ports, port) {
			ports = append(ports, port)
		}
	}
	for _, p := range s.Ports {
		e := element{"services", s.Name, "ports", item(cmp.Or(p.Published, strconv.Itoa(int(p.Target))))}
		if p.Protocol != "" && p.Protocol != "tcp" {
			r.note(e, "no effect: %s ports cannot be published, services of the stack reach it", p.Protocol)
			continue
		}
		if s.NetworkMode == "none" {
			r.note(e, "no effect: the service has no network (network_mode: none)")
			continue
		}
		port := spec.Port{Container: int(p.Target)}
		switch first, _, isRange := strings.Cut(p.Published, "-"); {
		case p.Published == "" || p.Published == "0":
			port.Published = r.freePort(port.Container)
			r.note(e, "is published as %d: a random number cannot be had", port.Published)
		case isRange && s.GetScale() <= 1:
			port.Published, _ = strconv.Atoi(first)
			r.note(e, "is published as %s: which numbers of the range are free is not known", first)
		default:
			port.Published, _ = strconv.Atoi(first)
		}
		if p.HostIP != "" && p.HostIP != "0.0.0.0" && p.HostIP != "::" {
			r.note(e, "is published on all addresses of the machine, not on %s alone", p.HostIP)
		}
		if port.Published > 0 && port.Published < 1024 {
			r.note(e, "is published as %d, which a caller who is not root cannot have: choose another with --publish %s:%d=%d",
				port.Published, s.Name, port.Container, port.Published+8000)
		}
		add(port)
	}
	for _, text := range s.Expose {
		if s.NetworkMode == "none" {
			break // nobody reaches it
		}
		text, protocol, _ := strings.Cut(text, "/")
		first, last, isRange := strings.Cut(text, "-")
		from, ok := number(first)
		to := from
		if isRange {
			to, _ = number(last)
		}
		for port := from; ok && port <= min(to, 65535) && protocol != "udp"; port++ {
			if !slices.ContainsFunc(ports, func(p spec.Port) bool { return p.Container == port }) {
				add(spec.Port{Container: port})
			}
		}
	}
	return ports
}

// freePort is the number that a port is published under where the file leaves it open: its own, if a caller who is not root can
// have that, and no other service of the stack has it.
func (r *reader) freePort(container int) int {
	if r.published == nil {
		r.published = map[int]bool{}
		for _, s := range r.model.Services {
			for _, p := range s.Ports {
				if n, err := strconv.Atoi(p.Published); err == nil {
					r.published[n] = true
				}
			}
		}
	}
	port := container
	if port < 1024 {
		port += 8000
	}
	for r.published[port] && port < 65535 {
		port++
	}
	r.published[port] = true
	return port
}

// notePublished says which services want one number. Package project refuses that, unless the user publishes one of them elsewhere.
func (r *reader) notePublished(services []spec.Service) {
	taken := map[int]spec.Service{}
	for _, s := range services {
		for _, port := range s.Ports {
			other, found := taken[port.Published]
			if port.Published == 0 || !found || other.Name == s.Name {
				taken[port.Published] = s
				continue
			}
			if name := fileName(s); name != fileName(other) {
				r.note(element{"services", name, "ports", item(strconv.Itoa(port.Published))},
					"%d is published by %s as well: publish one of them elsewhere with --publish %s:%d=NUMBER", port.Published, fileName(other), name, port.Container)
			}
		}
	}
}

// fileName is the name that the file has for a service.
func fileName(s spec.Service) string { return cmp.Or(s.InstanceOf, s.Name) }

// proxy is a service that is left out and would have published others.
type proxy struct{ name string }

// proxies are images that publish other services by what their labels or variables say.
var proxies = []string{"traefik", "nginx-proxy", "caddy-docker-proxy"}

// findProxies are the proxies among the services that cannot be had.
func (r *reader) findProxies() (found []proxy) {
	for name := range r.impossible {
		if slices.ContainsFunc(proxies, func(image string) bool { return strings.Contains(r.model.Services[name].Image, image) }) {
			found = append(found, proxy{name})
		}
	}
	return found
}

// publishBehindProxies publishes what only a proxy that is left out would have published.
func (r *reader) publishBehindProxies(services []spec.Service) {
	if len(r.proxies) == 0 {
		return
	}
	for i, s := range services {
		of := r.model.Services[fileName(s)]
		port := proxied(of)
		if port == 0 || slices.ContainsFunc(s.Ports, func(p spec.Port) bool { return p.Published != 0 }) {
			continue
		}
		published := r.freePort(port)
		services[i].Ports = append(slices.DeleteFunc(slices.Clone(s.Ports), func(p spec.Port) bool { return p.Container == port }),
			spec.Port{Container: port, Published: published})
		r.note(element{"services", fileName(s)}, "is published as %d itself, because %s is left out", published, r.proxies[0].name)
	}
}

// proxied is the port that a proxy would have sent requests to; 0 if none.
func proxied(s types.ServiceConfig) int {
	labels := map[string]string{}
	maps.Copy(labels, s.Labels)
	if s.Deploy != nil {
		maps.Copy(labels, s.Deploy.Labels)
	}
	wanted := labels["traefik.enable"] == "true"
	for _, name := range slices.Sorted(maps.Keys(labels)) {
		value := labels[name]
		if strings.HasSuffix(name, "loadbalancer.server.port") {
			port, _ := number(value)
			return port
		}
		if fields := strings.Fields(strings.Trim(value, "{} ")); strings.HasPrefix(name, "caddy") && len(fields) == 2 && fields[0] == "upstreams" {
			port, _ := number(fields[1])
			return port
		}
		wanted = wanted || strings.HasPrefix(name, "traefik.http.routers.") || strings.HasPrefix(name, "caddy.reverse_proxy")
	}
	for name, value := range s.Environment {
		if name == "VIRTUAL_PORT" && value != nil {
			port, _ := number(*value)
			return port
		}
		wanted = wanted || name == "VIRTUAL_HOST"
	}
	if wanted && len(s.Expose) > 0 {
		port, _ := number(fmt.Sprint(s.Expose[0]))
		return port
	}
	return 0
}
