package compose

import (
	"strings"

	"dagger/stack/internal/lazyregexp"

	"github.com/compose-spec/compose-go/v2/types"
)

var (
	syntaxLine = lazyregexp.New(`(?i)^#\s*syntax\s*=\s*(\S+)`)
	exclude    = lazyregexp.New(`(?i)^\s*(COPY|ADD)\s.*--(exclude|parents)\b`)
)

// checkDockerfile refuses what the engine's builder does not know. name is the file, "" if the text is in the compose file.
func (r *reader) checkDockerfile(s types.ServiceConfig, name, text string) {
	e := element{"services", s.Name, "build", "dockerfile_inline"}
	at, _ := r.index.find(e)
	if name != "" {
		e, at = nil, place{file: name}
	}
	n := 0
	for line := range strings.Lines(text) {
		n++
		if name != "" {
			at.line = n
		}
		what := ""
		if match := exclude.FindStringSubmatch(line); match != nil {
			what = strings.ToUpper(match[1]) + " --" + match[2] + ": the engine's builder does not know it: name what is not wanted in .dockerignore"
		}
		if match := syntaxLine.FindStringSubmatch(line); match != nil && !strings.HasPrefix(match[1], "docker/dockerfile:") && match[1] != "docker/dockerfile" {
			what = "syntax " + match[1] + ": the engine has Docker's own frontend alone"
		}
		if what != "" {
			r.messages.refused = append(r.messages.refused, message{at, e.String(), what})
		}
	}
}
