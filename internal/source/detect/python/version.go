package python

import (
	"strings"

	pep440 "github.com/aquasecurity/go-pep440-version"

	"dagger/stack/internal/lazyregexp"
	"dagger/stack/internal/source/detect/dockerfile"
	"dagger/stack/internal/source/detect/version"
)

// releases are as of November 2026: 3.10 ended in October (PEP 619), 3.15 came in October (PEP 790).
var releases = version.Language{Name: "Python", Default: "3.11",
	Supported: []string{"3.11", "3.12", "3.13", "3.14", "3.15"}, Ended: []string{"3.7", "3.8", "3.9", "3.10"}}

// cpython matches what uv and pyenv write for CPython: 3.12, 3.12.4, cpython@3.12, cpython-3.12.4-linux-x86_64-gnu, python3.12.
var cpython = lazyregexp.New(`^(?i:c?python[@-]?)?([<>=~!].*|\d+(?:\.\d+)*)(?:-(?:linux|macos|windows|any).*)?$`)

// otherPython matches other implementations, which the image does not have.
var otherPython = lazyregexp.New(`^(?i:pypy|graalpy|jython|ironpython|micropython|miniconda|anaconda|miniforge|mambaforge)`)

// version is the Python that the project asks for: what a developer's own machine is told to use, then what the manifest
// allows.
func (l *look) version() (version.Version, error) {
	for _, f := range l.Above() {
		asked, source := version.Pin(f, []string{".python-version"}, "python")
		if asked == "" {
			continue
		}
		match := cpython.FindStringSubmatch(asked)
		switch {
		case match == nil && (otherPython.MatchString(asked) || strings.Contains("0123456789", asked[:1])): // 3.13t, 3.15-dev
			return version.Version{}, releases.Unknown(asked, source)
		case match == nil: // pyenv takes names of virtual environments, too
			l.Note("%s names %q, which is not a version of Python: it is left aside", source, asked)
		case strings.ContainsAny(match[1], "<>=~!"):
			return releases.Fitting(match[1], source, pep440Fits(match[1]))
		default:
			return releases.Pinned(match[1], source)
		}
	}
	source := l.Path("pyproject.toml")
	if asked := l.project.Project.RequiresPython; asked != "" {
		return releases.Fitting(asked, source, pep440Fits(asked))
	}
	if asked, ok := l.project.Tool.Poetry.Dependencies["python"].(string); ok {
		return releases.Fitting(asked, source, poetryFits(asked))
	}
	if asked, source := l.pipenvVersion(); asked != "" {
		return releases.Pinned(asked, source)
	}
	for _, f := range l.Above() {
		for _, name := range []string{"Dockerfile", "docker/Dockerfile", "Dockerfile.dev", "Dockerfile.prod"} {
			if found := dockerfile.Version(f.Read(name), "python"); strings.Contains(found, ".") {
				return releases.Pinned(found, f.Path(name))
			}
		}
		if found := strings.TrimPrefix(strings.TrimSpace(f.Read("runtime.txt")), "python-"); version.Numbers.FindString(found) == found && found != "" {
			return releases.Pinned(found, f.Path("runtime.txt"))
		}
	}
	for _, w := range wants {
		if least := l.build.versions[w.pkg]; least != "" && !version.Semver("<"+w.from)(whole(least)) {
			return version.Version{Tag: w.python}, nil
		}
	}
	return version.Version{Tag: releases.Default}, nil
}

// wants are packages that need a newer Python than the default, from a version on.
var wants = []struct{ pkg, from, python string }{{"django", "6.0", "3.12"}}

// whole is a version of three numbers.
func whole(text string) string {
	for strings.Count(text, ".") < 2 {
		text += ".0"
	}
	return strings.Join(strings.Split(text, ".")[:3], ".")
}

// pep440Fits evaluates a version specifier. A specifier that cannot be read fits nothing.
func pep440Fits(asked string) func(string) bool {
	specifiers, err := pep440.NewSpecifiers(asked)
	return func(v string) bool {
		parsed, bad := pep440.Parse(v)
		return err == nil && bad == nil && specifiers.Check(parsed)
	}
}

// poetryFits evaluates Poetry's constraints, which take npm's operators as well as those of PEP 440.
func poetryFits(asked string) func(string) bool {
	if !strings.Contains(strings.ReplaceAll(asked, "~=", ""), "~") && !strings.Contains(asked, "^") {
		return pep440Fits(asked)
	}
	return version.Semver(asked)
}
