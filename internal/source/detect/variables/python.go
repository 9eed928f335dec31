package variables

import (
	"regexp"
	"slices"
	"strings"

	"dagger/stack/internal/lazyregexp"
)

const pyName = `\s*["'](?P<name>[A-Za-z_]\w*)["']\s*`

var (
	environItem = lazyregexp.New(`\benviron\[` + pyName + `\]`)
	environGet  = lazyregexp.New(`\b(?:environ\.get|getenv)\(` + pyName)
	pyOr        = lazyregexp.New(`^\)*\s+or\s+(.*)`)
	method      = lazyregexp.New(`^\.(?:split|strip|lower|upper|replace|startswith|encode|rstrip|lstrip)\(`)
	splitAt     = lazyregexp.New(`^\.split\(\s*["'](.)["']`)
	envCall     = lazyregexp.New(`\b(?P<object>\w*env\w*|config)(?:\.(?P<cast>str|bool|int|float|json|list|tuple|dict|url|path|bytes|db|db_url|dj_db_url|dj_cache_url|cache|cache_url|search_url|email_url|dj_email_url|channels|channels_url|log_level|decimal|uuid|enum|date|datetime))?\(` + pyName)
	envBare     = lazyregexp.New(`\benv\.(?P<cast>db|cache)\(\s*\)`)
	keyword     = lazyregexp.New(`(?:^|,)\s*default\s*=\s*(.*)`)
	djangoEnv   = lazyregexp.New(`(?:environ\.Env|FileAwareEnv)\(([^)]*(?:\([^)]*\)[^)]*)*)\)`)
	envDeclared = lazyregexp.New(`\b([A-Z][A-Z0-9_]*)\s*=\s*\(`)
	djDatabase  = lazyregexp.New(`\bdj_database_url\.config\(`)
)

// readPython reads the Python files of a service together: the settings that one file declares may build on those of another, and
// the manifests name functions to start.
func readPython(files, manifests []Text) (reads []Read) {
	files = slices.Clone(files)
	for i := range files {
		files[i].Text = withoutStrings(files[i].Text)
	}
	for _, t := range files {
		reads = append(reads, environs(t)...)
		reads = append(reads, calls(t)...)
		reads = append(reads, compared(t, "#")...)
	}
	return append(later(reads, slices.Concat(files, manifests)), readSettings(files)...)
}

// environs reads os.environ and os.getenv.
func environs(t Text) (reads []Read) {
	matches(environItem, t, "#", func(r Read, _ map[string]string, behind string) {
		if assignment.MatchString(behind) {
			return
		}
		r.Required, r.Hint.Split = true, split(behind)
		reads = append(reads, r)
	})
	matches(environGet, t, "#", func(r Read, _ map[string]string, behind string) {
		arguments, after := call(behind)
		r.Hint.Split = split(after)
		if arguments != "" {
			_, value, found := strings.Cut(arguments, "default=")
			if !found {
				value = arguments
			}
			r.Optional, r.Value, r.Computed = strings.TrimSpace(value) != "None", literal(value), computed(value)
		} else if match := pyOr.FindStringSubmatch(after); match != nil {
			r.Optional, r.Value, r.Computed = true, literal(expression(strings.TrimSuffix(match[1], "\\"))), computed(match[1])
		} else {
			r.Required = method.MatchString(after)
		}
		reads = append(reads, r)
	})
	return reads
}

// call takes what is behind the first argument of a call apart: the other arguments, and what follows the call.
func call(behind string) (arguments, after string) {
	behind = strings.TrimPrefix(behind, ",")
	depth := 0
	for i, c := range behind {
		switch c {
		case '(', '[', '{':
			depth++
		case ')', ']', '}':
			if depth--; depth < 0 {
				return strings.TrimSpace(behind[:i]), behind[i+1:]
			}
		}
	}
	return strings.TrimSpace(behind), ""
}

// computed says whether a default is made of other values.
func computed(value string) bool {
	return strings.Contains(value, `f"`) && strings.Contains(value, "{") || strings.Contains(value, "f'") && strings.Contains(value, "{")
}

func split(after string) string {
	if match := splitAt.FindStringSubmatch(after); match != nil {
		return match[1]
	}
	return ""
}

// calls reads the calls of django-environ, environs, decouple and Starlette's Config.
func calls(t Text) (reads []Read) {
	declared := map[string]bool{}
	for _, match := range djangoEnv.FindAllStringSubmatch(t.Text, -1) {
		for _, name := range envDeclared.FindAllStringSubmatch(match[1], -1) {
			declared[name[1]] = true
		}
	}
	environ := strings.Contains(t.Text, "environ") || strings.Contains(t.Text, "env(") || strings.Contains(t.Text, "import env")
	decouple := strings.Contains(t.Text, "decouple") || strings.Contains(t.Text, "starlette.config")
	matches(envCall, t, "#", func(r Read, group map[string]string, behind string) {
		if group["object"] == "config" && !decouple || strings.Contains(group["object"], "env") && !environ || group["object"] == "getenv" || group["object"] == "environ" {
			return
		}
		arguments, after := call(behind)
		match := keyword.FindStringSubmatch(arguments)
		switch {
		case match != nil:
			r.Optional, r.Value = true, literal(expression(match[1]))
		case arguments != "" && !strings.Contains(arguments, "="):
			r.Optional, r.Value = true, literal(expression(arguments))
		default:
			r.Optional = declared[r.Name] || ownDefault(t.Text, group["object"])
			r.Required = !r.Optional
		}
		if r.Hint.Split = split(after); group["cast"] == "list" || group["cast"] == "tuple" || strings.Contains(arguments, "Csv(") || strings.Contains(arguments, "CommaSeparated") {
			r.Hint.Split = ","
		}
		reads = append(reads, r)
	})
	bare := map[string]string{"db": "DATABASE_URL", "cache": "CACHE_URL"}
	matches(envBare, t, "#", func(r Read, group map[string]string, _ string) {
		r.Name, r.Required = bare[group["cast"]], true
		reads = append(reads, r)
	})
	matches(djDatabase, t, "#", func(r Read, _ map[string]string, _ string) {
		r.Name, r.Optional = "DATABASE_URL", true
		reads = append(reads, r)
	})
	return reads
}

// ownDefault says whether a function of the file itself reads variables, and has a default for those that are not set.
func ownDefault(text, name string) bool {
	return regexp.MustCompile(`(?m)^def ` + name + `\([^)]*,[^)]*=`).MatchString(text)
}

var (
	pyClass   = lazyregexp.New(`(?m)^class\s+(?P<class>\w+)\s*\((?P<bases>[^)]*)\)\s*:[^\n]*$`)
	pyField   = lazyregexp.New(`^(\w+)\s*:\s*([^=]+?)\s*(?:=\s*(.*))?$`)
	prefixed  = lazyregexp.New(`\benv_prefix\s*[=:]\s*["'](\w*)["']|["']env_prefix["']\s*:\s*["'](\w*)["']`)
	delimited = lazyregexp.New(`\benv_nested_delimiter["']?\s*[=:]\s*["'](\w+)["']`)
	aliased   = lazyregexp.New(`\b(?:env|alias|validation_alias)\s*=\s*(?:AliasChoices\(\s*)?["'](\w+)["']`)
	pyMinimum = lazyregexp.New(`\bmin_length\s*=\s*(\d+)`)
)

// settings is a class with fields: of pydantic.
type settings struct {
	name      string
	bases     []string
	file      Text
	fields    []field
	prefix    string
	delimiter string
}

type field struct {
	name, kind, value string
	set               bool
	line              int
}

// readSettings reads classes that pydantic fills from the environment.
func readSettings(files []Text) (reads []Read) {
	classes := map[string]*settings{}
	var order []string
	for _, t := range files {
		for _, class := range classesOf(t) {
			classes[class.name] = class
			order = append(order, class.name)
		}
	}
	for _, name := range order {
		class := classes[name]
		if !class.fromEnvironment(classes, 0) || !used(name, files) {
			continue
		}
		prefix, delimiter := class.inherited(classes, 0)
		reads = append(reads, class.reads(classes, prefix, delimiter, 0)...)
	}
	return reads
}

// used says whether the class is mentioned besides where it is declared.
func used(name string, files []Text) bool {
	count, word := 0, regexp.MustCompile(`\b`+name+`\b`)
	for _, t := range files {
		count += len(word.FindAllStringIndex(t.Text, 2))
	}
	return count > 1
}

// fromEnvironment says whether a class is one of BaseSettings, directly or by another class.
func (s *settings) fromEnvironment(classes map[string]*settings, depth int) bool {
	return slices.ContainsFunc(s.bases, func(base string) bool {
		other := classes[base]
		return base == "BaseSettings" || other != nil && depth < 8 && other.fromEnvironment(classes, depth+1)
	})
}

// inherited are the prefix and the delimiter that count for a class.
func (s *settings) inherited(classes map[string]*settings, depth int) (prefix, delimiter string) {
	prefix, delimiter = s.prefix, s.delimiter
	for _, base := range s.bases {
		if other := classes[base]; other != nil && depth < 8 {
			p, d := other.inherited(classes, depth+1)
			if prefix == "" {
				prefix = p
			}
			if delimiter == "" {
				delimiter = d
			}
		}
	}
	return prefix, delimiter
}

// reads are the variables of a class, and of the models that its fields hold.
func (s *settings) reads(classes map[string]*settings, prefix, delimiter string, depth int) (reads []Read) {
	for _, f := range s.fields {
		kind := strings.Trim(f.kind, `"' `)
		if model := classes[kind]; model != nil {
			if !model.fromEnvironment(classes, 0) && delimiter != "" && depth < 4 && !f.set {
				reads = append(reads, model.reads(classes, strings.ToUpper(prefix+f.name)+delimiter, delimiter, depth+1)...)
			}
			continue
		}
		r := Read{Name: strings.ToUpper(prefix + f.name), File: s.file.File, Line: f.line, Hint: Hint{Prefix: strings.ToUpper(prefix)}}
		if match := aliased.FindStringSubmatch(f.value); match != nil {
			r.Name = match[1]
		}
		r.Optional = f.set
		if arguments, isField := strings.CutPrefix(f.value, "Field("); isField {
			first := strings.TrimSpace(expression(arguments))
			match := keyword.FindStringSubmatch(arguments)
			r.Optional = strings.Contains(arguments, "default_factory") || match != nil || first != "..." && first != "" && !strings.Contains(first, "=")
			if match != nil {
				r.Value = literal(expression(match[1]))
			} else if r.Optional {
				r.Value = literal(first)
			}
		} else if r.Value, r.Computed = literal(f.value), computed(f.value); r.Value == "" && strings.HasPrefix(f.value, "[") {
			r.Value = f.value
		}
		if strings.HasPrefix(f.value, "config(") || strings.HasPrefix(f.value, "os.") || strings.HasPrefix(f.value, "env") {
			continue // the call says more
		}
		r.Required = !r.Optional && !strings.Contains(kind, "None") && !strings.HasPrefix(kind, "Optional")
		r.Hint = r.Hint.ofType(kind, f.value)
		reads = append(reads, r)
	}
	return reads
}

// ofType is the hint with what a field's type and arguments say.
func (h Hint) ofType(kind, arguments string) Hint {
	if strings.HasPrefix(kind, "list") || strings.HasPrefix(kind, "List") || strings.HasPrefix(kind, "set[") || strings.HasPrefix(kind, "tuple") {
		h.Split = "json"
	}
	if match := pyMinimum.FindStringSubmatch(arguments + kind); match != nil {
		h.Length = number(match[1])
	}
	return h
}
