// Package detect looks at a project's files and says how its backend and its frontend are built and run.
//
// The rules are told in docs/detection.md. In short: a folder is found by its name and by what it holds, a Dockerfile that can be
// built wins, and what cannot be found out is an error that names what was looked for and the flag that helps.
//
// Data flows one way: this package chooses the folders; dockerfile, golang, python and node each look at one folder, through a
// scan.Scan. golang, python and node do not import each other, and nothing here imports this package.
package detect

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"

	"dagger/stack/internal/project"
	"dagger/stack/internal/source/detect/node"
	"dagger/stack/internal/source/detect/scan"
	"dagger/stack/internal/source/detect/text"
	"dagger/stack/internal/source/detect/tree"
)

// Options overrule what would be found.
type Options struct {
	BackendDir, FrontendDir               string              // folders of the project; "": looked for
	BackendCommand, FrontendCommand       []string            // nil: found out
	BackendPort, FrontendPort             int                 // in the container; 0: 8000 and 3000
	BackendDockerfile, FrontendDockerfile string              // files of the project; "": looked for
	NoDockerfile                          bool                // Dockerfiles are not looked for
	Builds                                []project.BuildFlag // what is said of the builds of Dockerfiles
	NoBackend, NoFrontend                 bool                // not to be looked for
	Production                            bool                // they are built for production
}

// Result is what a project's stack has besides its databases: at least one of the two services.
type Result struct {
	Backend, Frontend *Service
	Notes             []string // what a user may want to know, a sentence each
}

// Service is one service of the project.
type Service = scan.Service

// Project says how a project's services are built and run.
func Project(fsys fs.FS, opt Options) (Result, error) {
	project := tree.New(fsys, Ignore)
	result, err := place(project.Root(), opt)
	if project.Err != nil { // what was concluded from files that could not be read counts for nothing
		return Result{}, fmt.Errorf("cannot read the project: %w", project.Err)
	}
	return result, err
}

// service is the service that a folder holds. scan.Unknown is the error for a folder without one.
func service(s *scan.Scan, r role) (*Service, error) {
	if found, err := docker(s, r); err != nil {
		return nil, err
	} else if found != nil {
		return complete(s, found), nil
	}
	passed := slices.Clone(s.Notes) // Dockerfiles
	found, err := r.code(s)
	var none *scan.Unknown
	if errors.As(err, &none) && len(passed) > 0 {
		return nil, &scan.Unknown{Likely: true, Text: fmt.Sprintf("%s; %s", text.And(passed), err)}
	}
	if err != nil {
		return nil, err
	}
	if found.Build.Compile != nil {
		if err := embeds(s, found); err != nil {
			return nil, err
		}
	}
	return complete(s, found), nil
}

// code is the service that a folder holds, whatever its Dockerfile says.
func (r role) code(s *scan.Scan) (*Service, error) {
	if is := languageOf(s.Folder); r.Backend && is != nil {
		found, err := is.service(s)
		var none *scan.Unknown
		if !is.besideNode || !errors.As(err, &none) || !s.Has("package.json") {
			return found, err
		}
		if pkg, bad := node.ReadManifest(s.Folder); bad != nil || pkg.Server() == "" {
			return nil, err
		}
	} else if len(r.Command) == 0 && other(s.Folder) != "" {
		return nil, unknownLanguage(s, r)
	}
	if s.Has("package.json") {
		return node.Service(s)
	}
	if len(r.Command) > 0 {
		return commandOnly(s, r)
	}
	return nil, &scan.Unknown{Bare: true, Text: fmt.Sprintf("no %s in %s: looked for %s; found %s: name its folder with %s or its command with %s",
		r.Name, s.Quoted(), text.And(r.markers), s.Found(), r.DirFlag(), r.CommandFlag())}
}

// commandOnly runs a given command in a folder whose files say nothing, on the image that the command's name asks for.
func commandOnly(s *scan.Scan, r role) (*Service, error) {
	command := r.Command[0]
	for _, l := range languages {
		if slices.Contains(l.programs, path.Base(command)) {
			return l.service(s)
		}
	}
	switch path.Base(command) {
	case "node", "npm", "npx", "bun", "bunx":
		return node.Service(s)
	default:
		return nil, &scan.Unknown{Text: fmt.Sprintf("cannot tell what %q runs on in %s: looked for %s; found %s: add one of them, e.g. a Dockerfile",
			command, s.Quoted(), text.Or(r.markers), cmp.Or(s.Found(), "nothing"))}
	}
}
