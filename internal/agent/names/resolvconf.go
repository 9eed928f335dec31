package names

import (
	"net"
	"slices"
	"strconv"
	"strings"

	"dagger/stack/internal/spec"
)

// ResolvConf is what resolv.conf(5) says.
type ResolvConf struct {
	Servers []string
	Search  []string
	Options []string
}

// ParseResolvConf reads it as resolvers do: of several lists of domains the last counts.
func ParseResolvConf(text string) (conf ResolvConf) {
	for line := range strings.Lines(text) {
		fields := strings.Fields(line)
		if len(fields) < 2 {
			continue
		}
		switch fields[0] {
		case "nameserver":
			conf.Servers = append(conf.Servers, fields[1])
		case "search", "domain":
			conf.Search = fields[1:]
		case "options":
			conf.Options = append(conf.Options, fields[1:]...)
		}
	}
	return conf
}

func (c ResolvConf) String() string {
	var text strings.Builder
	for _, server := range c.Servers {
		text.WriteString("nameserver " + server + "\n")
	}
	if len(c.Search) > 0 {
		text.WriteString("search " + strings.Join(c.Search, " ") + "\n")
	}
	if len(c.Options) > 0 {
		text.WriteString("options " + strings.Join(c.Options, " ") + "\n")
	}
	return text.String()
}

// For is what the service's processes are to read, who ask the nameserver at Address alone. What the service says takes the
// place of what the engine says. Of a container of Docker's, names without a dot are not looked for in domains first.
func (c ResolvConf) For(service spec.Service) ResolvConf {
	own := ResolvConf{Servers: []string{Address.String()}, Search: c.Search, Options: c.Options}
	given := service.Container.DNS
	if len(given.Search) > 0 {
		own.Search = slices.DeleteFunc(slices.Clone(given.Search), func(domain string) bool { return domain == "." }) // Docker's word for none
	}
	if len(given.Options) > 0 {
		own.Options = given.Options
	}
	dots := slices.ContainsFunc(own.Options, func(option string) bool { return strings.HasPrefix(option, "ndots:") })
	if service.Isolated() && !dots {
		own.Options = append(slices.Clone(own.Options), "ndots:0")
	}
	return own
}

// Upstream are the nameservers that answer for names which are not the stack's, with their ports.
func (c ResolvConf) Upstream(service spec.Service) (upstream []string) {
	servers := c.Servers
	if given := service.Container.DNS.Servers; len(given) > 0 {
		servers = given
	}
	for _, server := range servers {
		upstream = append(upstream, net.JoinHostPort(server, strconv.Itoa(port)))
	}
	return upstream
}
