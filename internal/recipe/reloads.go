package recipe

import (
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

// Reloads tells whether a command is known to see by itself that the files have changed which it runs.
func Reloads(command []string) bool {
	words := strings.FieldsFunc(strings.Join(command, " "), func(r rune) bool { return strings.ContainsRune(" \t\n;&|()\"'", r) })
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
