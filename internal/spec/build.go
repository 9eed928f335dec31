package spec

import (
	"path"
	"slices"
	"strings"
)

// Build says how a service's container is made: from an image as it is, from a Dockerfile, or from an image, the
// project's dependencies and its source. Exactly one of Image and Dockerfile is set.
type Build struct {
	Image      string
	Dockerfile string // path below Dir

	Stage    string          // of the Dockerfile; "": the last
	Args     []BuildVariable // of the Dockerfile's ARGs, those that are given
	Declares []string        // ARGs of the Dockerfile, whose values may be variables of the service

	Dir      string          // folder of the project that the build takes: "." or e.g. "backend"; "": none
	Service  string          // folder of the project that is the service's own: what its .dockerignore names is left out
	Target   string          // where it goes in the container, e.g. "/app"
	Env      []BuildVariable // of the build and of the service; ${PATH} in a value is the image's
	Platform string          // of Image, e.g. "linux/arm64"; "": the engine's
	Config   string          // a digest of what the image says beside its files, "" if it was not read
	Docker   *DockerBuild    // in the place of Dockerfile and Dir: a build that a compose file describes
	Caches   []Cache
	Packages []string // of Debian, which root installs before the first step
	Folders  []string // made for the service's user before the first step, e.g. "/opt/venv"; Target belongs to that user as well
	Steps    []Step   // run in order in Target, as the service's user
	Stages   []Stage  // that Compile and Ship copy from
	Compile  *Compile
	Ship     *Ship // nil: what the build ends with is what runs
	// Scratch: the service may create files beside its source, in any folder of it (dev servers keep caches there),
	// though it cannot change the source itself.
	Scratch bool
	// Mutable are patterns of source files that a Scratch service may change all the same: Next.js does not start
	// when it cannot rewrite tsconfig.json.
	Mutable []string
}

// From is what of the project an image was built from, by paths of the project.
type From struct {
	Dockerfile string   `json:"dockerfile,omitempty"` // "": it is no file of the project
	Dir        string   `json:"dir,omitempty"`        // the build's folder, of which a .dockerignore may leave out some; "": there is none
	Dirs       []string `json:"dirs,omitempty"`       // others
	Config     string   `json:"config,omitempty"`     // a digest of what the image says beside its files, "" if it was not read
}

// From is what an image is built from by a Dockerfile, nil if it is not.
func (b Build) From() *From {
	switch {
	case b.Dockerfile != "":
		return &From{Dockerfile: path.Join(b.Dir, b.Dockerfile), Dir: b.Dir, Config: b.Config}
	case b.Docker == nil:
		return nil
	}
	from := &From{Config: b.Config}
	if b.Docker.Git == "" {
		from.Dir = b.Docker.Context
		if b.Docker.Inline == "" {
			from.Dockerfile = path.Clean(b.Docker.Dockerfile)
		}
	}
	for _, more := range b.Docker.Contexts {
		if more.Dir != "" {
			from.Dirs = append(from.Dirs, more.Dir)
		}
	}
	return from
}

// Product is what a build has made beside the source: a file or a folder, which becomes as the build has made it.
type Product struct {
	Path string `json:"path"`
	Keep bool   `json:"keep,omitempty"` // what the build does not have there stays
}

// Products are those of a build. What packages are installed to is the build's alone; in its home the service keeps what it likes.
func (b Build) Products() (products []Product) {
	for _, folder := range append([]string{b.Target}, b.Folders...) {
		home := slices.Contains(b.Env, BuildVariable{Name: "HOME", Value: folder})
		products = append(products, Product{Path: folder, Keep: home})
	}
	if b.Compile != nil {
		products = []Product{{Path: b.Compile.Artifact}}
	}
	return products
}

// Step is one command of a build and the files it depends on. Only those are there when it runs, so that an edit
// of any other file runs nothing again. They belong to the service's user (npm install writes its lockfile), and so
// does what the command writes; the source comes over them after the last step.
type Step struct {
	// Files are patterns below Dir, e.g. "package*.json", "**/go.mod" at any depth, "**" the whole source. None: the
	// files of the steps before.
	Files   []string
	Dir     string // below Target, where the command is run; "": Target itself
	Command []string
}

// Compile turns the whole source into one file that runs on another image. There it lies at the same path, and the
// source at Target as well: a program that reads its templates or migrations finds them as under "go run".
type Compile struct {
	Command  []string // nil: a step has made the file already
	Artifact string   // path of the result
	Image    string   // where it runs
	Without  []string // patterns of the source that is not brought there
}

// Stage is what another build makes, for the source of this one.
type Stage struct {
	Build Build
	From  string // folder in the other build's container
	To    string // folder below Dir
}

// Cache is a folder that builds share, also across stacks: what package managers download.
type Cache struct {
	Name string // e.g. "npm"
	Path string
}

// Whole tells whether the command takes all of the source.
func (s Step) Whole() bool { return slices.Contains(s.Files, "**") }

// Running are the variables that are left when the build is done: all but those that name one of its caches.
func (b Build) Running() []BuildVariable {
	return slices.DeleteFunc(slices.Clone(b.Env), func(v BuildVariable) bool {
		return slices.ContainsFunc(b.Caches, func(c Cache) bool { return c.Path == v.Value })
	})
}

// Bundled are the variables, as NAME=VALUE, that the service's build has too: a bundler writes them into what it makes. Secrets are not
// among them, and NODE_ENV is the build's own: with the one of production, npm installs no bundler.
func (s Service) Bundled() (pairs []string) {
	for _, v := range s.Process.Env {
		text, literal := v.Value.Literal()
		if literal && !v.Sensitive && !v.Unset && v.Name != "NODE_ENV" {
			pairs = append(pairs, v.Name+"="+text)
		}
	}
	return pairs
}

// BuildArgs are the values of the ARGs of the service's Dockerfile: those that are given, and of the others those that are variables of the
// service.
func (s Service) BuildArgs() []BuildVariable {
	args := slices.Clone(s.Build.Args)
	for _, pair := range s.Bundled() {
		name, value, _ := strings.Cut(pair, "=")
		is := func(arg BuildVariable) bool { return arg.Name == name }
		if slices.Contains(s.Build.Declares, name) && !slices.ContainsFunc(args, is) {
			args = append(args, BuildVariable{Name: name, Value: value})
		}
	}
	return args
}

// BuildVariable is a variable of a build's environment.
type BuildVariable struct{ Name, Value string }

// DockerBuild is a build as a compose file describes it. Paths are of the project's folder.
type DockerBuild struct {
	Context    string // a folder
	Git        string // in the place of Context: a repository, as Docker writes it (URL#ref:folder)
	Dockerfile string // a file, also outside of Context
	Inline     string // in the place of Dockerfile: its text
	Args       []BuildVariable
	Target     string // stage
	Platform   string
	Secrets    []BuildSecret
	SSH        bool
	Contexts   []BuildContext
}

// BuildSecret is a secret of a build: a file of the project, or the value of a variable.
type BuildSecret struct{ ID, File, Variable, Value string }

// BuildContext is an additional context: another folder of the project, an image or the build of another service.
type BuildContext struct{ Name, Dir, Image, Service string }
