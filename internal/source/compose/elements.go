package compose

import (
	"maps"
	"slices"
	"strings"
)

// verdict says what becomes of an element.
type verdict string

const (
	supported verdict = "supported" // as with docker compose
	noted     verdict = "noted"     // it has no effect, and a note says so
	partly    verdict = "partly"    // by its value; what has no effect is noted, what cannot be had is refused
	refused   verdict = "refused"   // a service that needs it cannot be had
)

// rule is what becomes of an element, and of everything below it that has no rule of its own.
type rule struct {
	verdict verdict
	why     string // of what is noted: the note; of what is refused: what is missing
}

// noteElements says of everything that has no effect that it has none, in the services that are asked for.
func (r *reader) noteElements() {
	services, _ := r.raw["services"].(map[string]any)
	for _, name := range slices.Sorted(maps.Keys(r.model.Services)) {
		r.walk(services[name], element{"services", name}, "", serviceRules)
	}
	for _, section := range []string{"configs", "jobs", "networks", "secrets", "volumes"} {
		r.walk(r.raw[section], element{section}, section, sectionRules)
	}
	for _, name := range slices.Sorted(maps.Keys(r.model.Networks)) {
		if driver := r.model.Networks[name].Driver; driver != "" && driver != "bridge" && driver != "overlay" {
			r.note(element{"networks", name, "driver"}, ofNetworks)
		}
	}
}

// walk looks a value up, and what is below it. pattern is the value's place among the rules.
func (r *reader) walk(value any, e element, pattern string, rules map[string]rule) {
	if rule, ruled := rules[pattern]; ruled && says(value) {
		switch rule.verdict {
		case noted:
			if _, exact := r.index.find(e); exact {
				r.note(e, "%s", rule.why)
			}
			return
		case refused:
			r.cannot(e, "%s", rule.why)
			return
		}
	}
	switch value := value.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(value)) {
			next := key
			if _, named := rules[join(pattern, key)]; !named && wild(rules, pattern) {
				next = "*"
			}
			r.walk(value[key], append(slices.Clone(e), key), join(pattern, next), rules)
		}
	case []any:
		for _, entry := range value {
			r.walk(entry, append(slices.Clone(e), item(word(entry))), join(pattern, "[]"), rules)
		}
	}
}

// wild tells whether there are rules for any key below a pattern.
func wild(rules map[string]rule, pattern string) bool {
	for key := range rules {
		if strings.HasPrefix(key, join(pattern, "*.")) {
			return true
		}
	}
	return false
}

func join(pattern, key string) string {
	if pattern == "" {
		return key
	}
	return pattern + "." + key
}

// says tells whether a value says something.
func says(value any) bool {
	switch value := value.(type) {
	case nil:
		return false
	case bool:
		return value
	case string:
		return value != ""
	case map[string]any:
		return len(value) > 0
	case []any:
		return len(value) > 0
	}
	return true
}

// word is a text by which an entry of a list is found again.
func word(entry any) string {
	switch entry := entry.(type) {
	case string:
		return entry
	case map[string]any:
		for _, key := range []string{"target", "source", "command"} {
			if text, ok := entry[key].(string); ok {
				return text
			}
		}
	}
	return ""
}
