package detect

import (
	"path"
	"slices"
	"strconv"
	"strings"

	"dagger/stack/internal/source/detect/scan"
	"dagger/stack/internal/spec"
)

// docker is a service with a Dockerfile.
func docker(s *scan.Scan) (*Service, error) {
	file := parseDockerfile(s.Read("Dockerfile"))
	found := s.Service("Dockerfile", s.Path("Dockerfile"))
	found.Port = file.port(s.Role.Port)
	s.Role.Port = found.Port                                                         // for PORT
	found.Build = spec.Build{Dockerfile: "Dockerfile", Dir: s.Dir, Env: s.Env()[1:]} // HOME is the image's
	// Some Dockerfiles in a folder are made to be built from the root: they copy the folder by its name.
	if s.Dir != "." && file.copies(s.Dir) && !s.HasDir(strings.Split(s.Dir, "/")[0]) {
		found.Build.Dir, found.Build.Dockerfile = ".", s.Path("Dockerfile")
		s.Note("%s copies %s/…: it is built from the root of the project", s.Path("Dockerfile"), s.Dir)
	}
	if len(s.Role.Command) > 0 {
		found.Command = s.Role.Command
	}
	if found.Port < 1024 {
		s.Note("%s listens on port %d: the image has to allow that to a user who is not root", s.Path("Dockerfile"), found.Port)
	}
	return found, nil
}

// dockerfile is the little that is read of a Dockerfile. BuildKit's own parser is larger than this whole module.
type dockerfile struct {
	base    string              // the image that the last stage is made from
	exposed []string            // the words after EXPOSE in the last stage and the stages that it is made from, in order
	copied  []string            // what COPY and ADD take from the build context, in any stage
	vars    map[string][]string // ARG and ENV, the last value last
}

func parseDockerfile(text string) dockerfile {
	var file dockerfile
	file.vars = map[string][]string{}
	stages := map[string]dockerfile{}
	var name string
	for _, line := range dockerLines(text) {
		words := strings.Fields(line)
		args := slices.DeleteFunc(words[1:], func(w string) bool { return strings.HasPrefix(w, "--") })
		switch strings.ToUpper(words[0]) {
		case "FROM":
			if len(args) == 0 {
				continue
			}
			stages[name] = file
			before, known := stages[strings.ToLower(args[0])]
			file.base, file.exposed = args[0], nil
			if known {
				file.base, file.exposed = before.base, slices.Clone(before.exposed)
			}
			name = "\x00"
			if len(args) == 3 && strings.EqualFold(args[1], "as") {
				name = strings.ToLower(args[2])
			}
		case "EXPOSE":
			file.exposed = append(file.exposed, args...)
		case "ARG", "ENV":
			if len(args) == 2 && !strings.Contains(args[0], "=") { // ENV NAME VALUE
				args = []string{args[0] + "=" + args[1]}
			}
			for _, arg := range args {
				if name, value, ok := strings.Cut(arg, "="); ok {
					file.vars[name] = append(file.vars[name], strings.Trim(value, `"'`))
				}
			}
		case "COPY", "ADD":
			if !strings.Contains(line, "--from=") && len(args) > 1 {
				file.copied = append(file.copied, args[:len(args)-1]...)
			}
		}
	}
	return file
}

// dockerLines are the instructions, one in each line, without comments.
func dockerLines(text string) []string {
	var lines []string
	var open string
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		line, more := strings.CutSuffix(line, `\`)
		open += " " + line
		if !more {
			lines, open = append(lines, open), ""
		}
	}
	return slices.DeleteFunc(append(lines, open), func(line string) bool { return strings.TrimSpace(line) == "" })
}

// port is the port that the image listens on: the usual port if it is exposed, else the last that is exposed.
func (d dockerfile) port(usual int) int {
	port := 0
	for _, word := range d.exposed {
		number, protocol, _ := strings.Cut(word, "/")
		if name := strings.Trim(number, "${}"); name != number {
			name, byDefault, _ := strings.Cut(name, ":-")
			number = byDefault
			if values := d.vars[name]; len(values) > 0 {
				number = values[len(values)-1]
			}
		}
		n, err := strconv.Atoi(number)
		if err != nil || n < 1 || n > 65535 || strings.EqualFold(protocol, "udp") {
			continue
		}
		if n == usual {
			return usual
		}
		port = n
	}
	switch image, _, _ := strings.Cut(path.Base(d.base), ":"); {
	case port != 0:
		return port
	case slices.Contains([]string{"nginx", "httpd", "caddy"}, image): // their ports are in their own Dockerfiles
		return 80
	case image == "nginx-unprivileged":
		return 8080
	}
	return usual
}

// copies says whether the build copies something from a folder of that name.
func (d dockerfile) copies(dir string) bool {
	return slices.ContainsFunc(d.copied, func(name string) bool {
		name = path.Clean(strings.TrimLeft(strings.Trim(name, `[",`), "/"))
		return name == dir || strings.HasPrefix(name, dir+"/")
	})
}
