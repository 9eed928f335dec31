package agent

import (
	"fmt"
	"net/netip"
	"os"
	"slices"
	"strings"

	"dagger/stack/internal/agent/names"
	"dagger/stack/internal/spec"
	"dagger/stack/internal/state"
)

// Names is how the container's processes find others by name.
type Names struct {
	Hosts    string // the hosts file
	At       names.Sockets
	Note     string // what a nameserver there keeps the service from
	Domains  []string
	Upstream []string
}

const dockerHosts = "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\nfe00::\tip6-localnet\nff00::\tip6-mcastprefix\nff02::1\tip6-allnodes\nff02::2\tip6-allrouters\n"

// serveNames answers for the names of the stack, for as long as the agent lives. Without a nameserver, the engine's hosts file has
// the names of its bindings, which are the services that this one needs.
func (a *agent) serveNames() error {
	if a.Names == nil {
		return nil
	}
	if a.Names.Note != "" {
		a.notes = append(a.notes, a.Names.Note)
	}
	if text := a.hosts(); text != "" {
		if err := os.WriteFile(a.Names.Hosts, []byte(text), 0o644); err != nil {
			return err
		}
	}
	server := &names.Server{Directory: a.directory(), Domains: a.Names.Domains, Upstream: a.Names.Upstream}
	go func() {
		if err := server.Serve(a.Names.At); err != nil {
			a.log.Note("names do not resolve any more: " + err.Error())
		}
	}()
	return nil
}

// hosts is what Docker writes into a container's hosts file (moby daemon/libnetwork/etchosts): the container's own name, and names of
// addresses. "": what the engine has written stays, with the names of its bindings.
func (a *agent) hosts() string {
	c := a.Service.Container
	if c.Hosts == nil {
		return ""
	}
	text := dockerHosts
	if !c.NoNetwork {
		text += a.Address.String() + "\t" + ownNames(a.hostname(), c.Domainname) + "\n"
	}
	for _, host := range c.Hosts {
		if host.IP != "" {
			text += fmt.Sprintf("%s\t%s\n", host.IP, host.Name)
		}
	}
	return text
}

// ownNames are a container's in its hosts file: the whole name, and the bare one where that has a domain, in whichever of the two it was given.
func ownNames(hostname, domain string) string {
	if domain != "" {
		hostname += "." + domain
	}
	if bare, _, has := strings.Cut(hostname, "."); has {
		return hostname + " " + bare
	}
	return hostname
}

// directory is the stack's services that run, by the names that the service knows.
type directory struct {
	stack   state.Stack
	hosts   []spec.Host // nil: every service under its name
	aliases []spec.Host
}

func (a *agent) directory() directory {
	return directory{a.State, a.Service.Container.Hosts, a.Service.Container.Aliases}
}

// Addresses of a name that stands for services of which none runs are none. Where nothing is said of names, such a service may be none
// of the stack's any more.
func (d directory) Addresses(name string) (found []netip.Addr, known bool, err error) {
	addresses, err := d.stack.Addresses()
	for _, host := range d.known(addresses) {
		if !strings.EqualFold(host.Name, name) || host.Service == "" { // one of an address is in the hosts file
			continue
		}
		address, runs := d.address(addresses, host.Service)
		if runs && !slices.Contains(found, address) {
			found = append(found, address)
		}
		known = known || runs || d.hosts != nil
	}
	return found, known, err
}

// Names are the first of each service.
func (d directory) Names() (map[netip.Addr]string, error) {
	addresses, err := d.stack.Addresses()
	found := map[netip.Addr]string{}
	for _, host := range d.known(addresses) {
		if address, runs := d.address(addresses, host.Service); runs && found[address] == "" {
			found[address] = host.Name
		}
	}
	return found, err
}

func (d directory) known(addresses map[string]netip.Addr) []spec.Host {
	if d.hosts != nil {
		return d.hosts
	}
	var hosts []spec.Host
	for service := range addresses {
		hosts = append(hosts, spec.Host{Name: service, Service: service})
	}
	return append(hosts, d.aliases...)
}

// address is that of a service, unless it has ended: the address may be another's by then. One that still waits for its start has
// one, too: many a server that is told a name ends if it does not resolve, and tries again if nobody listens there.
func (d directory) address(addresses map[string]netip.Addr, service string) (address netip.Addr, runs bool) {
	address, found := addresses[service]
	if !found || !d.stack.Service(service).Alive() {
		return address, false
	}
	status, err := d.stack.Service(service).Status()
	return address, err == nil && status.Phase != state.Exited
}
