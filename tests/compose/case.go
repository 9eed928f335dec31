// Package compose compares what a compose file does with docker compose, the truth, to what it does with this project: the same small
// projects run on both sides, and what their services see and say must be equal. README.md says how to read and add a case.
package compose

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
)

// Case is one small project: a folder with a compose file. Where the folder has a case.json, the file says how the project is run.
type Case struct {
	Name string `json:"-"`
	Dir  string `json:"-"` // where the project is, a copy that may be written to

	Files    []string `json:"files,omitempty"`    // --file, in order
	EnvFiles []string `json:"envFiles,omitempty"` // --env-file, in order
	Profiles []string `json:"profiles,omitempty"` // --profile
	Env      []string `json:"env,omitempty"`      // NAME=VALUE, given by the caller
	Folder   string   `json:"folder,omitempty"`   // of the project, where compose is called

	// Steps are what is done in order; what services say is observed after each but "change" and "down". One "up", if none are given.
	Steps []Step `json:"steps,omitempty"`
	// Dial are the published ports, "tcp 127.0.0.1:18080", that are asked after each "up".
	Dial []string `json:"dial,omitempty"`
	// Quiet are services of which only the state is compared: programs that say much, and never "ready".
	Quiet []string `json:"quiet,omitempty"`
	// Linger is how much longer than usual to wait, as a Go duration, for what happens after services are ready.
	Linger string `json:"linger,omitempty"`
	// Differs is what is otherwise with this project: a regular expression for differences, and words of docs/compose.md that say why.
	Differs map[string]string `json:"differs,omitempty"`
	// External volumes and networks exist before the project.
	External struct {
		Volumes  []string `json:"volumes,omitempty"`
		Networks []string `json:"networks,omitempty"`
	} `json:"external,omitzero"`
}

// Step is one thing that is done with a case.
type Step string

// The steps.
const (
	Up     Step = "up"     // create, start, and wait until nothing changes any more
	Stop   Step = "stop"   // end all services, gracefully
	Down   Step = "down"   // the same, and remove the containers but not the volumes
	Change Step = "change" // run the case's change.sh: what a user edits between two ups
)

// scripts are run in the copy of the project, and are no part of it: before the first step, and for "change".
const (
	prepareScript = "prepare.sh"
	changeScript  = "change.sh"
)

// notProject are the files of a case that are not the project's.
var notProject = []string{"case.json", truthFile, configFile, prepareScript, changeScript}

// Load reads the case in a folder of the repository and copies its project to a folder below the given one.
func Load(folder, below string) (Case, error) {
	c := Case{Name: filepath.Base(folder), Dir: filepath.Join(below, filepath.Base(folder))}
	text, err := os.ReadFile(filepath.Join(folder, "case.json"))
	if err == nil {
		err = strict(text, &c)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return c, fmt.Errorf("%s: case.json: %w", c.Name, err)
	}
	if len(c.Steps) == 0 {
		c.Steps = []Step{Up}
	}
	if err := os.CopyFS(c.Dir, os.DirFS(folder)); err != nil {
		return c, fmt.Errorf("copy %s: %w", folder, err)
	}
	if err := c.script(folder, prepareScript); err != nil {
		return c, err
	}
	for _, name := range notProject {
		os.Remove(filepath.Join(c.Dir, name))
	}
	observer, err := os.ReadFile(filepath.Join(filepath.Dir(filepath.Dir(folder)), "observe"))
	if err != nil {
		return c, err
	}
	return c, os.WriteFile(filepath.Join(c.Dir, "observe"), observer, 0o755)
}

// script runs one of the case's scripts in the copy of the project.
func (c Case) script(folder, name string) error {
	path, err := filepath.Abs(filepath.Join(folder, name))
	if err != nil {
		return err
	}
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	cmd := exec.Command("sh", "-eu", path)
	cmd.Dir = c.Dir
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %s: %w: %s", c.Name, name, err, out)
	}
	return nil
}
