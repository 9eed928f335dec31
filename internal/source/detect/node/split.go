package node

import (
	"path"
	"slices"
	"strings"

	"dagger/stack/internal/shell"
)

// others are programs that start a server that is not of Node's.
var others = []string{"uvicorn", "gunicorn", "hypercorn", "flask", "fastapi", "python", "python3", "uv", "poetry", "pipenv", "go", "air"}

// Split is the script that starts one of the two services of a package whose script starts both, side by side: the frontend's, or the
// backend's, if Node runs that; "" if no script does that.
func (p Manifest) Split(frontend bool) string {
	for _, name := range startScripts {
		var pages, servers []string
		other := false
		for _, part := range p.parts(name) {
			_, line := p.follow(part)
			if len(line.Commands) == 0 {
				continue
			}
			words := line.Commands[len(line.Commands)-1].Args
			tool, serves, _ := p.toolOf(words)
			program := shell.Base(words)
			switch {
			case serves && tool.packages != nil:
				pages = append(pages, part)
			case slices.Contains(runners, program) && !evaluates(words), program == "nest", serves, p.runsBeside(part):
				servers = append(servers, part)
			case slices.Contains(others, program):
				other = true
			}
		}
		switch {
		case len(pages) == 0 || len(servers) == 0 && !other:
		case frontend:
			return pages[0]
		case len(servers) > 0:
			return servers[0]
		}
	}
	return ""
}

// runsBeside says whether a script runs a file beside what compiles it.
func (p Manifest) runsBeside(name string) bool {
	return slices.ContainsFunc(p.parts(name), func(part string) bool {
		_, line := p.follow(part)
		return slices.ContainsFunc(line.Commands, func(c shell.Command) bool {
			return slices.Contains(runners, shell.Base(c.Args)) && !evaluates(c.Args)
		})
	})
}

// parts are the scripts that a script starts side by side, those that are in the same package.
func (p Manifest) parts(name string) (names []string) {
	_, line := p.follow(name)
	add := func(part string) {
		if part != name && !slices.Contains(names, part) {
			names = append(names, part)
		}
	}
	for _, command := range line.Commands {
		words := command.Args
		switch shell.Base(words) {
		case "concurrently":
			for _, word := range withoutFlags(words[1:]) {
				for _, part := range p.named(word) {
					add(part)
				}
			}
		case "run-p", "npm-run-all", "npm-run-all2":
			for _, word := range words[1:] {
				for _, part := range p.matching(word) {
					add(part)
				}
			}
		default: // npm run a & npm run b
			if part := p.named(strings.Join(words, " ")); len(line.Commands) > 1 && !line.Chained && p.scripts[part[0]] != "" {
				add(part[0])
			}
		}
	}
	return names
}

// withoutFlags are the commands among the arguments of concurrently.
func withoutFlags(words []string) (commands []string) {
	for i := 0; i < len(words); i++ {
		switch {
		case slices.Contains([]string{"-n", "--names", "-c", "--prefix-colors", "-p", "--prefix", "--restart-tries", "--restart-after", "-s", "--success", "-m", "--max-processes"}, words[i]):
			i++ // its value
		case !strings.HasPrefix(words[i], "-"):
			commands = append(commands, words[i])
		}
	}
	return commands
}

// named are the scripts that a word of concurrently names: npm:dev, npm:dev:*, "npm run dev". A word that names none is a command.
func (p Manifest) named(word string) []string {
	for _, prefix := range []string{"npm:", "yarn:", "pnpm:", "bun:", "node:"} {
		if pattern, short := strings.CutPrefix(word, prefix); short {
			return p.matching(pattern)
		}
	}
	words := strings.Fields(word)
	if n := len(words); n > 1 && n < 4 && slices.Contains([]string{"npm", "pnpm", "yarn", "bun"}, words[0]) && p.scripts[words[n-1]] != "" {
		return words[n-1:]
	}
	return []string{word}
}

// matching are the scripts that a pattern means.
func (p Manifest) matching(pattern string) (names []string) {
	for _, name := range sortedNames(p.scripts) {
		if matches, _ := path.Match(strings.ReplaceAll(pattern, ":", "/"), strings.ReplaceAll(name, ":", "/")); matches {
			names = append(names, name)
		}
	}
	return names
}
