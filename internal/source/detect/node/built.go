package node

import (
	"slices"
	"strings"

	"dagger/stack/internal/recipe"
	"dagger/stack/internal/shell"
)

// startsBuilt is the command that serves what was built: a script of the project's, or what is known of its framework.
func (l look) startsBuilt(dev start) ([]string, string) {
	notes := l.Notes
	for _, name := range []string{"start:prod", "start:production", "production", "prod", "start", "serve"} {
		if l.pkg.scripts[name] == "" || l.pkg.Split(!l.Role.Backend) != "" {
			continue
		}
		found, why := l.script(name)
		if why == "" && !l.reloads(found.command) && (found.tool.name == "" || found.build || len(found.tool.packages) == 0) {
			return withoutFile(found.command), ""
		}
		l.Notes = notes
	}
	switch {
	case l.pkg.depends("@sveltejs/adapter-node"):
		return []string{"node", "build"}, ""
	case l.pkg.depends("@astrojs/node"):
		return []string{"node", "dist/server/entry.mjs"}, ""
	}
	command := unwatched(dev.command)
	if len(command) > 0 && dev.tool.name == "" && !l.reloads(command) {
		return command, ""
	}
	return nil, "no script start that runs what is built"
}

// reloads tells whether a command is one for development, by the scripts that it runs.
func (l look) reloads(command []string) bool {
	return recipe.ReloadsBy(command, func(name string) ([]byte, error) { return []byte(l.Read(name)), nil })
}

// withoutFile is a command without the files of variables that an image has not got.
func withoutFile(command []string) (kept []string) {
	for i := 0; i < len(command); i++ {
		switch {
		case command[i] == "--env-file" && i+1 < len(command):
			i++
		case !strings.HasPrefix(command[i], "--env-file"):
			kept = append(kept, command[i])
		}
	}
	return kept
}

// unwatched is a command without what watches files, nil if there is none.
func unwatched(command []string) []string {
	words := slices.DeleteFunc(slices.Clone(command), func(word string) bool {
		return word == "watch" || word == "--watch" || strings.HasPrefix(word, "--watch-path") || word == "--hot"
	})
	if shell.Base(words) != "nodemon" {
		return words
	}
	if len(words) < 2 || strings.HasPrefix(words[1], "-") || strings.HasSuffix(words[1], ".ts") {
		return nil
	}
	return append([]string{"node"}, words[1:]...)
}

// bringers are packages whose programs have other names.
var bringers = map[string]string{"nest": "@nestjs/cli", "babel-node": "@babel/node", "dotenv": "dotenv-cli", "ts-node/register": "ts-node", "tsx/esm": "tsx", "ts-node/esm": "ts-node"}

// devTool is the package for development that a command runs, "" if it runs none.
func (l look) devTool(command []string) string {
	words := command
	if len(command) > 2 && command[1] == "run" {
		words = append(slices.Clone(command), strings.Fields(l.pkg.scripts[command[2]])...)
	}
	for _, word := range words {
		name := word
		if bringer := bringers[word]; bringer != "" {
			name = bringer
		}
		_, runtime := l.pkg.dependencies[name]
		if _, dev := l.pkg.devDependencies[name]; dev && !runtime {
			return name
		}
	}
	return ""
}
