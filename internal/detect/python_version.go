package detect

import (
	"regexp"
	"strings"

	"github.com/Masterminds/semver/v3"
	pep440 "github.com/aquasecurity/go-pep440-version"
)

// A request of uv's or pyenv's for CPython: 3.12, 3.12.4, cpython@3.12, cpython-3.12.4-linux-x86_64-gnu, python3.12.
var cpython = regexp.MustCompile(`^(?i:c?python[@-]?)?([<>=~!].*|\d+(?:\.\d+)*)(?:-(?:linux|macos|windows|any).*)?$`)

// otherPython is an implementation that the image is not.
var otherPython = regexp.MustCompile(`^(?i:pypy|graalpy|jython|ironpython|micropython|miniconda|anaconda|miniforge|mambaforge)`)

// pythonVersion is the Python that the project asks for: what a developer's own machine is told to use, then what the
// manifest allows.
func (s *scan) pythonVersion(project pyproject) (version, error) {
	for _, f := range s.above() {
		source, asked := f.path(".python-version"), firstLine(f.read(".python-version"))
		if asked == "" {
			source, asked = f.path(".tool-versions"), toolVersion(f, "python")
		}
		if asked == "" {
			continue
		}
		match := cpython.FindStringSubmatch(asked)
		switch {
		case match == nil && (otherPython.MatchString(asked) || strings.Contains("0123456789", asked[:1])): // 3.13t, 3.15-dev
			return version{}, pythonLanguage.unknown(asked, source)
		case match == nil: // pyenv takes names of virtual environments, too
			s.note("%s names %q, which is not a version of Python: it is left aside", source, asked)
		case strings.ContainsAny(match[1], "<>=~!"):
			return pythonLanguage.fitting(match[1], source, pep440Fits(match[1]))
		default:
			return pythonLanguage.pinned(match[1], source)
		}
	}
	source := s.path("pyproject.toml")
	if asked := project.Project.RequiresPython; asked != "" {
		return pythonLanguage.fitting(asked, source, pep440Fits(asked))
	}
	if asked, ok := project.Tool.Poetry.Dependencies["python"].(string); ok {
		return pythonLanguage.fitting(asked, source, poetryFits(asked))
	}
	return version{tag: pythonLanguage.byDefault}, nil
}

// pep440Fits evaluates a version specifier. One that cannot be read fits nothing.
func pep440Fits(asked string) func(string) bool {
	specifiers, err := pep440.NewSpecifiers(asked)
	return func(v string) bool {
		parsed, bad := pep440.Parse(v)
		return err == nil && bad == nil && specifiers.Check(parsed)
	}
}

// poetryFits evaluates Poetry's own constraints, which have npm's operators beside those of PEP 440.
func poetryFits(asked string) func(string) bool {
	if !strings.Contains(strings.ReplaceAll(asked, "~=", ""), "~") && !strings.Contains(asked, "^") {
		return pep440Fits(asked)
	}
	return semverFits(asked)
}

// semverFits evaluates a range in npm's notation. One that cannot be read fits nothing.
func semverFits(asked string) func(string) bool {
	constraint, err := semver.NewConstraint(asked)
	return func(v string) bool {
		parsed, bad := semver.NewVersion(v)
		return err == nil && bad == nil && constraint.Check(parsed)
	}
}
