package compose

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/compose-spec/compose-go/v2/consts"
	"github.com/compose-spec/compose-go/v2/dotenv"
	"github.com/compose-spec/compose-go/v2/types"
)

// environment is what variables in the files stand for.
type environment struct {
	types.Mapping
	example string          // the file that was read in the place of a missing .env; "": none
	exempli map[string]bool // the variables that only this file has
}

// examples are the words by which projects name a file that is to be copied.
var examples = []string{"example", "sample", "template", "dist"}

// readEnvironment decides which files count, and reads what they are interpolated with. What the user gives wins over what
// the files of the environment say, and of these the later one wins over the earlier one, as with docker compose.
func (r *reader) readEnvironment() error {
	r.env = environment{Mapping: types.Mapping{}, exempli: map[string]bool{}}
	for _, pair := range r.opt.Env {
		name, value, found := strings.Cut(pair, "=")
		if !found || name == "" {
			return fmt.Errorf("--env %q: want NAME=VALUE", name)
		}
		r.env.Mapping[name] = value
	}
	if _, given := r.env.Mapping["PWD"]; !given {
		r.env.Mapping["PWD"] = r.workspace.root // ${PWD}/data is a path of the project
	}
	given := r.opt.EnvFiles
	if names := r.env.Mapping["COMPOSE_ENV_FILES"]; len(given) == 0 && names != "" {
		given = strings.Split(names, ",")
	}
	if len(given) > 0 {
		if err := r.readEnvFiles(given); err != nil {
			return err
		}
		return r.chooseFiles()
	}
	dir := "."
	if len(r.opt.Files) > 0 {
		dir = path.Dir(path.Clean(r.opt.Files[0]))
	}
	if err := r.readDotEnv(dir); err != nil {
		return err
	}
	if err := r.chooseFiles(); err != nil {
		return err
	}
	if other := r.dir(); other != dir {
		return r.readDotEnv(other)
	}
	return nil
}

// dir is the folder that paths in the files begin at: the first file's.
func (r *reader) dir() string { return path.Dir(r.files[0]) }

// readEnvFiles reads those that the user names.
func (r *reader) readEnvFiles(names []string) error {
	var copies []string
	for _, name := range names {
		if _, err := r.workspace.fetch(path.Clean(name)); err != nil {
			return fmt.Errorf("--env-file %s: %w: want a file of the project", name, err)
		}
		copies = append(copies, r.workspace.path(path.Clean(name)))
	}
	return r.merge(copies)
}

// readDotEnv reads the .env of a folder, or what stands there to be copied to it.
func (r *reader) readDotEnv(dir string) error {
	if off, _ := strconv.ParseBool(r.env.Mapping[consts.ComposeDisableDefaultEnvFile]); off {
		return nil
	}
	name := path.Join(dir, ".env")
	if r.workspace.kind(name) == file {
		if _, err := r.workspace.fetch(name); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		return r.merge([]string{r.workspace.path(name)})
	}
	example := r.workspace.example(name)
	if example == "" || r.workspace.kind(name) == folder {
		return nil
	}
	before := r.env.Clone()
	if _, err := r.workspace.fetch(example); err != nil {
		return fmt.Errorf("%s: %w", example, err)
	}
	if err := r.merge([]string{r.workspace.path(example)}); err != nil {
		return err
	}
	r.env.example = example
	for variable := range r.env.Mapping {
		if _, known := before[variable]; !known {
			r.env.exempli[variable] = true
		}
	}
	return nil
}

// example is the file that a project offers to be copied to a missing one; "" if it offers none.
func (w *workspace) example(name string) string {
	dir, base := path.Split(name)
	bases := []string{base}
	if plain, hidden := strings.CutPrefix(base, "."); hidden {
		bases = append(bases, plain)
	}
	for _, word := range examples {
		var names []string
		for _, base := range bases { // .env.example, .env-example, env.example, …
			names = append(names, base+"."+word, base+"-"+word, base+"_"+word)
		}
		names = append(names, word+base, "."+word+base) // example.env
		if ext := path.Ext(base); ext != base {
			names = append(names, strings.TrimSuffix(base, ext)+"."+word+ext) // .env.example.dev, db.example.env
		}
		for _, candidate := range names {
			if w.kind(dir+candidate) == file {
				return dir + candidate
			}
		}
	}
	return ""
}

// merge takes in what files say that is not known yet.
func (r *reader) merge(copies []string) error {
	values, err := dotenv.GetEnvFromFile(r.env.Mapping, copies)
	if err != nil {
		return r.parseError(err)
	}
	r.env.Merge(values)
	return nil
}

// parseError is what the library says of a file of variables, with the line in front.
func (r *reader) parseError(err error) error {
	text := r.workspace.relative(err.Error())
	if rest, found := strings.CutPrefix(text, "failed to read "); found {
		if name, what, found := strings.Cut(rest, ": line "); found {
			return errors.New(name + ":" + what)
		}
		return errors.New(rest)
	}
	return errors.New(text)
}

// profiles are those that are asked for. As with docker compose, who asks for none asks for the one that has no name: a service with
// `profiles: ["${DEBUG_PROFILE:-}"]` is started unless the variable says otherwise.
func (r *reader) profiles() []string {
	if len(r.opt.Profiles) > 0 {
		return r.opt.Profiles
	}
	var profiles []string
	for _, name := range strings.Split(r.env.Mapping[consts.ComposeProfiles], ",") {
		if name = strings.TrimSpace(name); !slices.Contains(profiles, name) {
			profiles = append(profiles, name)
		}
	}
	return profiles
}
