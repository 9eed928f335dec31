// Package dockerfile reads what detection has to know of a Dockerfile: whether it can be built from the files that are there,
// where what it builds listens, and whether that runs anything.
//
// BuildKit's own parser is larger than this whole module.
package dockerfile

import (
	"encoding/json"
	"slices"
	"strings"

	"dagger/stack/internal/lazyregexp"
)

// File is a Dockerfile.
type File struct {
	stages   []*stage
	args     map[string]string // of the whole file, before the first FROM
	given    map[string]string // from outside
	target   string            // the stage that is built; "": the last
	declared []string          // the names of all ARGs
}

// stage is one stage, with what it has from the stage that it is made FROM.
type stage struct {
	name, base  string
	exposed     []string // the words after EXPOSE, in order
	vars        map[string]string
	env         map[string]bool // of vars, those that the image has
	entrypoint  []string
	command     []string
	healthcheck string
	volumes     []string
	runs        []string // the texts of RUN
	sources     []string // what is taken from the build context
	from        []string // other stages that something is taken from
	taken       []string // what is taken from them
	secrets     []string // of the build, those that it cannot do without
}

var (
	heredoc  = lazyregexp.New(`<<-?["']?([A-Za-z_]\w*)["']?`)
	mount    = lazyregexp.New(`--mount=(\S+)`)
	variable = lazyregexp.New(`\$(?:\{([A-Za-z_]\w*)(?::?([-+])([^}]*))?\}|([A-Za-z_]\w*))`)
)

// Parse reads a Dockerfile. What it does not understand counts as not there: whoever builds it says more.
func Parse(text string) File { return ParseFor(text, "", nil) }

// ParseFor reads a Dockerfile for a build of one of its stages with some of its ARGs given.
func ParseFor(text, target string, given map[string]string) File {
	file := File{args: map[string]string{}, given: given, target: target}
	var now *stage
	for _, line := range instructions(text) {
		name, rest, _ := strings.Cut(line, " ")
		rest = strings.TrimSpace(rest)
		switch name = strings.ToUpper(name); {
		case name == "FROM":
			now = file.begin(strings.Fields(rest))
		case now == nil && name == "ARG":
			assign(file.args, rest, func(text string) string { return expand(text, file.args) })
			file.declare(rest, file.args)
		case now != nil:
			now.read(file, name, rest)
			if name == "ARG" {
				file.declare(rest, now.vars)
			}
		}
	}
	return file
}

// declare notes the ARGs that an instruction names. What is given from outside counts.
func (f *File) declare(rest string, vars map[string]string) {
	for _, word := range strings.Fields(rest) {
		name, _, _ := strings.Cut(word, "=")
		if !slices.Contains(f.declared, name) {
			f.declared = append(f.declared, name)
		}
		if value, given := f.given[name]; given {
			vars[name] = value
		}
	}
}

// begin is a new stage, with what the stage that it is made from has.
func (f *File) begin(words []string) *stage {
	words = slices.DeleteFunc(words, func(w string) bool { return strings.HasPrefix(w, "--") })
	s := &stage{vars: map[string]string{}, env: map[string]bool{}}
	if len(words) > 0 {
		s.base = expand(words[0], f.args)
	}
	if len(words) > 2 && strings.EqualFold(words[1], "as") {
		s.name = strings.ToLower(words[2])
	}
	if before := f.stage(s.base); before != nil {
		s.exposed, s.entrypoint, s.command, s.healthcheck = slices.Clone(before.exposed), before.entrypoint, before.command, before.healthcheck
		s.volumes = slices.Clone(before.volumes)
		for name := range before.env {
			s.vars[name], s.env[name] = before.vars[name], true
		}
		s.base, s.from = before.base, []string{s.base}
	}
	f.stages = append(f.stages, s)
	return s
}

// stage is the last stage of a name, nil if there is none.
func (f File) stage(name string) *stage {
	for _, s := range slices.Backward(f.stages) {
		if s.name != "" && s.name == strings.ToLower(name) {
			return s
		}
	}
	return nil
}

// read takes one instruction.
func (s *stage) read(file File, name, rest string) {
	switch name {
	case "EXPOSE":
		s.exposed = append(s.exposed, strings.Fields(expand(rest, s.vars))...)
	case "ARG":
		if _, _, given := strings.Cut(rest, "="); !given { // ARG NAME takes what the whole file says
			if value, known := file.args[rest]; known {
				s.vars[rest] = value
			}
			return
		}
		assign(s.vars, rest, func(text string) string { return expand(text, s.vars) })
	case "ENV":
		for _, name := range assign(s.vars, rest, func(text string) string { return expand(text, s.vars) }) {
			s.env[name] = true
		}
	case "ENTRYPOINT":
		s.entrypoint, s.command = vector(rest), nil
	case "CMD":
		s.command = vector(rest)
	case "VOLUME":
		s.volumes = append(s.volumes, vector(expand(rest, s.vars))...)
	case "HEALTHCHECK":
		s.healthcheck = expand(rest, s.vars)
	case "RUN":
		s.runs = append(s.runs, rest)
		for _, match := range mount.FindAllStringSubmatch(rest, -1) {
			s.mount(match[1])
		}
	case "COPY", "ADD":
		s.copy(rest)
	}
}

// copy notes what a COPY or ADD takes, and from where.
func (s *stage) copy(rest string) {
	into := &s.sources
	for strings.HasPrefix(rest, "--") {
		flag, more, _ := strings.Cut(rest, " ")
		if from, other := strings.CutPrefix(flag, "--from="); other {
			s.from, into = append(s.from, from), &s.taken
		}
		rest = strings.TrimSpace(more)
	}
	words := strings.Fields(rest)
	if strings.HasPrefix(rest, "[") {
		words = vector(rest)
	}
	for _, word := range words[:max(0, len(words)-1)] {
		if !strings.HasPrefix(word, "<<") && !strings.Contains(word, "://") && !strings.HasPrefix(word, "git@") {
			*into = append(*into, strings.Trim(expand(word, s.vars), `"'`))
		}
	}
}

// mount notes what a --mount of a RUN takes.
func (s *stage) mount(text string) {
	is := map[string]string{}
	for pair := range strings.SplitSeq(text, ",") {
		key, value, _ := strings.Cut(pair, "=")
		is[key] = value
	}
	switch {
	case is["type"] == "secret" && (is["required"] == "true" || strings.HasSuffix(text, ",required") || strings.Contains(text, ",required,")):
		s.secrets = append(s.secrets, is["id"])
	case is["type"] != "bind":
	case is["from"] != "":
		s.from = append(s.from, is["from"])
	case is["source"]+is["src"] != "":
		s.sources = append(s.sources, expand(is["source"]+is["src"], s.vars))
	}
}

// instructions are the instructions, one in each line, without comments and without the texts of here-documents.
func instructions(text string) []string {
	var lines []string
	var open, until string
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		switch {
		case until != "":
			if line == until {
				until = ""
			} else if len(lines) > 0 && strings.HasPrefix(strings.ToUpper(lines[len(lines)-1]), "RUN") {
				lines[len(lines)-1] += " ; " + line
			}
			continue
		case line == "", strings.HasPrefix(line, "#"):
			continue
		}
		line, more := strings.CutSuffix(line, `\`)
		open = strings.TrimSpace(open + " " + line)
		if more || open == "" {
			continue
		}
		if match := heredoc.FindStringSubmatch(open); match != nil && !strings.HasPrefix(strings.ToUpper(open), "CMD") {
			until = match[1]
		}
		lines, open = append(lines, open), ""
	}
	if open != "" {
		lines = append(lines, open)
	}
	return lines
}

// assign sets variables as ARG and ENV write them, and names them.
func assign(vars map[string]string, text string, expand func(string) string) (names []string) {
	words := strings.Fields(text)
	if len(words) > 1 && !strings.Contains(words[0], "=") { // ENV NAME VALUE
		vars[words[0]] = expand(strings.TrimSpace(strings.TrimPrefix(text, words[0])))
		return words[:1]
	}
	for _, word := range words {
		if name, value, ok := strings.Cut(word, "="); ok {
			vars[name] = expand(strings.Trim(value, `"'`))
			names = append(names, name)
		}
	}
	return names
}

// expand puts variables in; one that is not known stays as it is written.
func expand(text string, vars map[string]string) string {
	return variable.ReplaceAllStringFunc(text, func(match string) string {
		parts := variable.FindStringSubmatch(match)
		value, known := vars[parts[1]+parts[4]]
		switch {
		case parts[2] == "-" && value == "":
			return parts[3]
		case parts[2] == "+" && value != "":
			return parts[3]
		case parts[2] == "+":
			return ""
		case !known:
			return match
		}
		return value
	})
}

// vector is a command in either form.
func vector(text string) (words []string) {
	if json.Unmarshal([]byte(text), &words) == nil {
		return words
	}
	return strings.Fields(text)
}
