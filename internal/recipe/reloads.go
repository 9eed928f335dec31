package recipe

import (
	"bytes"
	"encoding/json"
	"path"
	"slices"
	"strings"
)

// reloaders are programs that watch their files, or read them each time that they are asked for something.
var reloaders = []string{
	"vite", "parcel", "nodemon", "ts-node-dev", "tsnd", "webpack-dev-server", "browser-sync", "live-server", "watchmedo", "watchexec", "entr", "reflex", "air", "gow",
	"CompileDaemon", "cargo-watch", "apache2-foreground", "php-fpm",
}

// building are arguments with which some of them build, or serve what was built.
var building = []string{"build", "preview", "optimize"}

// developing are programs that watch their files when they are called in one of these ways.
var developing = map[string][]string{
	"next": {"dev"}, "nuxt": {"dev"}, "nuxi": {"dev"}, "astro": {"dev"}, "remix": {"dev", "vite:dev"}, "react-router": {"dev"},
	"gatsby": {"develop"}, "ng": {"serve", "s"}, "react-scripts": {"start"}, "vue-cli-service": {"serve"}, "webpack": {"serve", "watch"},
	"npm": devScripts, "pnpm": devScripts, "yarn": devScripts, "bun": devScripts,
	"fastapi": {"dev"}, "manage.py": {"runserver"}, "tsx": {"watch"}, "cargo": {"watch"}, "dotnet": {"watch"}, "rails": {"server", "s"}, "hugo": {"server"},
	"jekyll": {"serve"}, "mkdocs": {"serve"}, "mix": {"phx.server"}, "artisan": {"serve"},
}

var devScripts = []string{"dev", "develop", "start:dev", "watch", "serve"}

// watching are arguments with which programs watch their files, whatever the program. "--debug" is flask's.
var watching = []string{"--reload", "--autoreload", "--auto-reload", "--watch", "--hot", "--debug"}

// most is how many scripts are followed that start each other.
const most = 5

// ReloadsBy is Reloads for a command that may be a script of package.json, or of the shell: read reads a file in the folder where
// it runs.
func ReloadsBy(command []string, read func(name string) ([]byte, error)) bool {
	return reloadsBy(command, read, most)
}

func reloadsBy(command []string, read func(name string) ([]byte, error), left int) bool {
	if Reloads(command) {
		return true
	}
	if left == 0 {
		return false
	}
	words := wordsOf(command)
	for i, word := range words {
		text := ""
		if managers := []string{"npm", "pnpm", "yarn", "bun"}; slices.Contains(managers, path.Base(word)) {
			text = scriptOf(words[i+1:], read)
		} else if strings.HasSuffix(word, ".sh") || i == 0 && strings.Contains(word, "/") {
			text = shellScript(word, read)
		}
		if text != "" && reloadsBy([]string{text}, read, left-1) {
			return true
		}
	}
	return false
}

// scriptOf is the script of package.json that a package manager is told to run, "" if there is none.
func scriptOf(args []string, read func(name string) ([]byte, error)) string {
	args = slices.DeleteFunc(slices.Clone(args), func(arg string) bool { return strings.HasPrefix(arg, "-") || arg == "run" || arg == "run-script" })
	text, err := read("package.json")
	if len(args) == 0 || err != nil {
		return ""
	}
	var manifest struct{ Scripts map[string]string }
	if json.Unmarshal(text, &manifest) != nil {
		return ""
	}
	return manifest.Scripts[args[0]]
}

// shellScript is what a script of the shell says, "" if it is none.
func shellScript(name string, read func(name string) ([]byte, error)) string {
	text, err := read(name)
	if err != nil || !bytes.HasPrefix(text, []byte("#!")) && !strings.HasSuffix(name, ".sh") {
		return ""
	}
	var said []string
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimSpace(line); !strings.HasPrefix(line, "#") {
			said = append(said, line)
		}
	}
	return strings.Join(said, "\n")
}

func wordsOf(command []string) []string {
	return strings.FieldsFunc(strings.Join(command, " "), func(r rune) bool { return strings.ContainsRune(" \t\n;&|()\"'", r) })
}

// Reloads tells whether a command is known to see by itself that the files have changed which it runs.
func Reloads(command []string) bool {
	words := wordsOf(command)
	if slices.Contains(words, "--noreload") || slices.Contains(words, "--no-reload") {
		return false
	}
	for i, word := range words {
		name := path.Base(word)
		if slices.Contains(watching, word) {
			return true
		}
		rest := slices.DeleteFunc(slices.Clone(words[i+1:]), func(arg string) bool { return strings.HasPrefix(arg, "-") || arg == "run" })
		way := ""
		if len(rest) > 0 {
			way = rest[0]
		}
		if slices.Contains(reloaders, name) && !slices.Contains(building, way) || slices.Contains(developing[name], way) {
			return true
		}
	}
	return false
}
