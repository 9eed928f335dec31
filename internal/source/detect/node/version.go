package node

import (
	"encoding/json"
	"regexp"
	"strings"

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

var exact = regexp.MustCompile(`^v?(\d+(?:\.\d+){0,2})$`)

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
			return pin(pkg.volta.Node, pkg.path)
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
	return version.Version{Tag: releases.Default}, nil
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
