package detect

import (
	"encoding/json"
	"regexp"
	"strings"
)

var exactNode = regexp.MustCompile(`^v?(\d+(?:\.\d+){0,2})$`)

// nodeVersion is the Node that the project asks for: what a developer's own machine is told to use, then what the
// manifests allow, the service's before the workspace's.
func (s *scan) nodeVersion(manifests ...packageJSON) (version, error) {
	for _, f := range s.above() {
		source := f.first(".nvmrc", ".node-version")
		asked := firstLine(f.read(source))
		if asked == "" {
			source, asked = ".tool-versions", toolVersion(f, "nodejs", "node")
		}
		if asked != "" {
			return s.nodePin(asked, f.path(source))
		}
	}
	for _, pkg := range manifests {
		if pkg.Volta.Node != "" {
			return s.nodePin(pkg.Volta.Node, pkg.path)
		}
		for _, asked := range []string{pkg.devNode(), pkg.Engines.Node} {
			if asked == "" {
				continue
			}
			v, err := s.nodeRange(asked, pkg.path)
			if err != nil || v.tag != "" {
				return v, err
			}
		}
	}
	return version{tag: nodeLanguage.byDefault}, nil
}

func (s *scan) nodePin(asked, source string) (version, error) {
	asked = strings.ToLower(asked)
	if match := exactNode.FindStringSubmatch(asked); match != nil {
		return nodeLanguage.pinned(match[1], source)
	}
	if known, ok := nodeNames[asked]; ok {
		return nodeLanguage.pinned(known, source)
	}
	return nodeLanguage.fitting(asked, source, semverFits(asked)) // volta and mise take ranges; names fit nothing
}

// nodeRange is no version for what is not a range at all: npm ignores that as well.
func (s *scan) nodeRange(asked, source string) (version, error) {
	if !numbers.MatchString(asked) && !strings.Contains(asked, "*") {
		s.note("%s asks for Node %q, which is not a range of versions: it is left aside", source, asked)
		return version{}, nil
	}
	return nodeLanguage.fitting(asked, source, semverFits(asked))
}

// devNode is what devEngines says about Node: one runtime or several.
func (p packageJSON) devNode() string {
	type engine struct{ Name, Version string }
	var one struct{ Runtime engine }
	var many struct{ Runtime []engine }
	if json.Unmarshal(p.DevEngines, &one) == nil {
		many.Runtime = []engine{one.Runtime}
	} else if json.Unmarshal(p.DevEngines, &many) != nil {
		return ""
	}
	for _, e := range many.Runtime {
		if e.Name == "node" {
			return e.Version
		}
	}
	return ""
}
