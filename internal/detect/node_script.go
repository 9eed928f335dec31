package detect

import (
	"fmt"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
)

// start is how a Node service is started.
type start struct {
	command []string
	tool    tool // the zero one when it is none that we know
	build   bool // needs what the script "build" makes
	plain   bool // runs a file and nothing else, so that nothing is written beside the source
}

// start finds the command in the scripts of a package.json.
//
// A script of one simple command is run as that command: the package manager in between would cost 65 MB of the
// service's limit and two more processes, and npm leaves its child running when it is told to end. What needs a shell,
// or has a script before or after it, is run by it.
func (s *scan) start(pkg packageJSON, m manager) (start, error) {
	var refused []string
	for _, name := range s.scripts(pkg) {
		found, why := s.script(pkg, m, name)
		if why == "" {
			return found, nil
		}
		refused = append(refused, fmt.Sprintf("%s (%s)", name, why))
	}
	if !s.role.backend {
		for _, t := range browserTools {
			if t.command != nil && slices.ContainsFunc(t.packages, pkg.depends) {
				return start{tool: t, command: slices.Concat(t.command, t.flags(s.role.port))}, nil
			}
		}
	}
	if entry := pkg.entry(s.folder); entry != "" && s.role.backend && len(refused) == 0 {
		return start{plain: true, command: []string{"node", entry}}, nil
	}
	text := fmt.Sprintf("cannot tell how the %s in %s is started: looked for a script dev, start or serve in %s; found %s",
		s.role.name, s.quoted(), pkg.path, and(slices.Sorted(maps.Keys(pkg.Scripts))))
	if len(refused) > 0 {
		text += ", of which do not serve " + and(refused)
	}
	likely := s.role.backend && pkg.server() != "" || !s.role.backend && pkg.browser() != ""
	return start{}, &unknown{likely: likely, text: fmt.Sprintf("%s: add a script dev, or name its command with %s", text, s.role.commandFlag())}
}

// scripts are the names of those that may start the service, the best first. For a backend that is one that needs no
// watcher: the source does not change while it runs, and a watcher outlives the crash of what it watches, which nobody
// sees then.
func (s *scan) scripts(pkg packageJSON) []string {
	names := []string{"dev", "start:dev", "develop", "start", "serve"}
	if s.role.backend {
		_, line := pkg.follow("start")
		words, ok := simple(line)
		words = words[assignments(words):]
		if ok && len(words) > 1 && (slices.Contains([]string{"nest", "ts-node", "tsx", "babel-node"}, base(words)) && !watches(words) || base(words) == "node" && s.runs(words)) {
			names = append([]string{"start"}, names...)
		}
	}
	return slices.DeleteFunc(names, func(name string) bool { return pkg.Scripts[name] == "" })
}

func watches(words []string) bool {
	return slices.ContainsFunc(words, func(w string) bool { return w == "watch" || w == "--watch" || w == "-w" })
}

// runs says whether the file that node is told to run is there: not what a build has yet to make.
func (s *scan) runs(words []string) bool {
	i := slices.IndexFunc(words, func(word string) bool { return !strings.HasPrefix(word, "-") && word != words[0] })
	return i > 0 && s.first(path.Clean(words[i]), path.Clean(words[i])+".js", path.Join(words[i], "index.js")) != ""
}

// made matches a file that a build makes.
var made = regexp.MustCompile(`(?:^|[ /])(?:dist|build|out|lib|\.output|\.next)/`)

// script is how one script is started, or why it is not one that can be.
func (s *scan) script(pkg packageJSON, m manager, name string) (start, string) {
	name, line := pkg.follow(name)
	parts, chained := segments(line)
	if len(parts) == 0 {
		return start{}, "not a command"
	}
	last := unwrap(parts[len(parts)-1])
	t, serves, built := toolOf(last)
	for _, part := range parts { // side by side, any of them may be it
		if !chained && !serves {
			last = unwrap(part)
			t, serves, built = toolOf(last)
		}
	}
	switch {
	case slices.Contains([]string{"bun", "bunx", "deno"}, base(last)):
		return start{}, "runs with " + base(last) + ", which its image does not have: add a Dockerfile"
	case t.bins != nil && !serves, slices.Contains(batches, base(last)):
		return start{}, line
	}
	found := start{tool: t}
	// Of a chain, an earlier command may build.
	found.build = len(parts) == 1 && pkg.Scripts["build"] != "" && (built || base(last) == "node" && made.MatchString(strings.Join(last, " ")) && !s.runs(last))
	flags := t.flags(s.role.port)
	if !chained && flags != nil {
		s.note("%s: the script %s starts more than one command, so %s could not be told its port: it has to listen on 0.0.0.0:%d, as HOST and PORT say; or name its command with %s",
			pkg.path, name, t.name, s.role.port, s.role.commandFlag())
		flags = nil
	}
	if slices.Contains(starters, base(last)) {
		s.note("%s: the script %s starts other scripts: one of them has to listen on 0.0.0.0:%d, as HOST and PORT say; or name its command with %s",
			pkg.path, name, s.role.port, s.role.commandFlag())
	}
	words, ok := simple(line)
	if !ok || pkg.Scripts["pre"+name] != "" || pkg.Scripts["post"+name] != "" {
		found.command = m.run(name, flags...)
		return found, ""
	}
	found.plain = slices.Contains(nodeRunners, base(last))
	assigned := words[:assignments(words)]
	if base(words[len(assigned):]) == "cross-env" {
		words = words[len(assigned)+1:]
		assigned = slices.Concat(assigned, words[:assignments(words)])
	}
	found.command = withEnv(slices.Concat(assigned, last, flags))
	return found, ""
}

// unwrap leaves aside what only stands before a command.
func unwrap(words []string) []string {
	for {
		words = words[assignments(words):]
		switch {
		case base(words) == "cross-env" || base(words) == "npx":
			words = words[1:]
		case len(words) > 2 && base(words) == "pnpm" && words[1] == "exec":
			words = words[2:]
		default:
			return words
		}
	}
}

// follow is a script and its line, or those of the script that it does nothing but run.
func (p packageJSON) follow(name string) (string, string) {
	for range 3 {
		words, ok := simple(p.Scripts[name])
		if !ok || len(words) < 2 || p.Scripts["pre"+name] != "" || p.Scripts["post"+name] != "" {
			break
		}
		next := words[len(words)-1]
		runs := slices.Contains([]string{"npm", "pnpm", "yarn"}, words[0]) && (len(words) == 2 || len(words) == 3 && (words[1] == "run" || words[1] == "run-script"))
		if !runs || p.Scripts[next] == "" || next == name {
			break
		}
		name = next
	}
	return name, p.Scripts[name]
}
