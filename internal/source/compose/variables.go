package compose

import (
	"errors"
	"maps"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/template"
)

// variables is what the files want to know from their environment.
type variables struct {
	example map[string]bool     // those that only the example file has
	used    bool                // one of these was asked for
	missing map[string][]string // required ones that are not there: the texts that want them
	reasons map[string]string   // what the files say of them
	unset   map[string][]string // those that are empty because nobody has set them
	made    map[string]string   // what became of texts with variables
}

func newVariables(example map[string]bool) *variables {
	return &variables{example: example, missing: map[string][]string{}, reasons: map[string]string{}, unset: map[string][]string{}, made: map[string]string{}}
}

// substitute replaces the variables of a text. Required ones that are missing do not end the reading: all of them are wanted at
// once, and load says so before anything else.
func (v *variables) substitute(text string, lookup template.Mapping) (string, error) {
	placeholders := map[string]bool{}
	recording := func(name string) (string, bool) {
		if placeholders[name] {
			return "1", true
		}
		value, found := lookup(name)
		if v.example[name] {
			v.used = true
		}
		if !found && mentions(text, name) {
			v.unset[name] = append(v.unset[name], text)
		}
		return value, found
	}
	for {
		result, err := template.SubstituteWithOptions(text, recording, template.WithoutLogging)
		var missing *template.MissingRequiredError
		if !errors.As(err, &missing) || placeholders[missing.Variable] {
			if result != text {
				v.made[text] = result
			}
			return result, err
		}
		placeholders[missing.Variable] = true
		v.missing[missing.Variable] = append(v.missing[missing.Variable], text)
		v.reasons[missing.Variable] = missing.Reason
	}
}

// mentions tells whether a text has a variable without any word on what to do when the variable is not there.
func mentions(text, name string) bool {
	if strings.Contains(text, "${"+name+"}") {
		return true
	}
	for {
		_, rest, found := strings.Cut(text, "$"+name)
		if !found {
			return false
		}
		if rest == "" || !isWord(rest[0]) {
			return true
		}
		text = rest
	}
}

func isWord(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// requireVariables is the error that names every required variable that is missing.
func (r *reader) requireVariables() error {
	if len(r.variables.missing) == 0 {
		return nil
	}
	for _, name := range slices.Sorted(maps.Keys(r.variables.missing)) {
		text := "variable " + name + " is required and has no value"
		if reason := r.variables.reasons[name]; reason != "" {
			text += " (" + reason + ")"
		}
		text += ": give it with --env " + name + "=VALUE, or in a file with --env-file or .env"
		r.messages.refused = append(r.messages.refused, message{at: r.index.holding(r.variables.missing[name]), text: text})
	}
	return r.messages.err()
}

// forgive takes back what was found wrong in lines with variables, where variables are missing: their values were made up, so that all that is
// wrong elsewhere could be found as well.
func (r *reader) forgive() {
	if len(r.variables.missing) == 0 {
		return
	}
	r.messages.refused = slices.DeleteFunc(r.messages.refused, func(m message) bool {
		text, _ := os.ReadFile(r.workspace.path(m.at.file))
		lines := strings.Split(string(text), "\n")
		return m.element != "" && m.at.line > 0 && m.at.line <= len(lines) && strings.Contains(lines[m.at.line-1], "$")
	})
}

// unset says which variables are empty because nobody has set them.
func (r *reader) unset() (list []message) {
	for name, texts := range r.variables.unset {
		list = append(list, message{at: r.index.holding(texts),
			text: "variable " + name + " is not set and counts as empty: give it with --env " + name + "=VALUE (the shell's variables are not seen)"})
	}
	return list
}

// noteExample says where values come from that nobody has chosen.
func (r *reader) noteExample() {
	if r.variables.used {
		r.messages.noted = append(r.messages.noted, message{place{file: r.env.example}, "",
			"its values count, because " + path.Join(path.Dir(r.env.example), ".env") + " is missing: copy the file and change what is yours"})
	}
}
