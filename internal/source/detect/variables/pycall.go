package variables

import (
	"slices"
	"strings"

	"dagger/stack/internal/lazyregexp"
)

// function is a function of a Python file, by the lines that it has.
type function struct {
	name     string
	from, to int
	begins   bool // something besides the files calls it when the service starts
}

var (
	pyDef    = lazyregexp.New(`^(\s*)(?:async\s+)?def\s+(\w+)`)
	starts   = lazyregexp.New(`^\s*@.*(?:on_event|startup|lifespan|before_|on_start|listen|receiver|signal|command|entrypoint)`)
	pyBegins = []string{"create_app", "make_app", "get_app", "get_application", "create_application", "main", "run", "start", "ready", "lifespan"}
)

// functionsOf are the functions of a file. One ends before the next line that is not further in than its def.
func functionsOf(text string) (found []function) {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		match := pyDef.FindStringSubmatch(line)
		if match == nil {
			continue
		}
		f := function{name: match[2], from: i + 1, to: len(lines)}
		f.begins = strings.HasPrefix(f.name, "__") || slices.Contains(pyBegins, f.name)
		for j := i - 1; j >= 0 && strings.HasPrefix(strings.TrimSpace(lines[j]), "@"); j-- {
			f.begins = f.begins || starts.MatchString(lines[j])
		}
		for j := i + 1; j < len(lines); j++ {
			body := strings.TrimSpace(lines[j])
			if body != "" && body[0] != '#' && body[0] != ')' && body[0] != ']' && len(lines[j])-len(strings.TrimLeft(lines[j], " \t")) <= len(match[1]) {
				f.to = j
				break
			}
		}
		found = append(found, f)
	}
	return found
}

// later marks reads in functions that nothing calls when the service starts: what they read is needed when a request, a task or a
// person asks for it, and until then the service works.
func later(reads []Read, files []Text) []Read {
	functions := map[string][]function{}
	for i, r := range reads {
		if !r.Required {
			continue
		}
		if _, known := functions[r.File]; !known {
			at := slices.IndexFunc(files, func(t Text) bool { return t.File == r.File })
			functions[r.File] = functionsOf(files[at].Text)
		}
		if slices.ContainsFunc(functions[r.File], func(f function) bool {
			return f.from <= r.Line && r.Line <= f.to && !f.begins && !used(f.name, files)
		}) {
			reads[i].Required, reads[i].Later = false, true
		}
	}
	return reads
}
