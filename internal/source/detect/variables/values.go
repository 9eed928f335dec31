package variables

import (
	"net/url"
	"slices"
	"strings"

	"dagger/stack/internal/lazyregexp"
	"dagger/stack/internal/spec"
)

// optional is a part that another service gives, and without which the variable is left out.
func optional(service string, field spec.Field, encoding spec.Encoding) spec.Part {
	part := spec.Refer(service, field, encoding)
	part.Reference.Optional = true
	return part
}

// byDatabase is a variable that means the stack's database.
func byDatabase(l look) (answer, bool) {
	part := l.database()
	if part == "" || l.stack.Database == "" || l.remote["database"] {
		return answer{}, false
	}
	if scheme := schemeOf(l.shown()); !l.traits.usesPostgres() || l.hint.Scheme != "" && !strings.HasPrefix(l.hint.Scheme, "postgres") ||
		scheme != "" && !l.traits["postgres"] && !strings.HasPrefix(strings.TrimPrefix(scheme, "db+"), "postgres") {
		// The stack gives DATABASE_URL to all: this service has no driver for it.
		return answer{unset: true, why: "not set, because the service has no driver for postgres"}, l.name == "DATABASE_URL" && l.optional && l.given == ""
	}
	value := l.databaseValue(part)
	return answer{value: value, why: "the stack's " + l.stack.Database}, value != nil
}

func (l look) databaseValue(p part) spec.Value {
	service := l.stack.Database
	switch p {
	case partURL:
		return l.databaseURL()
	case partHost:
		return spec.Value{optional(service, spec.HostField, spec.Plain)}
	case partAddress:
		return spec.Value{optional(service, spec.HostField, spec.Plain), spec.Text(":"), optional(service, spec.PortField, spec.Plain)}
	case partPort:
		return spec.Value{optional(service, spec.PortField, spec.Plain)}
	case partUser:
		return spec.Value{optional(service, spec.UserField, spec.Plain)}
	case partPassword:
		return spec.Value{optional(service, spec.PasswordField, spec.Plain)}
	case partName:
		return spec.Value{optional(service, spec.DatabaseField, spec.Plain)}
	case partEngine:
		return l.engine()
	case partSSL:
		return l.ssl()
	}
	return nil
}

var keywords = lazyregexp.New(`(?:^|\s)(?:host|user|dbname)=`)

// databaseURL is the database's address with its login, in the form that the driver wants.
func (l look) databaseURL() spec.Value {
	service, shown := l.stack.Database, l.shown()
	field := func(f spec.Field) spec.Part { return optional(service, f, spec.URL) }
	if schemeOf(shown) == "" && keywords.MatchString(shown) {
		plain := func(f spec.Field) spec.Part { return optional(service, f, spec.Plain) }
		return spec.Value{spec.Text("host="), plain(spec.HostField), spec.Text(" port="), plain(spec.PortField), spec.Text(" user="), plain(spec.UserField),
			spec.Text(" password="), plain(spec.PasswordField), spec.Text(" dbname="), plain(spec.DatabaseField), spec.Text(" sslmode=disable")}
	}
	scheme := l.traits.scheme(strings.ToUpper(l.name), schemeOf(shown))
	if strings.HasPrefix(schemeOf(shown), "db+") {
		scheme = "db+" + scheme
	}
	return spec.Value{
		spec.Text(scheme + "://"), field(spec.UserField), spec.Text(":"), field(spec.PasswordField), spec.Text("@"), field(spec.HostField), spec.Text(":"),
		field(spec.PortField), spec.Text("/"), field(spec.DatabaseField), spec.Text(l.query(shown)),
	}
}

// query is that of the shown address, without what asks for TLS, which the stack's database does not have.
func (l look) query(shown string) string {
	query := url.Values{}
	if u, err := url.Parse(shown); err == nil {
		query = u.Query()
	}
	mode := query.Has("sslmode") || l.traits["lib/pq"]
	for _, name := range []string{"sslmode", "ssl", "sslrootcert", "channel_binding", "pgbouncer", "sslaccept"} {
		query.Del(name)
	}
	if mode {
		query.Set("sslmode", "disable")
	}
	if len(query) == 0 {
		return ""
	}
	return "?" + query.Encode()
}

// engine is the word for postgres, in the form that is shown.
func (l look) engine() spec.Value {
	if word := l.word(postgresWords); word != "" {
		return spec.Value{spec.Text(word)}
	}
	if strings.Contains(l.shown(), "django") || l.traits["django"] {
		return spec.Value{spec.Text("django.db.backends.postgresql")}
	}
	for _, word := range append([]string{l.value}, l.examples...) {
		switch {
		case slices.Contains(postgresWords, word):
			return spec.Value{spec.Text(word)}
		case strings.HasPrefix(word, "postgresql+") && !strings.Contains(word, ":"):
			return spec.Value{spec.Text(l.traits.scheme(l.name, word))}
		}
	}
	if strings.HasSuffix(l.name, "DIALECT") && l.shown() == "" && !l.optional && l.traits["postgres"] { // Sequelize's word
		return spec.Value{spec.Text("postgres")}
	}
	return nil
}

// ssl says that there is no TLS, where something else is shown or nothing is said.
func (l look) ssl() spec.Value {
	shown := strings.ToLower(l.shown())
	switch {
	case strings.HasSuffix(l.name, "MODE"):
		return spec.Value{spec.Text("disable")}
	case shown == "true" || l.required:
		return spec.Value{spec.Text("false")}
	}
	return nil
}

var databaseNumber = lazyregexp.New(`^/\d+$`)

// byCache is a variable that means the stack's redis.
func byCache(l look) (answer, bool) {
	part := l.cache()
	if part == "" || l.stack.Cache == "" || l.remote["cache"] || part == partURL && schemeOf(l.shown()) == "" && !l.traits["redis"] && !strings.Contains(l.name, "REDIS") {
		return answer{}, false
	}
	value := l.cacheValue(part)
	return answer{value: value, why: "the stack's " + l.stack.Cache}, value != nil
}

func (l look) cacheValue(p part) spec.Value {
	service, shown := l.stack.Cache, l.shown()
	host, port := optional(service, spec.HostField, spec.Plain), optional(service, spec.PortField, spec.Plain)
	address := spec.Value{host, spec.Text(":"), port}
	switch p {
	case partURL:
		if shown != "" && schemeOf(shown) == "" && !strings.Contains(shown, ":") { // "django-db", "memory"
			return nil
		}
		number := spec.Value{spec.Text("/0")}
		if u, err := url.Parse(shown); err == nil && databaseNumber.MatchString(u.Path) {
			number = spec.Value{spec.Text(u.Path)}
		}
		login := spec.Value{spec.Text("redis://"), {Reference: &spec.Reference{Service: service, Field: spec.LoginField, Encoding: spec.URL, Optional: true}}}
		return slices.Concat(login, address, number)
	case partHost:
		if strings.Contains(shown, ":") {
			return address
		}
		return spec.Value{host}
	case partAddress:
		return address
	case partPort:
		return spec.Value{port}
	case partPassword:
		return spec.Value{optional(service, spec.PasswordField, spec.Plain)}
	case partUser:
		if l.required {
			return spec.Value{spec.Text("default")}
		}
	case partName:
		if l.required && l.example == "" {
			return spec.Value{spec.Text("0")}
		}
	}
	return nil
}
