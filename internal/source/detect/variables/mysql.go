package variables

import (
	"net/url"
	"slices"
	"strings"

	"dagger/stack/internal/lazyregexp"
	"dagger/stack/internal/spec"
)

var (
	mysqlName = ending(anyPrefix + `(?:MYSQL|MARIADB)_*(?:(?:MAIN|PRIMARY|MASTER|DEFAULT|POOL(?:ED)?)_)*`)
	mongoName = ending(anyPrefix + `(?:MONGO(?:_?DB|OSE)?|ATLAS)_*(?:(?:MAIN|PRIMARY|DEFAULT)_)*`)
	// mongoAlone are names that MongoDB's tutorials have.
	mongoAlone = map[string]part{"MONGO": partURL, "MONGODB": partURL, "CONNECTION_STRING": partURL, "CONNECTION_URL": partURL, "DB": partURL, "DATABASE": partURL, "DB_CONNECT": partURL, "DB_STRING": partURL}
)

// byMySQL is a variable that means the MySQL that the stack has.
func byMySQL(l look) (answer, bool) {
	service := l.stack.MySQL
	part := l.other(mysqlName, nil, "mysql", "mariadb")
	if service == "" || part == "" || l.remote["database"] {
		return answer{}, false
	}
	value := l.mysqlValue(part)
	return answer{value: value, why: "the stack's " + service}, value != nil
}

// other is what a variable says of a database beside postgres: by its name, by the scheme of its address, or because the service has a client
// of no other database.
func (l look) other(names []*lazyregexp.Regexp, alone map[string]part, schemes ...string) part {
	scheme, _, _ := strings.Cut(schemeOf(l.shown()), "+")
	switch {
	case slices.Contains(schemes, scheme):
		return partURL
	case scheme != "":
		return ""
	}
	if p := spelled(l.bare(), names); p != "" {
		return p
	}
	if !l.traits[schemes[0]] || l.traits["postgres"] {
		return ""
	}
	if p := alone[l.bare()]; p != "" && !l.optional {
		return p
	}
	p := meant(l.bare(), databaseName, databaseAlone)
	if p == "" && schemes[0] == "mysql" && l.chooses(mysqlWords) {
		return partEngine
	}
	return p
}

func (l look) mysqlValue(p part) spec.Value {
	service := l.stack.MySQL
	plain := func(f spec.Field) spec.Part { return optional(service, f, spec.Plain) }
	switch p {
	case partURL:
		if strings.Contains(l.shown(), "@tcp(") || l.shown() == "" && l.traits["go"] { // as Go's driver wants it
			return spec.Value{plain(spec.UserField), spec.Text(":"), plain(spec.PasswordField), spec.Text("@tcp("), plain(spec.HostField), spec.Text(":"), plain(spec.PortField),
				spec.Text(")/"), plain(spec.DatabaseField), spec.Text("?charset=utf8mb4&parseTime=True&loc=Local")}
		}
		return spec.Value{spec.Text(l.traits.mysqlScheme(schemeOf(l.shown())) + "://"), plain(spec.UserField), spec.Text(":"), plain(spec.PasswordField), spec.Text("@"), plain(spec.HostField),
			spec.Text(":"), plain(spec.PortField), spec.Text("/"), plain(spec.DatabaseField)}
	case partHost:
		return spec.Value{plain(spec.HostField)}
	case partAddress:
		return spec.Value{plain(spec.HostField), spec.Text(":"), plain(spec.PortField)}
	case partPort:
		return spec.Value{plain(spec.PortField)}
	case partUser:
		return spec.Value{plain(spec.UserField)}
	case partPassword:
		return spec.Value{plain(spec.PasswordField)}
	case partName:
		return spec.Value{plain(spec.DatabaseField)}
	case partEngine:
		if word := l.word(mysqlWords); word != "" {
			return spec.Value{spec.Text(word)}
		}
		if strings.Contains(l.shown(), "django") || l.traits["django"] {
			return spec.Value{spec.Text("django.db.backends.mysql")}
		}
	}
	return nil
}

// mysqlScheme is that of the addresses of a MySQL, as the service's driver wants it. shown is the scheme of an example.
func (t traits) mysqlScheme(shown string) string {
	switch {
	case shown != "":
		return shown
	case !t["sqlalchemy"]:
		return "mysql"
	case t["async engine"] && t["aiomysql"]:
		return "mysql+aiomysql"
	case t["async engine"] && t["asyncmy"]:
		return "mysql+asyncmy"
	case t["pymysql"]:
		return "mysql+pymysql"
	}
	return "mysql+mysqldb"
}

// byMongo is a variable that means the MongoDB that the stack has.
func byMongo(l look) (answer, bool) {
	service := l.stack.Mongo
	part := l.other(mongoName, mongoAlone, "mongodb", "mongodb+srv")
	if service == "" || part == "" || l.remote["database"] {
		return answer{}, false
	}
	value := l.mongoValue(part)
	return answer{value: value, why: "the stack's " + service}, value != nil
}

func (l look) mongoValue(p part) spec.Value {
	service := l.stack.Mongo
	host, port := optional(service, spec.HostField, spec.Plain), optional(service, spec.PortField, spec.Plain)
	switch p {
	case partURL:
		address := spec.Value{spec.Text("mongodb://"), host, spec.Text(":"), port}
		u, err := url.Parse(l.shown())
		switch {
		case err == nil && len(u.Path) > 1 && !placeholder(u.Path): // the name of the database stays the project's own
			return append(address, spec.Text(u.Path))
		case err == nil && u.Host != "" && strings.HasSuffix(l.shown(), u.Host):
			return address
		}
		return append(address, spec.Text("/"), optional(service, spec.DatabaseField, spec.Plain))
	case partHost:
		return spec.Value{host}
	case partAddress:
		return spec.Value{host, spec.Text(":"), port}
	case partPort:
		return spec.Value{port}
	case partName:
		if l.example == "" {
			return spec.Value{optional(service, spec.DatabaseField, spec.Plain)}
		}
	}
	return nil
}
