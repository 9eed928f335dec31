package denied

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"dagger/stack/internal/lazyregexp"
	"dagger/stack/internal/spec"
)

// login is a kind of server, and how its clients say that it has refused them: for a wrong password, or for a user or a database that is
// not there. The words are those of the servers, which most clients pass on, and those of clients that have words of their own.
type login struct {
	variable string // with the login that the stack gives
	words    []string
	said     *lazyregexp.Regexp
}

var logins = []login{
	{"DATABASE_URL", []string{"password authentication failed", "no password supplied", "client password must be a string", "does not exist", "uthentication failed against"},
		lazyregexp.New(`(?i)password authentication failed for user.*|(?:role|database) "[^"\n]*" does not exist|fe_sendauth: no password supplied` +
			`|client password must be a string|authentication failed against (?:the )?database server.*|database \S+ does not exist on the database server.*`)},
	{"REDIS_URL", []string{"WRONGPASS", "NOAUTH", "Authentication required", "invalid username-password pair", "without any password configured"},
		lazyregexp.New(`WRONGPASS.*|NOAUTH.*|AuthenticationError: .*|redis://.*: Authentication required.*|(?i:invalid username-password pair.*)|AUTH <password> called without any password configured.*`)},
	{"", []string{"ccess denied for user", "Unknown database", "ACCESS_REFUSED", "MongoServerError"}, // mysql and mariadb, rabbitmq, mongo
		lazyregexp.New(`(?i:access denied for user) '.*|Unknown database '.*|ACCESS_REFUSED - .*|MongoServerError: Authentication failed.*`)},
}

// quoted is how much of what a client has said is repeated.
const quoted = 160

// Login is what is to be said of a service that is a client of others, and says in some of its output that one of them has refused its
// login. "" if the output says nothing of that. A database says the same words of its clients, and is none.
func Login(s *spec.Service, output []byte) string {
	if s.Backup != nil || len(s.DependsOn) == 0 && s.Source == nil && s.From == nil {
		return ""
	}
	for _, l := range logins {
		if !slices.ContainsFunc(l.words, func(word string) bool { return bytes.Contains(output, []byte(word)) }) {
			continue
		}
		said := strings.TrimSpace(l.said.FindString(string(output)))
		if said == "" {
			continue
		}
		if len(said) > quoted {
			said = strings.ToValidUTF8(said[:quoted], "") + "…"
		}
		return fmt.Sprintf("a service that it needs refuses its login (%s): %s", said, advice(s, l.variable))
	}
	return ""
}

func advice(s *spec.Service, variable string) string {
	if slices.ContainsFunc(s.Process.Env, func(v spec.Variable) bool { return v.Name == variable }) {
		return "have it log in with the user, password and database of its variable " + variable
	}
	return "give it the user, password and database that the other was given; a volume keeps those that it was made with"
}
