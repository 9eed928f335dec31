package node

import (
	"encoding/json"
	"fmt"
	"strings"

	"dagger/stack/internal/lazyregexp"
	"dagger/stack/internal/source/detect/dockerfile"
	"dagger/stack/internal/source/detect/version"
)

// releases are as of November 2026. The default is the oldest that still gets fixes: 20 ended in April 2026, 25 in June
// (nodejs/Release schedule.json).
var releases = version.Language{Name: "Node", Default: "22", Supported: []string{"22", "24", "26"},
	Ended: []string{"12", "14", "16", "17", "18", "19", "20", "21", "23", "25"}}

// releaseNames are the names that a .nvmrc may use for a release.
var releaseNames = map[string]string{
	"lts/*": "26", "lts/-1": "24", "lts/-2": "22", "lts": "26", "node": "26", "stable": "26", "latest": "26", "current": "26",
	"lts/erbium": "12", "lts/fermium": "14", "lts/gallium": "16", "lts/hydrogen": "18", "lts/iron": "20", "lts/jod": "22", "lts/krypton": "24",
}

var exact = lazyregexp.New(`^v?(\d+(?:\.\d+){0,2})$`)

// version is the Node that the project asks for: what a developer's own machine is told to use, then what the
// manifests allow, the service's before the workspace's.
func (l look) version() (version.Version, error) {
	for _, f := range l.Above() {
		if asked, source := version.Pin(f, []string{".nvmrc", ".node-version"}, "nodejs", "node"); asked != "" {
			return pin(asked, source)
		}
	}
	for _, pkg := range []Manifest{l.pkg, l.lead} {
		if pkg.volta.Node != "" {
			return l.pinned(pkg.volta.Node, pkg.path)
		}
		for _, asked := range []string{pkg.devNode(), pkg.engines.Node} {
			switch {
			case asked == "":
			case !version.Numbers.MatchString(asked) && !strings.Contains(asked, "*"): // npm ignores that as well
				l.Note("%s asks for Node %q, which is not a range of versions: it is left aside", pkg.path, asked)
			default:
				return releases.Fitting(asked, pkg.path, version.Semver(asked))
			}
		}
	}
	for _, f := range l.Above() {
		for _, name := range []string{"Dockerfile", "docker/Dockerfile"} {
			if found := dockerfile.Version(f.Read(name), "node"); found != "" {
				return pin(found, f.Path(name))
			}
		}
	}
	if name := l.pkg.oldWebpack(); name != "" {
		return version.Version{Tag: "16", Note: fmt.Sprintf("%s has %s, which works up to Node 16: that is taken, and gets no security fixes any more", l.pkg.path, name)}, nil
	}
	return version.Version{Tag: releases.Default}, nil
}

// pinned is the version that a file pins, unless engines excludes it: engines then wins, because a package manager may refuse to
// install otherwise.
func (l look) pinned(asked, source string) (version.Version, error) {
	found, err := pin(asked, source)
	if engines := l.pkg.engines.Node; err == nil && version.Numbers.MatchString(engines) && !version.Allows(found.Tag, version.Semver(engines)) {
		other, bad := releases.Fitting(engines, l.pkg.path, version.Semver(engines))
		if bad == nil {
			other.Note = fmt.Sprintf("%s asks for Node %s and engines of %s for %s: Node %s is taken", source, asked, l.pkg.path, engines, other.Tag)
			return other, nil
		}
	}
	return found, err
}

// oldWebpack is what of the project's is built with webpack 4, whose hashes newer Nodes refuse; "" if nothing is.
func (p Manifest) oldWebpack() string {
	for _, t := range []struct {
		pkg, name string
		until     string
	}{{"nuxt", "Nuxt 2", "2"}, {"react-scripts", "react-scripts 4", "4"}, {"@vue/cli-service", "Vue CLI 4", "4"}, {"webpack", "webpack 4", "4"}} {
		if major := p.major(t.pkg); major != "" && major <= t.until {
			return t.name
		}
	}
	return ""
}

// major is the major version of a dependency, as far as its range says it; "" if it says none.
func (p Manifest) major(name string) string {
	asked := strings.TrimLeft(p.dependencies[name]+p.devDependencies[name], "^~>=v ")
	major, _, _ := strings.Cut(asked, ".")
	if len(major) != 1 || major < "0" || major > "9" {
		return ""
	}
	return major
}

func pin(asked, source string) (version.Version, error) {
	asked = strings.ToLower(asked)
	if match := exact.FindStringSubmatch(asked); match != nil {
		return releases.Pinned(match[1], source)
	}
	if known, ok := releaseNames[asked]; ok {
		return releases.Pinned(known, source)
	}
	return releases.Fitting(asked, source, version.Semver(asked)) // volta and mise take ranges; names fit nothing
}

// devNode is what devEngines says about Node: one runtime or several.
func (p Manifest) devNode() string {
	type engine struct{ Name, Version string }
	var one struct{ Runtime engine }
	var many struct{ Runtime []engine }
	if json.Unmarshal(p.devEngines, &one) == nil {
		many.Runtime = []engine{one.Runtime}
	} else if json.Unmarshal(p.devEngines, &many) != nil {
		return ""
	}
	for _, e := range many.Runtime {
		if e.Name == "node" {
			return e.Version
		}
	}
	return ""
}
