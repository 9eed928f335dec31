package detect

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// language is what is known of a language's releases, as of November 2026.
type language struct {
	name      string
	byDefault string
	releases  []release // oldest first
}

// release is a line of versions that has an image of its own: 3.12 of Python, 22 of Node.
type release struct {
	name  string
	ended bool // no longer gets security fixes
}

var pythonLanguage = language{"Python", "3.11", []release{
	{"3.7", true}, {"3.8", true}, {"3.9", true}, {"3.10", true}, // 3.10 ended in October 2026: PEP 619
	{"3.11", false}, {"3.12", false}, {"3.13", false}, {"3.14", false}, {"3.15", false}, // 3.15 since October 2026: PEP 790
}}

// The default is the oldest that still gets fixes: 20 ended in April 2026, 25 in June (nodejs/Release schedule.json).
var nodeLanguage = language{"Node", "22", []release{
	{"12", true}, {"14", true}, {"16", true}, {"17", true}, {"18", true}, {"19", true}, {"20", true}, {"21", true},
	{"22", false}, {"23", true}, {"24", false}, {"25", true}, {"26", false},
}}

// nodeNames are the names that a .nvmrc may use for a release.
var nodeNames = map[string]string{
	"lts/*": "26", "lts/-1": "24", "lts/-2": "22", "lts": "26", "node": "26", "stable": "26", "latest": "26", "current": "26",
	"lts/erbium": "12", "lts/fermium": "14", "lts/gallium": "16", "lts/hydrogen": "18", "lts/iron": "20", "lts/jod": "22", "lts/krypton": "24",
}

var goLanguage = language{"Go", "1.26", []release{{"1.26", false}, {"1.27", false}}}

// version is an image's version and what a user should know about it.
type version struct{ tag, note string }

var numbers = regexp.MustCompile(`\d+(\.\d+)*`)

// pinned is the image for an exact version: a release, or one version of it.
func (l language) pinned(asked, source string) (version, error) {
	if numbers.FindString(asked) == asked && strings.Count(asked, ".") <= 2 {
		if strings.Count(asked, ".") < strings.Count(l.byDefault, ".") { // "3"
			return l.fitting(asked, source, func(v string) bool { return strings.HasPrefix(v, asked+".") })
		}
		if r, ok := l.release(asked); ok {
			return l.version(r, asked, source), nil
		}
	}
	return version{}, l.unknown(asked, source)
}

// fitting is the image for a range: the default's if it fits, else that of the oldest release with support that does,
// else the newest without. Fits is asked for whole versions, such as 3.12.999: the image of a release is its newest.
func (l language) fitting(asked, source string, fits func(string) bool) (version, error) {
	i := slices.IndexFunc(l.releases, func(r release) bool { return r.name == l.byDefault })
	order := []release{l.releases[i]}
	for _, r := range l.releases {
		if !r.ended {
			order = append(order, r)
		}
	}
	for _, r := range slices.Backward(l.releases) {
		if r.ended {
			order = append(order, r)
		}
	}
	for _, r := range order {
		if fits(pad(r.name, ".999")) {
			return l.version(r, r.name, source), nil
		}
	}
	// Nothing fits as it is: it may be bound to a few versions of a release, which the range then names. Images have
	// tags for a minor version of Node, and for single versions.
	for _, name := range numbers.FindAllString(asked, -1) {
		r, ok := l.release(name)
		if parts := strings.Split(name, "."); ok && len(parts) == 3 {
			if minor := parts[0] + "." + parts[1]; fits(pad(minor, ".999")) {
				return l.version(r, minor, source), nil
			}
		}
		if ok && (fits(pad(name, ".999")) || fits(pad(name, ".0"))) {
			return l.version(r, name, source), nil
		}
	}
	return version{}, l.unknown(asked, source)
}

func (l language) version(r release, tag, source string) version {
	v := version{tag: tag}
	if r.ended {
		v.note = fmt.Sprintf("%s asks for %s %s, which gets no security fixes any more", source, l.name, tag)
	}
	return v
}

// release is the one that a version belongs to.
func (l language) release(name string) (release, bool) {
	for _, r := range l.releases {
		if name == r.name || strings.HasPrefix(name, r.name+".") {
			return r, true
		}
	}
	return release{}, false
}

func (l language) unknown(asked, source string) error {
	var supported, ended []string
	for _, r := range l.releases {
		if r.ended {
			ended = append(ended, r.name)
		} else {
			supported = append(supported, r.name)
		}
	}
	text := fmt.Sprintf("%s asks for %s %q: known are %s", source, l.name, asked, and(supported))
	if len(ended) > 0 {
		text += ", and without support " + and(ended)
	}
	return fmt.Errorf("%s: ask for one of them, or add a Dockerfile", text)
}

// pad makes a whole version of the first parts of one.
func pad(name, with string) string {
	return name + strings.Repeat(with, max(0, 2-strings.Count(name, ".")))
}

// toolVersion is what asdf's and mise's .tool-versions says about a tool.
func toolVersion(f folder, names ...string) string {
	for line := range strings.Lines(f.read(".tool-versions")) {
		words := strings.Fields(strings.SplitN(line, "#", 2)[0])
		if len(words) > 1 && slices.Contains(names, words[0]) {
			return words[1]
		}
	}
	return ""
}

// firstLine is the first line of a file that says anything.
func firstLine(text string) string {
	for line := range strings.Lines(text) {
		line, _, _ = strings.Cut(line, "#")
		if line = strings.TrimSpace(line); line != "" {
			return line
		}
	}
	return ""
}

// above are the folders in which a version file counts: the service's own, then the project's root.
func (s *scan) above() []folder {
	if s.dir == "." {
		return []folder{s.root}
	}
	return []folder{s.folder, s.root}
}
