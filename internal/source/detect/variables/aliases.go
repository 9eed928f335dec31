package variables

import (
	"slices"
	"strings"

	"dagger/stack/internal/lazyregexp"
	"dagger/stack/internal/spec"
)

// The source says where a server is: in an address, in the keywords of libpq, or as the setting of a client. A host name of one word is a
// name in the stack; one with a dot is elsewhere.
var (
	databaseHost = lazyregexp.New(`\bpostgres(?:ql)?(?:\+\w+)?://(?:[^@/\s"']*@)?(?P<url>[a-zA-Z][\w-]*)(?::\d+)?/|\bhost=(?P<keyword>[a-zA-Z][\w-]*) [^"'\n]*\bdbname=`)
	cacheHost    = lazyregexp.New(`\b(?:rediss?|valkey)://(?:[^@/\s"']*@)?(?P<url>[a-zA-Z][\w-]*)(?::\d+)?\b|\b(?:Strict)?Redis\(\s*(?:host\s*=\s*)?["'](?P<call>[a-zA-Z][\w-]*)["']`)
)

// noHosts are words that stand for a host in texts for people.
var noHosts = []string{"localhost", "host", "hostname", "server", "user", "username", "example", "your-host"}

// aliases are the names by which the service's own code has the stack's database and cache, beside those that they have anyway.
func aliases(own []Text, stack Stack) (found []spec.Host) {
	for _, kind := range []struct {
		service string
		host    *lazyregexp.Regexp
	}{{stack.Database, databaseHost}, {stack.Cache, cacheHost}} {
		for _, t := range own {
			comment := "//"
			switch {
			case kind.service == "", !python(t.File) && !golang(t.File) && !javaScript(t.File):
				continue
			case python(t.File):
				comment = "#"
			}
			matches(kind.host, t, comment, func(_ Read, group map[string]string, _ string) {
				name := group["url"] + group["keyword"] + group["call"] // one of them has matched
				taken := slices.ContainsFunc(found, func(h spec.Host) bool { return strings.EqualFold(h.Name, name) })
				if !taken && !strings.EqualFold(name, kind.service) && !slices.Contains(noHosts, strings.ToLower(name)) {
					found = append(found, spec.Host{Name: name, Service: kind.service})
				}
			})
		}
	}
	return found
}
