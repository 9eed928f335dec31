package node

import (
	"slices"
	"strconv"
	"strings"

	"dagger/stack/internal/shell"
)

// tool is a development server that has to be told where to listen, by flags of its own.
type tool struct {
	name     string
	packages []string // which say that a project is made with it
	bins     []string // the programs it is run by
	command  []string // without a script; nil: it needs one
	serves   []string // arguments that make it a server; nil: all but those of not
	not      []string // arguments that make it something else
	built    []string // arguments that make it serve what its build made
	args     func(port string) []string
	env      []string
	bare     bool   // without an argument it serves, too
	major    string // of its first package, the only one that the tool is meant for; "": any
}

// listen makes the usual flags.
func listen(host, port string, more ...string) func(string) []string {
	return func(n string) []string { return append([]string{host, "0.0.0.0", port, n}, more...) }
}

var longFlags = listen("--host", "--port")

// viteFlags: without strictPort, Vite takes the next port when its own is taken, and nobody finds it there.
var viteFlags = listen("--host", "--port", "--strictPort")

// viteHosts lets requests in that name the host as the stack does. Vite refuses unknown host names with status 403, but
// for IP addresses and localhost. The variable adds one name (in Vite 8, a list) unless the configuration allows all
// names. Vite 6 and later read the variable: resolveServerOptions, getAdditionalAllowedHosts.
var viteHosts = "__VITE_ADDITIONAL_SERVER_ALLOWED_HOSTS=frontend"

// browserTools are the tools of frontends. A tool that builds on another is in front of it. The flags are those of the
// versions of November 2026.
var browserTools = []tool{
	{name: "Next.js", packages: []string{"next"}, bins: []string{"next"}, command: []string{"next", "dev"},
		not: []string{"build", "export", "lint", "telemetry", "typegen"}, built: []string{"start"},
		args: listen("-H", "-p"), env: []string{"NEXT_TELEMETRY_DISABLED=1"}},
	{name: "Nuxt", packages: []string{"nuxt"}, bins: []string{"nuxt"}, command: []string{"nuxt", "dev"}, major: "2", bare: true,
		serves: []string{"dev"}, built: []string{"start"}, args: listen("--hostname", "--port"), env: []string{"NUXT_TELEMETRY_DISABLED=1"}},
	{name: "Nuxt", packages: []string{"nuxt"}, bins: []string{"nuxt", "nuxi"}, command: []string{"nuxt", "dev"},
		serves: []string{"dev"}, built: []string{"preview", "start"}, args: longFlags,
		env: []string{"NUXT_TELEMETRY_DISABLED=1"}},
	{name: "Astro", packages: []string{"astro"}, bins: []string{"astro"}, command: []string{"astro", "dev"},
		serves: []string{"dev", "start"}, built: []string{"preview"}, args: longFlags,
		env: []string{"ASTRO_TELEMETRY_DISABLED=1", viteHosts}},
	{name: "Angular", packages: []string{"@angular/core"}, bins: []string{"ng"}, command: []string{"ng", "serve"},
		serves: []string{"serve", "s"}, args: longFlags, env: []string{"NG_CLI_ANALYTICS=false", viteHosts}},
	{name: "SvelteKit", packages: []string{"@sveltejs/kit"}, command: []string{"vite", "dev"}, args: viteFlags, env: []string{viteHosts}},
	{name: "React Router", packages: []string{"@react-router/dev"}, bins: []string{"react-router"}, command: []string{"react-router", "dev"},
		serves: []string{"dev"}, args: viteFlags, env: []string{viteHosts}},
	{name: "Remix", packages: []string{"@remix-run/dev", "@remix-run/react"}, bins: []string{"remix"}, command: []string{"remix", "vite:dev"},
		serves: []string{"vite:dev"}, args: viteFlags, env: []string{viteHosts}},
	{name: "Gatsby", packages: []string{"gatsby"}, bins: []string{"gatsby"}, command: []string{"gatsby", "develop"},
		serves: []string{"develop"}, built: []string{"serve"}, args: listen("-H", "-p"), env: []string{"GATSBY_TELEMETRY_DISABLED=1"}},
	{name: "Docusaurus", packages: []string{"@docusaurus/core"}, bins: []string{"docusaurus"}, command: []string{"docusaurus", "start"},
		serves: []string{"start"}, built: []string{"serve"}, args: listen("--host", "--port", "--no-open")},
	{name: "SolidStart", packages: []string{"vinxi"}, bins: []string{"vinxi"}, command: []string{"vinxi", "dev"},
		serves: []string{"dev"}, built: []string{"start"}, args: longFlags, env: []string{viteHosts}},
	// Create React App reads HOST and PORT of the environment.
	{name: "Create React App", packages: []string{"react-scripts"}, bins: []string{"react-scripts", "craco", "react-app-rewired"},
		command: []string{"react-scripts", "start"}, serves: []string{"start"}, args: func(string) []string { return nil }},
	{name: "Vue CLI", packages: []string{"@vue/cli-service"}, bins: []string{"vue-cli-service"}, command: []string{"vue-cli-service", "serve"},
		serves: []string{"serve"}, args: longFlags},
	{name: "VitePress", packages: []string{"vitepress"}, bins: []string{"vitepress"}, serves: []string{"dev"}, built: []string{"serve", "preview"}, args: viteFlags, env: []string{viteHosts}},
	{name: "VuePress", packages: []string{"vuepress"}, bins: []string{"vuepress", "vuepress-vite", "vuepress-webpack"}, serves: []string{"dev", "serve"}, args: longFlags, env: []string{viteHosts}},
	{name: "Waku", packages: []string{"waku"}, bins: []string{"waku"}, command: []string{"waku", "dev"}, serves: []string{"dev"}, built: []string{"start"}, args: longFlags, env: []string{viteHosts}},
	{name: "Eleventy", packages: []string{"@11ty/eleventy"}, bins: []string{"eleventy"}, command: []string{"eleventy", "--serve"}, serves: []string{"--serve"},
		args: func(port string) []string { return []string{"--port=" + port} }},
	{name: "Hexo", packages: []string{"hexo"}, bins: []string{"hexo"}, command: []string{"hexo", "server"}, serves: []string{"server", "s"}, args: listen("-i", "-p")},
	{name: "Ember", packages: []string{"ember-cli"}, bins: []string{"ember"}, command: []string{"ember", "serve"}, serves: []string{"serve", "server", "s"}, args: longFlags},
	{name: "Sanity", packages: []string{"sanity"}, bins: []string{"sanity"}, command: []string{"sanity", "dev"}, serves: []string{"dev"}, built: []string{"start", "preview"}, args: longFlags, env: []string{viteHosts}},
	{name: "Quasar", packages: []string{"@quasar/app-vite", "@quasar/app-webpack"}, bins: []string{"quasar"}, command: []string{"quasar", "dev"}, serves: []string{"dev"}, args: listen("--hostname", "--port")},
	{name: "Rspress", packages: []string{"rspress", "@rspress/core"}, bins: []string{"rspress"}, serves: []string{"dev"}, built: []string{"preview"}, args: longFlags},
	// Umi reads HOST and PORT of the environment.
	{name: "Umi", packages: []string{"umi", "@umijs/max"}, bins: []string{"umi", "max"}, command: []string{"umi", "dev"}, serves: []string{"dev"}, args: func(string) []string { return nil }},
	{name: "Vite", packages: []string{"vite"}, bins: []string{"vite"}, command: []string{"vite"},
		not: []string{"build", "optimize"}, built: []string{"preview"}, args: viteFlags, env: []string{viteHosts}},
	{name: "Rsbuild", packages: []string{"@rsbuild/core"}, bins: []string{"rsbuild"}, command: []string{"rsbuild", "dev"},
		not: []string{"build", "inspect"}, built: []string{"preview"}, args: listen("--host", "--port", "--strict-port")},
	{name: "Rspack", packages: []string{"@rspack/cli"}, bins: []string{"rspack"}, command: []string{"rspack", "serve"},
		serves: []string{"serve", "server", "s", "dev"}, args: longFlags},
	{name: "Parcel", packages: []string{"parcel"}, bins: []string{"parcel"}, not: []string{"build", "watch"}, args: longFlags},
	{name: "webpack", packages: []string{"webpack-dev-server"}, bins: []string{"webpack"}, command: []string{"webpack", "serve"},
		serves: []string{"serve", "server", "s"}, args: listen("--host", "--port", "--allowed-hosts", "frontend")},
	{name: "webpack", packages: []string{"webpack-dev-server"}, bins: []string{"webpack-dev-server"},
		args: listen("--host", "--port", "--allowed-hosts", "frontend")},
}

// serverTools are the tools of backends that do not listen where HOST and PORT say.
var serverTools = []tool{
	{name: "Fastify", bins: []string{"fastify"}, serves: []string{"start"}, args: listen("--address", "--port")},
	{name: "Nitro", bins: []string{"nitro", "nitropack"}, serves: []string{"dev"}, built: []string{"preview"}, args: longFlags},
	{name: "Medusa", bins: []string{"medusa"}, serves: []string{"develop"}, built: []string{"start"}, args: longFlags},
	{name: "Wrangler", bins: []string{"wrangler"}, serves: []string{"dev"}, args: listen("--ip", "--port"), env: []string{"WRANGLER_SEND_METRICS=false"}},
}

// uses says whether a project is made with a tool.
func (p Manifest) uses(t tool) bool {
	return slices.ContainsFunc(t.packages, p.depends) && (t.major == "" || p.major(t.packages[0]) == t.major)
}

// toolOf is the tool that a command runs, whether the tool serves, and whether it serves what a build made.
func (p Manifest) toolOf(words []string) (found tool, serves, built bool) {
	for i, word := range words {
		for _, t := range slices.Concat(browserTools, serverTools) {
			if !slices.ContainsFunc(t.bins, program(word)) || t.major != "" && p.major(t.packages[0]) != t.major {
				continue
			}
			has := func(names []string) bool {
				return slices.ContainsFunc(words[i+1:], func(arg string) bool { return slices.Contains(names, arg) })
			}
			built = has(t.built)
			serves = built || !has(t.not) && (t.serves == nil || has(t.serves)) ||
				t.bare && !slices.ContainsFunc(words[i+1:], func(arg string) bool { return !strings.HasPrefix(arg, "-") })
			return t, serves, built
		}
		// The tool may stand behind a wrapper, as in "dotenv -e .env -- next dev", but not behind a program that starts
		// several tools.
		if slices.Contains(starters, shell.Base([]string{word})) {
			break
		}
	}
	return tool{}, false, false
}

// program says whether a word runs the program of a name: vite, node_modules/.bin/vite, node_modules/vite/bin/vite.js.
func program(word string) func(string) bool {
	return func(name string) bool {
		return word == name || strings.HasSuffix(word, "bin/"+name) || strings.HasSuffix(word, "bin/"+name+".js")
	}
}

// batches are programs that do their work and end, or watch files: they serve nothing.
var batches = []string{"tsc", "tsup", "rollup", "esbuild", "eslint", "jest", "vitest", "mocha", "prettier", "echo", "exit", "true", "rimraf"}

// starters are programs that take several commands, or start commands in other folders.
var starters = []string{"concurrently", "npm-run-all", "npm-run-all2", "run-p", "run-s", "turbo", "nx", "lerna", "wireit", "pm2", "moon"}

func (t tool) flags(port int) []string {
	if t.args == nil {
		return nil
	}
	return t.args(strconv.Itoa(port))
}

// oldVite says whether a project's Vite checks host names and has no variable for them.
func (p Manifest) oldVite() bool {
	asked := strings.TrimLeft(p.dependencies["vite"]+p.devDependencies["vite"], "^~>=v ")
	return strings.HasPrefix(asked, "5.") || asked == "5"
}
