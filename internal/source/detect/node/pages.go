package node

import (
	"fmt"
	"path"
	"strings"

	"dagger/stack/internal/lazyregexp"
	"dagger/stack/internal/source/detect/scan"
	"dagger/stack/internal/source/detect/tree"
	"dagger/stack/internal/spec"
)

// site is where the files of a frontend are, in the container that builds them and in the image that serves them.
const site = "/srv/www"

var (
	exports  = lazyregexp.New(`\boutput\s*:\s*['"]export['"]`)
	distDir  = lazyregexp.New(`\bdistDir\s*:\s*['"](?:\./)?([\w./-]+)['"]`)
	basePath = lazyregexp.New(`\bbasePath\s*:\s*['"](/[\w./-]+)['"]`)
	outDir   = lazyregexp.New(`\boutDir\s*:\s*(?:['"]|path\.resolve\(\s*__dirname\s*,\s*['"])(?:\./)?([\w./-]+)['"]`)
	rootDir  = lazyregexp.New(`(?m)^\s*root\s*:\s*['"](?:\./)?([\w./-]+)['"]`)
	base     = lazyregexp.New(`(?m)^\s*(?:base|baseUrl)\s*:\s*['"](/[\w./-]+)['"]`)
	noServer = lazyregexp.New(`\bssr\s*:\s*false`)
)

// next is the form of a Next.js project: its own server with what it needs and no more, or files.
func (l look) next() (form, string) {
	t := browserTools[0]
	config := l.Read(l.First("next.config.ts", "next.config.js", "next.config.mjs"))
	if exports.MatchString(config) {
		t.name = "Next.js"
		out := "out"
		if match := distDir.FindStringSubmatch(config); match != nil {
			out = match[1]
		}
		return l.files(t, place{out: []string{out}}, basePath.FindStringSubmatch(config)), ""
	}
	dist := ".next"
	if match := distDir.FindStringSubmatch(config); match != nil {
		dist = path.Clean(match[1])
	}
	buildDir := l.buildDirOf()
	below := tree.Relative(l.shared.Dir, l.Dir) // of the folder with the lockfile, in which Next.js looks for what is used
	from := path.Join(l.Workdir(buildDir, ""), dist, "standalone")
	top := path.Join(scan.Target, tree.Relative(buildDir, l.shared.Dir))
	served := path.Join(dist, "standalone", below)
	script := strings.Join([]string{
		check(path.Join(served, "server.js"), "it is made of output: \"standalone\", which this version or next.config does not take"),
		fmt.Sprintf("mkdir -p '%s' && cp -R '%s/static' '%s'", path.Join(served, dist), dist, path.Join(served, dist, "static")),
		fmt.Sprintf("if [ -d public ]; then cp -R public '%s/'; fi", served),
	}, "\n")
	f := form{
		name: ", standalone", command: []string{"node", "server.js"}, tool: t,
		build: []string{"NEXT_PRIVATE_STANDALONE=true", "NEXT_PRIVATE_OUTPUT_TRACE_ROOT=" + top, "NEXT_TELEMETRY_DISABLED=1"},
		after: []spec.Step{{Command: []string{"sh", "-ec", script}}},
	}
	f.ship.Env = scan.Variables("HOSTNAME=0.0.0.0", "NEXT_TELEMETRY_DISABLED=1")
	pages := path.Join(below, dist) // in which the server keeps what it makes again
	f.ship.Copies = []spec.Copy{
		{From: from, To: top, Without: append([]string{path.Join(pages, "cache")}, scan.Private...)},
		{From: path.Join(from, pages), To: path.Join(top, pages), Own: true, Without: []string{"cache"}},
	}
	return f, ""
}

// output is the form of what Nitro makes: a folder with the server and all that it needs.
func (l look) output(program string, env ...string) (form, string) {
	t := tool{name: "Nuxt", bins: []string{program}, env: env}
	if strings.Contains(l.pkg.scripts["build"], "generate") {
		return l.files(t, place{out: []string{".output/public", "dist"}}, nil), ""
	}
	to := l.Workdir(l.buildDirOf(), ".output")
	f := form{
		name: ", built", command: []string{"node", ".output/server/index.mjs"}, tool: t, build: append([]string{"NITRO_PRESET=node-server"}, env...),
		after: []spec.Step{{Command: []string{"sh", "-ec", check(".output/server/index.mjs", "its preset is another one than node-server")}}},
	}
	f.ship.Env = scan.Variables(env...)
	f.ship.Copies = []spec.Copy{{From: to, To: to, Without: append([]string{"**/*.map"}, scan.Private...)}}
	return f, ""
}

// place is where a tool puts the files that it builds.
type place struct {
	out []string // folders, of which the first with an index.html is it
	app bool     // its pages are made in the browser
}

var places = map[string]place{
	"Vite": {[]string{"dist"}, true}, "Rsbuild": {[]string{"dist"}, true}, "Rspack": {[]string{"dist"}, true}, "Parcel": {[]string{"dist"}, true},
	"webpack": {[]string{"dist", "build", "public"}, true}, "Create React App": {[]string{"build"}, true}, "Vue CLI": {[]string{"dist"}, true},
	"Angular": {[]string{"dist/*/browser", "dist/*", "dist"}, true}, "Quasar": {[]string{"dist/spa", "dist/pwa"}, true}, "Ember": {[]string{"dist"}, true},
	"Sanity": {[]string{"dist"}, true}, "Umi": {[]string{"dist"}, true}, "React Router": {[]string{"build/client"}, true}, "SvelteKit": {[]string{"build"}, true},
	"Astro": {out: []string{"dist"}}, "Gatsby": {out: []string{"public"}}, "Docusaurus": {out: []string{"build"}}, "Eleventy": {out: []string{"_site", "dist"}}, "Hexo": {out: []string{"public"}},
	"VitePress": {out: []string{"docs/.vitepress/dist", ".vitepress/dist", "*/.vitepress/dist"}}, "VuePress": {out: []string{"docs/.vuepress/dist", "src/.vuepress/dist", ".vuepress/dist"}},
	"Rspress": {out: []string{"doc_build"}},
}

// configs are the files in which tools are told where to put what they build, and the path that it is served below.
var configs = []string{
	"vite.config.ts", "vite.config.js", "vite.config.mts", "vite.config.mjs", "astro.config.mjs", "astro.config.ts", "docusaurus.config.ts", "docusaurus.config.js",
	"rsbuild.config.ts", "vue.config.js", "docs/.vitepress/config.ts", "docs/.vitepress/config.mts", ".vitepress/config.ts", ".vitepress/config.mts",
}

// site is the form of a frontend of files, which its build makes.
func (l look) site(t tool) (form, string) {
	where, known := places[t.name]
	if !known {
		return form{}, t.name + " has no files that are known to be served"
	}
	config := l.Read(l.First(configs...))
	if match := outDir.FindStringSubmatch(config); match != nil {
		where.out = append([]string{match[1]}, where.out...)
	}
	if match := rootDir.FindStringSubmatch(config); match != nil {
		for _, out := range where.out[:len(where.out):len(where.out)] {
			where.out = append(where.out, path.Join(match[1], out))
		}
	}
	return l.files(t, where, base.FindStringSubmatch(config)), ""
}

// files is the form of a frontend whose files are in one of several folders, below a path if its configuration says one.
func (l look) files(t tool, where place, below []string) form {
	script := fmt.Sprintf(`for d in %s; do if [ -f "$d/index.html" ]; then cp -R "$d/." %s/; exit; fi; done
echo 'the build made no index.html in %s: name where it is in the configuration of %s' >&2; exit 1`, strings.Join(where.out, " "), site, strings.Join(where.out, ", "), t.name)
	f := form{
		name: ", built", tool: t, static: true, command: []string{spec.FileServer, "-root", site}, build: append([]string{"GENERATE_SOURCEMAP=false"}, t.env...),
		after: []spec.Step{{Command: []string{"sh", "-ec", script}}}, routes: l.routes(),
		ship: spec.Ship{Image: "alpine:3", Static: site, Copies: []spec.Copy{{From: site, To: site, Without: append([]string{"**/*.map"}, scan.Private...)}}},
	}
	if where.app {
		f.command = append(f.command, "-app")
	}
	if below != nil {
		f.command = append(f.command, "-base", below[1])
	}
	return f
}
