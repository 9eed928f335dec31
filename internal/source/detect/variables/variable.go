package variables

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// variable is all that is known of one variable of a service.
type variable struct {
	name     string
	from     string // the first place that reads it, or that shows it
	read     bool   // code reads it
	required bool
	optional bool // every place that reads it has a default
	later    bool // a place that wants it is one that the start does not reach
	computed bool // a default is made of other variables
	value    string
	example  string
	examples []string
	compared []string // words for databases
	given    string
	isGiven  bool
	hint     Hint
	show     string // the place of the example, or of the given value
}

// collect brings the reads of a service together, in the order of their names.
func collect(reads []Read) (all []*variable) {
	byName := map[string]*variable{}
	for _, r := range reads {
		v := byName[r.Name]
		if v == nil {
			v = &variable{name: r.Name, optional: true}
			byName[r.Name] = v
			all = append(all, v)
		}
		v.add(r)
	}
	all = slices.DeleteFunc(all, func(v *variable) bool { return !v.read && v.show == "" }) // of the environment is nothing that is compared alone
	slices.SortFunc(all, func(a, b *variable) int { return cmp.Compare(a.name, b.name) })
	return all
}

func (v *variable) add(r Read) {
	at := fmt.Sprintf("%s:%d", r.File, r.Line)
	switch r.Origin {
	case Compared:
		v.compared = append(v.compared, r.Value)
		return
	case Given:
		v.given, v.isGiven, v.show = r.Value, true, at
		return
	case Example:
		v.example = cmp.Or(v.example, r.Value)
		v.examples = append(v.examples, r.Value)
		if !v.isGiven && v.show == "" {
			v.show = at
		}
		return
	}
	if !v.read || r.Required && !v.required {
		v.from = at
	}
	v.read = true
	v.required = v.required || r.Required
	v.optional = v.optional && r.Optional
	v.later = v.later || r.Later
	v.computed = v.computed || r.Computed
	v.value = cmp.Or(v.value, r.Value)
	v.hint.Length = max(v.hint.Length, r.Hint.Length)
	v.hint.Exact = v.hint.Exact || r.Hint.Exact
	v.hint.Form, v.hint.Split = cmp.Or(v.hint.Form, r.Hint.Form), cmp.Or(v.hint.Split, r.Hint.Split)
	v.hint.Scheme, v.hint.Prefix = cmp.Or(v.hint.Scheme, r.Hint.Scheme), cmp.Or(v.hint.Prefix, r.Hint.Prefix)
}

// bare is the name without what the project puts in front of all its names, unless that says what is meant.
func (v *variable) bare() string {
	name := strings.ToUpper(v.name)
	if bare := strings.TrimPrefix(name, v.hint.Prefix); bare == "DSN" {
		return bare
	}
	return name
}

// place is where the variable is read, or else where it is shown.
func (v *variable) place() string { return cmp.Or(v.from, v.show) }

// shown is the value that the project itself shows: an example is more about a developer's machine than a default is.
func (v *variable) shown() string { return cmp.Or(v.example, v.value) }

// local is whether a text is an address on the developer's own machine, or of a container beside: its host has no dot.
func local(text string) bool {
	host := text
	if u, err := url.Parse(text); err == nil && u.Host != "" {
		host = u.Hostname()
	} else if before, _, found := strings.Cut(text, ":"); found {
		host = before
	}
	return host == "" || host == "127.0.0.1" || host == "0.0.0.0" || host == "host.docker.internal" || !strings.ContainsAny(host, ". ")
}

// schemeOf is the scheme of an address, "" if the text is none.
func schemeOf(text string) string {
	scheme, rest, found := strings.Cut(text, "://")
	if !found || rest == "" || strings.ContainsAny(scheme, " /\"'") {
		return ""
	}
	return strings.ToLower(scheme)
}
