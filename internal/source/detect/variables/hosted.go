package variables

import (
	"fmt"
	"slices"

	"dagger/stack/internal/lazyregexp"
	"dagger/stack/internal/spec"
)

var (
	// hosted are clients of a postgres that reach it over HTTPS or a WebSocket at the company that runs it.
	hosted = lazyregexp.New(`"(@neondatabase/serverless|@vercel/postgres)"\s*:`)
	// direct are clients of Node that reach a postgres by its own protocol: a service may have one for a developer's machine.
	direct = lazyregexp.New(`"(?:pg|postgres|pg-promise|slonik|@prisma/client)"\s*:`)
	// proxied is code that leads such a client elsewhere.
	proxied = lazyregexp.New(`\bneonConfig\.(?:fetchEndpoint|wsProxy)\b`)
)

// unreachable says that the client that a service has does not reach the stack's postgres, "" if it does.
func (s Service) unreachable(own []Text, env []spec.Variable, database string) string {
	client, file := "", ""
	for _, t := range own {
		if !Manifest(t.File) {
			continue
		}
		if direct.MatchString(t.Text) {
			return ""
		}
		if match := hosted.FindStringSubmatch(t.Text); match != nil {
			client, file = match[1], t.File
		}
	}
	i := slices.IndexFunc(env, func(v spec.Variable) bool { return refersTo(v.Value, database) })
	if client == "" || i < 0 || slices.ContainsFunc(own, func(t Text) bool { return javaScript(t.File) && proxied.MatchString(t.Text) }) {
		return ""
	}
	return fmt.Sprintf("%s: %s (%s) reaches a postgres at Neon alone, over HTTPS and WebSockets, and not the stack's: give the address of one there with --env %s=ADDRESS, "+
		"or have the code use pg or postgres where it is developed", s.Name, client, file, env[i].Name)
}
