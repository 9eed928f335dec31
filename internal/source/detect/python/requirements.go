package python

import (
	"path"
	"slices"
	"strings"

	"dagger/stack/internal/lazyregexp"
	"dagger/stack/internal/source/detect/tree"
)

// requirements is what a requirements file says, with the files that it includes.
type requirements struct {
	files []string        // the files, below the service's folder
	names map[string]bool // packages by their normal names; "fastapi[standard]" besides "fastapi"
	local string          // a path that is installed from, "" if there is none
	paths []string        // all that are named, below the service's folder or beside it
	// versions are the least versions of packages, as far as their requirements say them.
	versions map[string]string
}

// lists are the files that a developer would install from, the best first.
var lists = []string{"requirements.txt", "requirements/local.txt", "requirements/dev.txt", "requirements/development.txt", "requirements/base.txt"}

var (
	requirement = lazyregexp.New(`^([A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[([^\]]*)\])?`)
	include     = lazyregexp.New(`^(?:-r|--requirement|-c|--constraint)[\s=]*(\S+)`)
	editable    = lazyregexp.New(`^(?:-e|--editable|-f|--find-links)[\s=]*(\S+)`)
	least       = lazyregexp.New(`(?:[=~>]=|\^)\s*(\d+(?:\.\d+)*)`)
	separators  = lazyregexp.New(`[-_.]+`)
)

// normal is a package's name as PEP 503 compares names.
func normal(name string) string {
	return separators.ReplaceAllString(strings.ToLower(name), "-")
}

// add notes the package of a requirement, written as in PEP 508.
func (r *requirements) add(line string) {
	match := requirement.FindStringSubmatch(strings.TrimSpace(line))
	if match == nil {
		return
	}
	name := normal(match[1])
	r.names[name] = true
	if version := least.FindStringSubmatch(line); version != nil && r.versions != nil {
		r.versions[name] = version[1]
	}
	for extra := range strings.SplitSeq(match[2], ",") {
		if extra = strings.TrimSpace(extra); extra != "" {
			r.names[name+"["+normal(extra)+"]"] = true
		}
	}
}

// readRequirements follows the includes of a requirements file. A path that leads out of the project is an error.
func readRequirements(f tree.Folder, name string) (requirements, error) {
	found := requirements{names: map[string]bool{}, versions: map[string]string{}}
	queue := []string{name}
	for len(queue) > 0 {
		name, queue = queue[0], queue[1:]
		if slices.Contains(found.files, name) {
			continue
		}
		found.files = append(found.files, name)
		text := strings.ReplaceAll(strings.ReplaceAll(f.At(".").Read(path.Join(f.Dir, name)), "\r", ""), "\\\n", " ")
		for line := range strings.Lines(text) {
			line, _, _ = strings.Cut(" "+line, " #")
			line = strings.TrimSpace(line)
			if line == "" || line[0] == '#' {
				continue
			}
			if match := include.FindStringSubmatch(line); match != nil {
				if !strings.Contains(match[1], "://") {
					if err := tree.Outside(f.Path(name), ".", match[1]); err != nil {
						return found, err
					}
					found.paths = append(found.paths, path.Join(path.Dir(name), match[1]))
					queue = append(queue, path.Join(path.Dir(name), match[1]))
				}
				continue
			}
			if strings.HasPrefix(line, "-e git+") {
				found.names[fromGit] = true
			}
			if at := localPath(line); at != "" {
				// pip looks for such a path in the folder where pip runs, not beside the file.
				if err := tree.Outside(f.Path(path.Base(name)), ".", at); err != nil {
					return found, err
				}
				found.paths = append(found.paths, at)
				found.local = at
				continue
			}
			if strings.Contains(line, "git+") {
				found.names[fromGit] = true
			}
			if line[0] != '-' {
				found.add(line)
			}
		}
	}
	return found, nil
}

// localPath is the folder or file that a requirement installs from, "" for a package of an index.
func localPath(line string) string {
	if match := editable.FindStringSubmatch(line); match != nil {
		line = match[1]
	} else if _, url, ok := strings.Cut(line, "@"); ok {
		line = strings.TrimSpace(url)
		if !strings.HasPrefix(line, "file:") && !strings.HasPrefix(line, ".") {
			return ""
		}
	} else if !strings.HasPrefix(line, ".") && !strings.HasPrefix(line, "/") && !strings.HasPrefix(line, "file:") {
		word := strings.Fields(line)[0]
		if !strings.HasSuffix(word, ".whl") && !strings.HasSuffix(word, ".tar.gz") && !strings.HasSuffix(word, ".zip") {
			return ""
		}
	}
	line = strings.TrimPrefix(strings.TrimPrefix(strings.Fields(line)[0], "file:"), "//")
	if strings.Contains(line, "://") || strings.Contains(line, "+") { // git+https://…
		return ""
	}
	line, _, _ = strings.Cut(line, "[") // .[dev]
	line, _, _ = strings.Cut(line, "#")
	return line
}
