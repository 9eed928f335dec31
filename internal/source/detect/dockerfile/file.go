package dockerfile

import (
	"path"
	"slices"
	"strconv"
	"strings"

	"dagger/stack/internal/lazyregexp"
	"dagger/stack/internal/source/detect/tree"
)

// Args are the names of its ARGs.
func (f File) Args() []string { return f.declared }

// Stages are the names of its stages.
func (f File) Stages() (names []string) {
	for _, s := range f.stages {
		if s.name != "" {
			names = append(names, s.name)
		}
	}
	return names
}

// last is the stage that is built, nil if the file has none.
func (f File) last() *stage {
	if f.target != "" {
		return f.stage(f.target)
	}
	if len(f.stages) == 0 {
		return nil
	}
	return f.stages[len(f.stages)-1]
}

// Base is the image that the last stage is made from.
func (f File) Base() string {
	if s := f.last(); s != nil {
		return s.base
	}
	return ""
}

// image is the base's name without its registry, folder and tag.
func (f File) image() string {
	image, _, _ := strings.Cut(path.Base(f.Base()), "@")
	image, _, _ = strings.Cut(image, ":")
	return image
}

// plain are images that run nothing of use by themselves: a shell, or the prompt of a language.
var plain = []string{"alpine", "debian", "ubuntu", "busybox", "fedora", "centos", "amazonlinux", "scratch", "distroless", "buildpack-deps",
	"python", "node", "golang", "bun", "deno", "ruby", "rust", "openjdk", "eclipse-temurin", "php", "elixir", "uv"}

// Runs says whether what is built runs something of the project's. An image that is not known may have a command.
func (f File) Runs() bool {
	s := f.last()
	return s != nil && (len(s.command) > 0 || len(s.entrypoint) > 0 || !slices.Contains(plain, f.image()))
}

// Volumes are the folders that the file says are volumes.
func (f File) Volumes() []string {
	if s := f.last(); s != nil {
		return s.volumes
	}
	return nil
}

// Entrypoint is the program that Docker would put in front of a command that somebody gives; nil if there is none.
func (f File) Entrypoint() []string {
	if s := f.last(); s != nil {
		return s.entrypoint
	}
	return nil
}

// built are the stages that the last one is made of.
func (f File) built() (found []*stage) {
	var add func(s *stage)
	add = func(s *stage) {
		if s == nil || slices.Contains(found, s) {
			return
		}
		found = append(found, s)
		for _, name := range s.from {
			if n, err := strconv.Atoi(name); err == nil && n >= 0 && n < len(f.stages) {
				add(f.stages[n])
			}
			add(f.stage(name))
		}
	}
	add(f.last())
	return found
}

// Copies says whether anything of the build context gets into what is built.
func (f File) Copies() bool {
	return slices.ContainsFunc(f.built(), func(s *stage) bool { return len(s.sources) > 0 })
}

// Secrets are the secrets that the build cannot do without.
func (f File) Secrets() (names []string) {
	for _, s := range f.built() {
		names = append(names, s.secrets...)
	}
	return names
}

// Missing are the files that the build copies and a context does not have.
func (f File) Missing(context tree.Folder) (names []string) {
	for _, s := range f.built() {
		for _, source := range s.sources {
			name := path.Clean(strings.TrimLeft(source, "/"))
			if !strings.Contains(name, "$") && !has(context, name) && !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
		for _, source := range s.taken { // another stage has copied the whole context before, where git ignores this one
			if name := path.Base(source); strings.HasPrefix(name, ".env") && !has(context, name) && !f.makes(name) && !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	return names
}

// makes says whether a command of the build names a file, and so may make it.
func (f File) makes(name string) bool {
	return slices.ContainsFunc(f.built(), func(s *stage) bool {
		return slices.ContainsFunc(s.runs, func(run string) bool { return strings.Contains(run, name) })
	})
}

// has says whether a context has a file or a folder; with wildcards, whether something matches.
func has(context tree.Folder, name string) bool {
	dir, wild := tree.Beginning(name)
	if !wild {
		return name == "." || context.Has(name) || context.HasDir(name)
	}
	if dir != "." && !context.HasDir(dir) {
		return false
	}
	pattern, _, deeper := strings.Cut(strings.TrimPrefix(name, dir+"/"), "/")
	list := context.Sub(dir).List()
	return deeper || slices.ContainsFunc(slices.Concat(list.Files, list.Dirs), func(entry string) bool {
		matches, err := path.Match(pattern, entry)
		return matches || err != nil
	})
}

// WantsWhole says whether the build works on a whole workspace, which only the workspace's root has.
func (f File) WantsWhole() bool {
	return slices.ContainsFunc(f.built(), func(s *stage) bool {
		return slices.ContainsFunc(s.runs, func(run string) bool {
			return strings.Contains(run, "turbo prune") || strings.Contains(run, "pnpm ") && strings.Contains(run, "--filter") || strings.Contains(run, "npm ") && strings.Contains(run, "--workspace")
		})
	})
}

// debuggers are ports that no client of a service asks: of node's inspector, Python's debugpy and Go's delve.
var debuggers = []int{9229, 9230, 5678, 2345, 40000}

var (
	flagPort  = lazyregexp.New(`(?:^|\s)(?:--port|-p|--bind|-b|--listen|--http|--host)(?:\s+|=)(?:[\w.\[\]*]*:)?(\d{2,5})(?:\s|$)`)
	bindPort  = lazyregexp.New(`(?:^|\s)(?:0\.0\.0\.0|\[::\]|):(\d{2,5})(?:\s|$)`)
	localPort = lazyregexp.New(`(?:localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1\])(?::|\s+)(\d{2,5})`)
)

// Port is where what is built listens, as the file says: by the command's own flag, ENV PORT, HEALTHCHECK, or the first EXPOSE that
// is not a debugger's; 0 if the file does not say.
func (f File) Port() int {
	s := f.last()
	if s == nil {
		return 0
	}
	command := expand(strings.Join(slices.Concat(s.entrypoint, s.command), " "), s.vars)
	for _, pattern := range []*lazyregexp.Regexp{flagPort, bindPort} {
		if port := match(pattern, command); port != 0 {
			return port
		}
	}
	if port := number(s.vars["PORT"]); port != 0 && s.env["PORT"] {
		return port
	}
	if port := match(localPort, s.healthcheck); port != 0 {
		return port
	}
	last := 0
	for _, word := range s.exposed {
		text, protocol, _ := strings.Cut(word, "/")
		port := number(text)
		switch {
		case port == 0 || strings.EqualFold(protocol, "udp"):
		case !slices.Contains(debuggers, port):
			return port
		default:
			last = port
		}
	}
	if last != 0 {
		return last
	}
	switch f.image() { // their ports are in their own Dockerfiles
	case "nginx", "httpd", "caddy":
		return 80
	case "nginx-unprivileged":
		return 8080
	}
	return 0
}

func match(pattern *lazyregexp.Regexp, text string) int {
	if found := pattern.FindStringSubmatch(text); found != nil {
		return number(found[1])
	}
	return 0
}

// number is a port, 0 for what is none.
func number(text string) int {
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > 65535 {
		return 0
	}
	return n
}

var imageVersion = lazyregexp.New(`(?i)^\s*FROM\s+(?:--\S+\s+)?(?:\S*/)?(python|node|golang):(\d+(?:\.\d+)*)`)

// Version is the version of a language's image that a Dockerfile is made from, whether the Dockerfile can be built or not; "" if it
// says none.
func Version(text, language string) string {
	for line := range strings.Lines(text) {
		if match := imageVersion.FindStringSubmatch(line); match != nil && strings.EqualFold(match[1], language) {
			return match[2]
		}
	}
	return ""
}

var healthPath = lazyregexp.New(`(?:localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1\])(?::\d+)?(/[\w/.-]*)`)

// HealthPath is the path that the HEALTHCHECK asks for, "" if it asks for none.
func (f File) HealthPath() string {
	if s := f.last(); s != nil {
		if found := healthPath.FindStringSubmatch(s.healthcheck); found != nil && found[1] != "/" {
			return found[1]
		}
	}
	return ""
}

// Env are the variables that what is built has, by their names. Values that no default says are empty.
func (f File) Env() map[string]string {
	env := map[string]string{}
	if s := f.last(); s != nil {
		for name := range s.env {
			if env[name] = s.vars[name]; strings.Contains(env[name], "$") {
				env[name] = ""
			}
		}
	}
	return env
}
