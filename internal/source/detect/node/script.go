package node

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"dagger/stack/internal/lazyregexp"
	"dagger/stack/internal/shell"
	"dagger/stack/internal/source/detect/scan"
	"dagger/stack/internal/source/detect/text"
)

// start is how a Node service is started.
type start struct {
	command []string
	tool    tool // its name is "" when the tool is not known
	build   bool // needs what the script "build" makes
	plain   bool // runs a file and nothing else, so that nothing is written beside the source
	bun     bool // runs with Bun
}

// start finds the command: the user's, or else one in the scripts of the manifest.
//
// A script of one simple command is run as that command: the package manager in between would cost 65 MB of the
// service's limit and two more processes, and npm leaves its child running when npm is told to end. A script that needs
// a shell, or has a script before or after it, is run by the package manager.
func (l look) start() (start, error) {
	if len(l.Role.Command) > 0 {
		return l.given(), nil
	}
	var refused []string
	for _, name := range l.scripts() {
		found, why := l.script(name)
		if why == "" {
			return found, nil
		}
		refused = append(refused, fmt.Sprintf("%s (%s)", name, why))
	}
	if !l.Role.Backend {
		for _, t := range browserTools {
			if t.command != nil && l.pkg.uses(t) {
				return start{tool: t, command: slices.Concat(t.command, t.flags(l.Role.Port))}, nil
			}
		}
	}
	if entry := l.First("src/index.ts", "index.ts", "src/server.ts", "server.ts", "src/index.tsx"); l.manager.name == bun.name && entry != "" && l.Role.Backend && len(refused) == 0 {
		return start{plain: true, bun: true, command: []string{"bun", "run", entry}}, nil // Bun serves what such a file exports
	}
	if entry := l.pkg.entry(l.Folder); entry != "" && l.Role.Backend && len(refused) == 0 {
		return start{plain: true, command: []string{"node", entry}}, nil
	}
	why := fmt.Sprintf("cannot tell how the %s in %s is started: looked for a script dev, start or serve in %s; found %s",
		l.Role.Name, l.Quoted(), l.pkg.path, text.And(slices.Sorted(maps.Keys(l.pkg.scripts))))
	if len(refused) > 0 {
		why += ", of which do not serve " + text.And(refused)
	}
	likely := l.Role.Backend && l.pkg.Server() != "" || !l.Role.Backend && l.pkg.Browser() != ""
	return start{}, &scan.Unknown{Likely: likely, Text: fmt.Sprintf("%s: add a script dev, or name its command with %s", why, l.Role.CommandFlag())}
}

// given is the start by the user's command: the tool in the command, or else the project's, wants its environment.
func (l look) given() start {
	begin := start{command: l.Role.Command}
	begin.tool, _, _ = l.pkg.toolOf(l.Role.Command)
	begin.bun = slices.Contains([]string{"bun", "bunx"}, shell.Base(l.Role.Command))
	for _, t := range browserTools {
		if begin.tool.name == "" && l.pkg.uses(t) {
			begin.tool = t
		}
	}
	return begin
}

// startScripts are the names of scripts that start a service.
var startScripts = []string{"dev", "start:dev", "develop", "start", "serve"}

// scripts are the names of the scripts that may start the service, the best first. For a backend the best is a script
// without a watcher: the source does not change while the service runs, and a watcher that outlives a crash hides it.
func (l look) scripts() []string {
	if part := l.pkg.Split(!l.Role.Backend); part != "" {
		return []string{part}
	}
	names := startScripts
	if l.Role.Backend {
		_, line := l.pkg.follow("start")
		command, ok := line.Simple()
		words := command.Args
		if ok && len(words) > 1 && (slices.Contains([]string{"nest", "ts-node", "tsx", "babel-node"}, shell.Base(words)) && !watches(words) || shell.Base(words) == "node" && l.runs(words)) {
			names = append([]string{"start"}, names...)
		}
	}
	return slices.DeleteFunc(slices.Clone(names), func(name string) bool { return l.pkg.scripts[name] == "" })
}

func watches(words []string) bool {
	return slices.ContainsFunc(words, func(w string) bool { return w == "watch" || w == "--watch" || w == "-w" })
}

// runs says whether the file that node is told to run is there, and does not have to be built first.
func (l look) runs(words []string) bool {
	i := slices.IndexFunc(words, func(word string) bool { return !strings.HasPrefix(word, "-") && word != words[0] })
	return i > 0 && l.First(path.Clean(words[i]), path.Clean(words[i])+".js", path.Join(words[i], "index.js")) != ""
}

// made matches the path of a file that a build makes.
var made = lazyregexp.New(`(?:^|[ /])(?:dist|build|out|lib|\.output|\.next)/`)

// script is how one script is started, or why the script cannot be.
func (l look) script(name string) (start, string) {
	name, line := l.pkg.follow(name)
	if len(line.Commands) == 0 {
		return start{}, "not a command"
	}
	last := l.unwrap(line.Commands[len(line.Commands)-1])
	t, serves, built := l.pkg.toolOf(last.Args)
	for _, command := range line.Commands { // side by side, any of them may be the tool
		if !line.Chained && !serves {
			last = l.unwrap(command)
			t, serves, built = l.pkg.toolOf(last.Args)
		}
	}
	program := shell.Base(last.Args)
	switch {
	case program == "":
		return start{}, "not a command"
	case program == "deno":
		return start{}, "runs with Deno, which its image does not have: add a Dockerfile"
	case t.bins != nil && !serves, slices.Contains(batches, program), slices.Contains(runners, program) && evaluates(last.Args):
		return start{}, l.pkg.scripts[name]
	}
	found := start{tool: t, bun: program == "bun" || program == "bunx"}
	// In a chain, an earlier command may build.
	found.build = len(line.Commands) == 1 && l.pkg.scripts["build"] != "" && (built || program == "node" && made.MatchString(strings.Join(last.Args, " ")) && !l.runs(last.Args))
	flags := t.flags(l.Role.Port)
	if !line.Chained && flags != nil {
		l.Note("%s: the script %s starts more than one command, so %s could not be told its port: it has to listen on 0.0.0.0:%d, as HOST and PORT say; or name its command with %s",
			l.pkg.path, name, t.name, l.Role.Port, l.Role.CommandFlag())
		flags = nil
	}
	if slices.Contains(starters, program) {
		l.Note("%s: the script %s starts other scripts: one of them has to listen on 0.0.0.0:%d, as HOST and PORT say; or name its command with %s",
			l.pkg.path, name, l.Role.Port, l.Role.CommandFlag())
	}
	if _, ok := line.Simple(); !ok || l.pkg.around(name) {
		found.command = l.manager.run(name, flags...)
		if l.pkg.scripts[name] == "" {
			found.command = []string{"sh", "-c", name + " " + strings.Join(flags, " ")}
		}
		return found, ""
	}
	found.plain = slices.Contains(runners, program)
	found.command = told(last.Argv(), t, flags)
	return found, ""
}

// told is a command with flags for its tool: what stands behind "--" is another program's.
func told(words []string, t tool, flags []string) []string {
	at := slices.IndexFunc(words, func(word string) bool { return slices.ContainsFunc(t.bins, program(word)) })
	if at >= 0 {
		if end := slices.Index(words[at:], "--"); end >= 0 {
			return slices.Insert(slices.Clone(words), at+end, flags...)
		}
	}
	return append(words, flags...)
}

// unwrap is a command without the programs that only start it: cross-env, npx, pnpm exec and env-cmd; and without a file of
// variables that is not there, as one that git ignores never is.
func (l look) unwrap(c shell.Command) shell.Command {
	for {
		switch {
		case shell.Base(c.Args) == "env-cmd" && len(c.Args) > 3 && c.Args[1] == "-f" && !l.Has(path.Clean(c.Args[2])):
			c.Args = c.Args[3:]
		case shell.Base(c.Args) == "cross-env":
			c.Args = c.Args[1:]
			for len(c.Args) > 0 && assignment.MatchString(c.Args[0]) {
				c.Env, c.Args = append(c.Env, c.Args[0]), c.Args[1:]
			}
		case shell.Base(c.Args) == "npx" && (len(c.Args) == 1 || l.pkg.depends(c.Args[1])): // else npx has options, or finds the package
			c.Args = c.Args[1:]
		case len(c.Args) > 2 && shell.Base(c.Args) == "pnpm" && c.Args[1] == "exec":
			c.Args = c.Args[2:]
		default:
			c.Args = l.withoutEnvFile(c.Args)
			return c
		}
	}
}

// withoutEnvFile is a command without flags for a file of variables that is not there: node and Bun end where it is not.
func (l look) withoutEnvFile(words []string) (kept []string) {
	for i := 0; i < len(words); i++ {
		file, joined := strings.CutPrefix(words[i], "--env-file=")
		if words[i] == "--env-file" && i+1 < len(words) {
			file = words[i+1]
		}
		switch absent := (joined || words[i] == "--env-file") && !l.Has(path.Clean(file)); {
		case !absent:
			kept = append(kept, words[i])
		case !joined:
			i++
		}
	}
	return kept
}

// assignment matches a word that sets a variable, as cross-env reads it.
var assignment = lazyregexp.New(`^\w+=`)

// follow is a script and its line. Where a script only runs another script, it is that other script and its line.
func (p Manifest) follow(name string) (string, shell.Line) {
	for range 3 {
		command, ok := shell.Parse(p.text(name)).Simple()
		words := command.Args
		if !ok || len(command.Env) > 0 || len(words) < 2 || p.around(name) {
			break
		}
		next := words[len(words)-1]
		runs := slices.Contains([]string{"npm", "pnpm", "yarn", "bun"}, words[0]) && (len(words) == 2 || len(words) == 3 && (words[1] == "run" || words[1] == "run-script"))
		if !runs || p.scripts[next] == "" || next == name {
			break
		}
		name = next
	}
	return name, shell.Parse(p.text(name))
}

// text is a script's line. A name that no script has is a line of its own: a part of a script that starts several.
func (p Manifest) text(name string) string {
	if text := p.scripts[name]; text != "" {
		return text
	}
	return name
}

// around says whether the package manager runs other scripts before or after a script.
func (p Manifest) around(name string) bool {
	return p.scripts["pre"+name] != "" || p.scripts["post"+name] != ""
}
