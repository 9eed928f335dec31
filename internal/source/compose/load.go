package compose

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"

	"github.com/compose-spec/compose-go/v2/consts"
	"github.com/compose-spec/compose-go/v2/dotenv"
	"github.com/compose-spec/compose-go/v2/loader"
	"github.com/compose-spec/compose-go/v2/types"
	"github.com/sirupsen/logrus"

	"dagger/stack/internal/project"
)

// silenceLibrary turns off what the library prints: it speaks through the process's one logger, of paths that nobody knows, and
// of things that our notes say with their lines. It also teaches the library the raw format of files of variables, as docker
// compose does.
var silenceLibrary = sync.OnceFunc(func() {
	logrus.SetOutput(io.Discard)
	dotenv.RegisterFormat("raw", rawEnv)
})

// rawEnv reads a file of variables whose values are taken as they are written.
func rawEnv(from io.Reader, _ string, values map[string]string, lookup func(string) (string, bool)) error {
	text, err := io.ReadAll(from)
	if err != nil {
		return err
	}
	for line := range strings.Lines(string(text)) {
		line = strings.TrimRight(strings.TrimLeft(line, " \t"), "\r\n")
		if line == "" || line[0] == '#' {
			continue
		}
		name, value, found := strings.Cut(line, "=")
		if !found {
			if value, found = lookup(name); !found {
				continue
			}
		}
		values[name] = value
	}
	return nil
}

// loadModel has the library read the files.
func (r *reader) loadModel() error {
	r.variables = newVariables(r.env.exempli)
	details := types.ConfigDetails{WorkingDir: r.workspace.path(r.dir()), Environment: r.env.Mapping}
	for _, name := range r.files {
		details.ConfigFiles = append(details.ConfigFiles, types.ConfigFile{Filename: r.workspace.path(name)})
	}
	options := func(o *loader.Options) {
		o.SkipResolveEnvironment, o.SkipResolveLabels = true, true // when it is known which files that takes
		o.Profiles = r.profiles()
		o.Interpolate.Substitute = r.variables.substitute
		switch name := r.env.Mapping[consts.ComposeProjectName]; {
		case r.opt.Name != "":
			o.SetProjectName(r.opt.Name, true)
		case name != "":
			o.SetProjectName(name, true)
		default:
			o.SetProjectName(defaultName, false)
		}
	}
	r.noteName() // before the library puts the stack's name into the environment
	model, err := loader.LoadModelWithContext(context.Background(), details, options)
	missing := r.requireVariables() // told with what else is wrong, unless that may be wrong because of them
	if err != nil {
		return cmp.Or(missing, r.located(err))
	}
	r.raw = model
	name, _ := model["name"].(string)
	with := loader.ToOptions(&details, []func(*loader.Options){options, func(o *loader.Options) { o.SetProjectName(name, true) }})
	if r.model, err = loader.ModelToProject(model, with, details); err != nil {
		return cmp.Or(missing, r.located(err))
	}
	r.model = r.model.WithServicesDisabled(r.opt.Without...)
	if len(r.model.Services) == 0 {
		return cmp.Or(missing, r.noServices())
	}
	return nil
}

// noteName says that the files name the stack otherwise than the user.
func (r *reader) noteName() {
	if says := r.otherName(r.index.text(element{"name"})); says != "" {
		r.note(element{"name"}, "no effect: %s", says)
	}
	if says := r.otherName(r.env.Mapping[consts.ComposeProjectName]); says != "" {
		r.messages.noted = append(r.messages.noted, message{text: "COMPOSE_PROJECT_NAME has no effect: " + says})
	}
}

// otherName says what to do about a name that the files give; "" if it is the stack's.
func (r *reader) otherName(named string) string {
	if r.opt.Name == "" || named == "" || named == r.opt.Name {
		return ""
	}
	wanted := strings.Join(strings.FieldsFunc(strings.ToLower(named), func(c rune) bool { return !strings.ContainsRune("abcdefghijklmnopqrstuvwxyz0123456789", c) }), "-")
	if strings.Contains(named, "$") || project.CheckStackName(wanted) != nil {
		wanted = "NAME"
	}
	return fmt.Sprintf("the stack is called %s: for another name give --name %s before the function, in each call", r.opt.Name, wanted)
}

// noServices says why nothing is left to start.
func (r *reader) noServices() error {
	at, _ := r.index.find(element{"services"})
	var profiles []string
	for _, s := range r.model.DisabledServices {
		profiles = append(profiles, s.Profiles...)
	}
	slices.Sort(profiles)
	if profiles = slices.Compact(profiles); len(profiles) > 0 {
		return fmt.Errorf("%s: no service is asked for: want one of the profiles with --profile: %s", at, strings.Join(profiles, ", "))
	}
	return fmt.Errorf("%s: no service: want at least one below services", at)
}

// resolveEnvFiles reads the env_file and label_file of the services that are asked for.
func (r *reader) resolveEnvFiles() error {
	for name, s := range r.model.Services {
		containers := []*types.ContainerSpec{&s.ContainerSpec}
		for i := range s.PreStart {
			containers = append(containers, &s.PreStart[i].ContainerSpec)
		}
		for _, container := range containers {
			r.fetchEnvFiles(name, container)
		}
		r.model.Services[name] = s
	}
	model, err := r.model.WithServicesEnvironmentResolved(true)
	if err != nil {
		return cmp.Or(r.messages.err(), r.parseError(err))
	}
	if r.model, err = model.WithServicesLabelsResolved(true); err != nil {
		return cmp.Or(r.messages.err(), r.parseError(err))
	}
	return nil
}

func (r *reader) fetchEnvFiles(service string, container *types.ContainerSpec) {
	container.EnvFiles = slices.DeleteFunc(slices.Clone(container.EnvFiles), func(f types.EnvFile) bool {
		shown := r.workspace.shown(f.Path)
		e := element{"services", service, "env_file", item(shown)}
		name, inside := r.workspace.inside(f.Path)
		switch {
		case !inside:
			r.refuse(e, "%s %v: copy the file into the project", shown, errOutside)
			return true
		case !bool(f.Required) && r.workspace.kind(name) == missing:
			return true
		}
		err := r.offer(name)
		if err != nil {
			r.refuse(e, "%s %v: make the file, or say required: false", shown, err)
		}
		return err != nil
	})
	container.LabelFiles = slices.DeleteFunc(slices.Clone(container.LabelFiles), func(path string) bool {
		name, _ := r.workspace.inside(path)
		err := r.offer(name)
		if err != nil {
			r.refuse(element{"services", service, "label_file"}, "%s %v", r.workspace.shown(path), errMissing)
		}
		return err != nil
	})
}
