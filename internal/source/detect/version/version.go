// Package version finds the image of a language for the version that a project asks for.
package version

import (
	"fmt"
	"slices"
	"strings"

	"github.com/Masterminds/semver/v3"

	"dagger/stack/internal/lazyregexp"
	"dagger/stack/internal/source/detect/text"
	"dagger/stack/internal/source/detect/tree"
)

// Language is what is known of a language's releases: the lines of versions that have an image of their own, such as
// 3.12 of Python and 22 of Node. Both lists begin with the oldest.
type Language struct {
	Name      string
	Default   string   // a release that is supported
	Supported []string // get security fixes
	Ended     []string // get none any more
}

// Version is an image's version and what a user should know about it.
type Version struct{ Tag, Note string }

// Numbers matches a version of numbers alone.
var Numbers = lazyregexp.New(`\d+(\.\d+)*`)

// Pinned is the image for an exact version: a release, or one version of a release. Source is the file that asks.
func (l Language) Pinned(asked, source string) (Version, error) {
	if Numbers.FindString(asked) == asked && strings.Count(asked, ".") <= 2 {
		if strings.Count(asked, ".") < strings.Count(l.Default, ".") { // "3"
			return l.Fitting(asked, source, func(v string) bool { return strings.HasPrefix(v, asked+".") })
		}
		if release := l.release(asked); release != "" {
			return l.version(release, asked, source), nil
		}
	}
	return Version{}, l.Unknown(asked, source)
}

// Fitting is the image for a range: the default release if it fits, else the oldest supported release that fits, else
// the newest of the others. The image of a release is its newest version, so fits is asked about 3.12.999.
func (l Language) Fitting(asked, source string, fits func(string) bool) (Version, error) {
	ended := slices.Clone(l.Ended)
	slices.Reverse(ended)
	for _, release := range slices.Concat([]string{l.Default}, l.Supported, ended) {
		if fits(pad(release, ".999")) {
			return l.version(release, release, source), nil
		}
	}
	// No release fits. The range may name a few versions of a release: images have tags for minor versions of Node, and
	// for single versions.
	for _, name := range Numbers.FindAllString(asked, -1) {
		release := l.release(name)
		if parts := strings.Split(name, "."); release != "" && len(parts) == 3 {
			if minor := parts[0] + "." + parts[1]; fits(pad(minor, ".999")) {
				return l.version(release, minor, source), nil
			}
		}
		if release != "" && (fits(pad(name, ".999")) || fits(pad(name, ".0"))) {
			return l.version(release, name, source), nil
		}
	}
	return Version{}, l.Unknown(asked, source)
}

// Allows says whether a range has versions of a tag.
func Allows(tag string, fits func(string) bool) bool {
	return fits(pad(tag, ".999")) || fits(pad(tag, ".0"))
}

func (l Language) version(release, tag, source string) Version {
	v := Version{Tag: tag}
	if slices.Contains(l.Ended, release) {
		v.Note = fmt.Sprintf("%s asks for %s %s, which gets no security fixes any more", source, l.Name, tag)
	}
	return v
}

// release is the release that a version belongs to, "" when it is not known.
func (l Language) release(version string) string {
	for _, name := range slices.Concat(l.Supported, l.Ended) {
		if version == name || strings.HasPrefix(version, name+".") {
			return name
		}
	}
	return ""
}

// Unknown is the error for a version that has no image.
func (l Language) Unknown(asked, source string) error {
	known := text.And(l.Supported)
	if len(l.Ended) > 0 {
		known += ", and without support " + text.And(l.Ended)
	}
	return fmt.Errorf("%s asks for %s %q: known are %s: ask for one of them, or add a Dockerfile", source, l.Name, asked, known)
}

// pad makes a whole version, of three numbers, of a shorter one.
func pad(name, with string) string {
	return name + strings.Repeat(with, max(0, 2-strings.Count(name, ".")))
}

// Semver evaluates a range in npm's notation. A range that cannot be read fits nothing.
func Semver(asked string) func(string) bool {
	constraint, err := semver.NewConstraint(asked)
	return func(v string) bool {
		parsed, bad := semver.NewVersion(v)
		return err == nil && bad == nil && constraint.Check(parsed)
	}
}

// Pin is the version that developers' own machines are told to use, and the file that says so: the first of names, or
// .tool-versions (of asdf and mise) with a line for one of tools. "" when no file says anything.
func Pin(f tree.Folder, names []string, tools ...string) (asked, source string) {
	source = f.First(names...)
	for line := range strings.Lines(f.Read(source)) {
		line, _, _ = strings.Cut(line, "#")
		if line = strings.TrimSpace(line); line != "" {
			return line, f.Path(source)
		}
	}
	for line := range strings.Lines(f.Read(".tool-versions")) {
		words := strings.Fields(strings.SplitN(line, "#", 2)[0])
		if len(words) > 1 && slices.Contains(tools, words[0]) {
			return words[1], f.Path(".tool-versions")
		}
	}
	return "", ""
}
