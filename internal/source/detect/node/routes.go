package node

import (
	"slices"
	"strings"

	"dagger/stack/internal/lazyregexp"
	"dagger/stack/internal/source/detect/scan"
)

var (
	proxyMap   = lazyregexp.New(`\bproxy['"]?\s*:\s*\{`)
	proxyPath  = lazyregexp.New("^\\s*['\"`](\\^?/[^'\"`]*)['\"`]\\s*:")
	proxyWhole = lazyregexp.New(`\bproxy['"]?\s*:\s*['"]https?://`)
	proxyUse   = lazyregexp.New(`\buse\(\s*['"](/[\w/.-]*)['"]\s*,\s*createProxyMiddleware`)
	rewrites   = lazyregexp.New(`(?s)[rR]ewrite['"]?\s*:.*?(?:replace\([^,]*,\s*(?:''|""|'/'|"/")|:\s*(?:''|""|'/'|"/"))`)
	plainPath  = lazyregexp.New(`^/[\w/-]*(?:\.[\w-]+)*`)
)

// routes are the paths that the development server hands on, as its configuration says: the file server of the built frontend does the same.
func (l look) routes() (routes []scan.Route) {
	add := func(route scan.Route) {
		if !slices.ContainsFunc(routes, func(other scan.Route) bool { return other.Path == route.Path }) {
			routes = append(routes, route)
		}
	}
	for _, name := range proxying {
		text := l.Read(name)
		if proxyWhole.MatchString(text) { // Create React App's, and Vue CLI's
			add(scan.Route{})
		}
		for _, match := range proxyUse.FindAllStringSubmatch(text, -1) {
			add(scan.Route{Path: strings.TrimSuffix(match[1], "/")})
		}
		at := proxyMap.FindStringIndex(text)
		if at == nil && strings.Contains(name, "proxy.conf") {
			at = []int{0, strings.Index(text, "{") + 1}
		}
		if at == nil {
			continue
		}
		for _, entry := range entries(text[at[1]:]) {
			match := proxyPath.FindStringSubmatch(entry)
			if match == nil {
				continue
			}
			path := strings.TrimSuffix(plainPath.FindString(strings.TrimPrefix(match[1], "^")), "/")
			if path != "" {
				add(scan.Route{Path: path, Strip: rewrites.MatchString(entry)})
			}
		}
	}
	return routes
}

// entries are the members of an object in JavaScript, from behind its brace. Comments that take a whole line do not count.
func entries(text string) (all []string) {
	depth, from := 0, 0
	var quote rune
	var kept strings.Builder
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(strings.TrimSpace(line), "//") {
			kept.WriteString(line)
		}
	}
	text = kept.String()
	for i, r := range text {
		switch {
		case quote != 0:
			if r == quote {
				quote = 0
			}
		case r == '\'' || r == '"' || r == '`':
			quote = r
		case strings.ContainsRune("{([", r):
			depth++
		case strings.ContainsRune("})]", r) && depth == 0:
			return append(all, text[from:i])
		case strings.ContainsRune("})]", r):
			depth--
		case r == ',' && depth == 0:
			all, from = append(all, text[from:i]), i+1
		}
	}
	return all
}
