package variables

import (
	"path"
	"slices"
	"strings"

	"dagger/stack/internal/lazyregexp"
	"dagger/stack/internal/spec"
)

// Service is a service of the project whose variables are decided.
type Service struct {
	Name       string
	Dir        string   // its folder of the project
	Build      string   // the folder that its build takes
	Dockerfile string   // that it is built from, "" without one
	Others     []string // the folders of the other services
	Port       int      // where it listens
	Frontend   bool
	Has        []string // variables that it has anyway
}

// Stack is what the stack has that variables may mean. Names of services are empty for what it does not have.
type Stack struct {
	Database, Cache   string // services with a login: a postgres and a redis
	MySQL, Mongo      string // those that are there because the code has a client
	Backend, Frontend string
	Given             map[string]string // what the user says, which wins over all
	Beside            []spec.Variable   // of the services of a compose file: the code reads logins under the names that they have
}

// Missing is a variable that a service cannot do without, and that nobody gives.
type Missing struct{ Service, Name, From, Why string }

// Decision is what a service's variables are set to, and what is said of that.
type Decision struct {
	Env     []spec.Variable
	Notes   []string
	Missing []Missing
	File    *EnvFile    // that the program reads, nil without one
	Aliases []spec.Host // other names that the code has for the database and the cache
	Open    string      // where the cache's host is read, if no password of the cache is: the service cannot log in
}

// look is the look at one variable: all that its value is made of.
type look struct {
	*variable
	service Service
	stack   Stack
	traits  traits
	remote  map[string]bool // kinds of servers that the project's own files have elsewhere
}

// answer is the value of a variable, and why it is that.
type answer struct {
	value spec.Value
	why   string
	unset bool
}

// rules give a variable its value: the first that has an answer counts.
var rules = []func(l look) (answer, bool){byUser, leave, byFile, byMySQL, byMongo, byDatabase, byCache, byBeside, byAddress, bySecret, byLocalFile, byExample, byDevelopment, byMail}

// Decide says what a service's variables are set to.
func Decide(service Service, texts []Text, stack Stack) (d Decision) {
	own := service.Of(texts)
	all := collect(Reads(own))
	base := look{service: service, stack: stack, traits: traitsOf(own), remote: elsewhereOf(all)}
	if url := "DATABASE_URL"; base.traits["lib/pq"] && !slices.ContainsFunc(all, func(v *variable) bool { return v.name == url }) {
		// The stack gives it to all, and the program may read it in a way that is not seen: this driver wants TLS unless it is told.
		all = append(all, &variable{name: url, from: path.Join(service.Dir, "go.mod"), read: true})
	}
	base.traits["async name"] = slices.ContainsFunc(all, func(v *variable) bool { return v.database() == partURL && strings.Contains(v.name, "ASYNC") })
	base.traits["mail"] = base.traits["django"] && slices.ContainsFunc(all, func(v *variable) bool { return v.name == "EMAIL_BACKEND" && v.given == "" && v.example == "" })
	said := map[string][]string{}
	var whys, lacking []string
	for _, v := range all {
		l := base
		l.variable = v
		got, found := l.answer()
		switch {
		case found && got.why == "": // left as it is
		case found:
			d.Env = append(d.Env, spec.Variable{Name: v.name, Value: got.value, Unset: got.unset, From: v.place(), Sensitive: sensitive(v.name, got.value)})
			if !slices.Contains(whys, got.why) {
				whys = append(whys, got.why)
			}
			said[got.why] = append(said[got.why], v.name+" ("+v.place()+")")
		case v.required && !slices.Contains(service.Has, v.name) && !service.borrows(v):
			d.Missing = append(d.Missing, Missing{service.Name, v.name, v.place(), l.lacking()})
		case (v.later || v.required) && !slices.Contains(service.Has, v.name):
			lacking = append(lacking, v.name+" ("+v.place()+")")
		}
	}
	d.File = envFile(service, stack, own, all, d.Env)
	d.Aliases = aliases(own, stack)
	d.Open = opens(all, d.Env, stack.Cache)
	slices.Sort(whys)
	for _, why := range whys {
		d.Notes = append(d.Notes, note(service.Name, why, said[why]))
	}
	if text := service.unreachable(own, d.Env, stack.Database); text != "" {
		d.Notes = append(d.Notes, text)
	}
	if len(lacking) > 0 {
		d.Notes = append(d.Notes, note(service.Name, "not set, and wanted only after the start", lacking))
	}
	return d
}

// opens is the place that reads the cache's host, "" if one reads its password or its whole address, too.
func opens(all []*variable, env []spec.Variable, cache string) (place string) {
	for _, v := range all {
		if !slices.ContainsFunc(env, func(set spec.Variable) bool { return set.Name == v.name && refersTo(set.Value, cache) }) {
			continue
		}
		switch v.cache() {
		case partHost, partAddress:
			place = v.name + " (" + v.place() + ")"
		case partPassword, partURL:
			return ""
		}
	}
	return place
}

func refersTo(value spec.Value, service string) bool {
	return slices.ContainsFunc(value, func(p spec.Part) bool { return p.Reference != nil && p.Reference.Service == service })
}

// borrows says whether a page is made of another package that reads the variable: what a server needs there, the page does without.
func (s Service) borrows(v *variable) bool {
	return s.Frontend && s.Dir != "." && !strings.HasPrefix(v.from, s.Dir+"/") && !public.MatchString(v.name)
}

func (l look) answer() (answer, bool) {
	for _, rule := range rules {
		if got, found := rule(l); found {
			return got, true
		}
	}
	return answer{}, false
}

// reserved are variables that the stack, the image or a tool sets, and those of places that no stack is.
var reserved = []string{"PORT", "HOST", "HOSTNAME", "PATH", "HOME", "USER", "PWD", "SHELL", "TZ", "LANG", "TERM", "CI", "NODE_ENV", "NODE_OPTIONS", "VIRTUAL_ENV",
	"PYTHONPATH", "TMPDIR", "NO_COLOR", "NEXT_RUNTIME", "NEXT_PHASE", "SKIP_ENV_VALIDATION", "ANALYZE", "BROWSER", "GOMAXPROCS", "GOMEMLIMIT", "DJANGO_SETTINGS_MODULE",
	"VERCEL", "VERCEL_URL", "VERCEL_ENV", "NEXT_PUBLIC_VERCEL_URL", "VERCEL_PROJECT_PRODUCTION_URL", "DOCKER", "MODE", "DEV", "PROD", "SSR", "BASE_URL"}

var debug = lazyregexp.New(`^(?:APP_|DJANGO_|FLASK_)?DEBUG$`)

// byUser is what the user says: it is in the environment anyway.
func byUser(l look) (answer, bool) {
	_, given := l.stack.Given[l.name]
	return answer{}, given
}

// leave leaves reserved variables as they are, those that only an example for both services shows, and those whose default is made
// of other variables.
func leave(l look) (answer, bool) {
	quiet := !l.read && (l.service.Frontend && public.FindString(l.name) == "" || l.name == "")
	wanted := l.name == "NODE_ENV" && l.required && l.example != "" && !slices.Contains(l.service.Has, l.name) // a schema may insist on it
	return answer{}, slices.Contains(reserved, l.name) && !wanted || quiet || l.computed && l.given == ""
}

// byFile is what the project's own files give, unless that is an address on the developer's own machine.
func byFile(l look) (answer, bool) {
	if !l.isGiven || l.given == "" || l.stands() {
		return answer{}, false
	}
	return answer{value: spec.Value{spec.Text(l.given)}, why: "as the project's own files give them"}, true
}

// stands says whether a given value has to be another one in the stack: it says where a server is, or how to log in to that.
func (l look) stands() bool {
	switch {
	case l.database() != "":
		return !l.remote["database"]
	case l.cache() != "":
		return !l.remote["cache"]
	}
	return schemeOf(l.given) != "" && local(l.given)
}

// elsewhereOf are the kinds of servers that the project's own files have elsewhere: their logins stay as they are given.
func elsewhereOf(all []*variable) map[string]bool {
	found := map[string]bool{}
	for _, v := range all {
		if v.given == "" || local(v.given) {
			continue
		}
		if p := v.database(); p == partURL || p == partHost {
			found["database"] = true
		} else if p := v.cache(); p == partURL || p == partHost {
			found["cache"] = true
		}
	}
	return found
}

// byLocalFile is what the project's own files give and nothing else explains.
func byLocalFile(l look) (answer, bool) {
	return answer{value: spec.Value{spec.Text(l.given)}, why: "as the project's own files give them"}, l.given != ""
}

// byBeside is what a service beside has under the same name, where the project shows nothing better.
func byBeside(l look) (answer, bool) {
	i := slices.IndexFunc(l.stack.Beside, func(v spec.Variable) bool { return v.Name == l.name && len(v.Value) > 0 })
	if i < 0 || !l.read || l.optional || l.given != "" || l.example != "" && !placeholder(l.example) {
		return answer{}, false
	}
	return answer{value: l.stack.Beside[i].Value, why: "as the services beside have them"}, true
}

// byExample is what an example shows of a variable that has no default: what a developer would copy.
func byExample(l look) (answer, bool) {
	if l.example == "" || !l.read || l.optional || placeholder(l.example) || schemeOf(l.example) != "" && local(l.example) && (l.lacking() != "" || slices.Contains(l.service.Has, l.name)) {
		return answer{}, false
	}
	if !l.required && looksSecret(l.name) {
		return answer{}, false
	}
	return answer{value: spec.Value{spec.Text(l.example)}, why: "as " + file(l.show) + " shows them"}, true
}

// byDevelopment is the switch that a service insists on, and that nothing shows: what runs here is under development.
func byDevelopment(l look) (answer, bool) {
	return answer{value: spec.Value{spec.Text("true")}, why: "on, as under development"}, l.required && debug.MatchString(l.bare())
}

// djangoMail are Django's settings of mail, with its own defaults, but for the backend: that one writes mails to the log.
var djangoMail = map[string]string{"EMAIL_BACKEND": "django.core.mail.backends.console.EmailBackend", "EMAIL_HOST": "localhost", "EMAIL_PORT": "25",
	"EMAIL_HOST_USER": "", "EMAIL_HOST_PASSWORD": "", "EMAIL_USE_TLS": "false", "EMAIL_USE_SSL": "false", "DEFAULT_FROM_EMAIL": "webmaster@localhost", "SERVER_EMAIL": "root@localhost"}

// byMail is a setting of Django's mail that the service insists on, where the service lets the environment say how mails are sent.
func byMail(l look) (answer, bool) {
	value, known := djangoMail[l.name]
	return answer{value: spec.Value{spec.Text(value)}, why: "mails go to the service's log"}, known && l.required && l.traits["mail"]
}
