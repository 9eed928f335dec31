// Package compose makes a stack of a project's compose files. The library of docker compose itself (compose-go) reads, merges
// and checks them; this package turns the result into a project.Project, and says of each element that means something else here
// where the element is written and what becomes of it.
package compose

import (
	"errors"
	"io/fs"
	"slices"

	"github.com/compose-spec/compose-go/v2/types"

	"dagger/stack/internal/project"
)

// Options are what the user says about the compose files.
type Options struct {
	Name     string   // of the stack; "": as the files or COMPOSE_PROJECT_NAME say
	Files    []string // in the place of compose's own names
	Profiles []string
	Env      []string        // NAME=VALUE: what docker compose takes from its caller's shell
	EnvFiles []string        // in the place of .env
	Without  []string        // services that are not wanted: nothing in them is an error
	SSH      bool            // there is an SSH agent for builds
	Strict   bool            // a service that cannot be had is an error, and not left out
	Names    func() []string // what the project calls itself; nil: not known
}

// defaultName is the stack's, where nobody names the stack: docker compose takes the name of the folder, which is not known here.
const defaultName = "default"

// Load reads the compose files of a project. The error has a line for each thing that is wrong.
func Load(fsys fs.FS, opt Options) (project.Project, error) {
	silenceLibrary()
	w, err := newWorkspace(fsys)
	if err != nil {
		return project.Project{}, err
	}
	defer w.close()
	r := &reader{opt: opt, workspace: w, index: newIndex()}
	p, err := r.load()
	if err == nil {
		return p, nil
	}
	text := w.relative(err.Error())
	if r.variables != nil && len(r.variables.missing) == 0 {
		for _, note := range sentences(r.unset()) {
			text += "\n" + note // an empty variable may be the reason
		}
	}
	return project.Project{}, errors.New(text)
}

// reader reads one project.
type reader struct {
	opt       Options
	workspace *workspace
	index     *index
	messages  messages

	env       environment
	files     []string // the compose files, as paths of the project
	variables *variables
	raw       map[string]any // what the files say, merged
	model     *types.Project // the same, with types, and the services that are asked for

	impossible map[string]impossible
	proxies    []proxy
	leftOut    []project.LeftOut
	published  map[int]bool // numbers of the host that are taken
	secrets    []string     // that the user has to give
}

func (r *reader) load() (project.Project, error) {
	if err := r.readEnvironment(); err != nil {
		return project.Project{}, err
	}
	if err := r.followFiles(); err != nil {
		return project.Project{}, err
	}
	if err := r.loadModel(); err != nil {
		return project.Project{}, err
	}
	if err := r.resolveEnvFiles(); err != nil {
		return project.Project{}, err
	}
	r.noteElements()
	r.leaveOut()
	p := project.Project{Name: r.model.Name}
	p.Services = r.services()
	r.notePublished(p.Services)
	r.messages.noted = append(r.messages.noted, r.unset()...)
	r.noteExample()
	r.forgive()
	p.Notes, p.LeftOut, p.Secrets = r.messages.notes(), r.leftOut, r.secrets
	p.Absent = slices.DeleteFunc(slices.Clone(r.opt.Without), func(name string) bool { _, is := r.model.DisabledServices[name]; return !is })
	return p, r.messages.err()
}
