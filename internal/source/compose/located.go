package compose

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"dagger/stack/internal/lazyregexp"

	"github.com/compose-spec/compose-go/v2/errdefs"
)

// What the library's errors look like. Where they name an element, it is at its line that a user has to look.
var (
	noise     = lazyregexp.New(`(?:yaml: )?construct errors:\s+line \d+: |decoding failed due to the following error\(s\):\s+`)
	inFile    = lazyregexp.New(`(?:validating|failed to parse) (\S+): `)
	onLine    = lazyregexp.New(`^line (\d+): `)
	interpol  = lazyregexp.New(`error while interpolating |You may need to escape any \$ with another \$\.\s+`)
	inField   = lazyregexp.New(`'services\[([^\]]+)\]\.?([^']*)'`)
	inPath    = lazyregexp.New(`\b(services|networks|volumes|secrets|configs|models|jobs|include)((?:\.[\w/@-]+|\.?\[\w*\])+)|^(services|networks|volumes|secrets|configs|models|jobs|include|name)\b`)
	inService = lazyregexp.New(`service "?([\w.-]+)"?`)
	inCircle  = lazyregexp.New(`^(dependency cycle detected: |Circular reference:\s+)([\w.-]+)`)
	extra     = lazyregexp.New(`additional properties '([^']+)'(?:, '[^']+')* not allowed|\.([\w-]+) false schema`)
	undefined = lazyregexp.New(`depends on undefined service "([^"]+)"`)
	value     = lazyregexp.New(`(?i)^(?:invalid [^:]*: (?:\S+ and )?|no port specified: |service.build.platforms must include service.platform )"?([^\s"]+)`)
	numbered  = lazyregexp.New(`services\.\S+: can't set container_name and (\S+) as`)
)

// located is an error of the library, with the line of the element that the error names.
func (r *reader) located(err error) error {
	text := r.workspace.relative(err.Error())
	text = strings.ReplaceAll(text, ": "+errdefs.ErrInvalid.Error(), "")
	text = interpol.ReplaceAllString(noise.ReplaceAllString(text, ""), "")
	var lines []string
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\n")
		if goesOn := strings.HasPrefix(line, " ") || len(lines) > 0 && strings.HasSuffix(lines[len(lines)-1], "."); goesOn && len(lines) > 0 {
			lines[len(lines)-1] += " " + strings.TrimSpace(line)
		} else if line != "" {
			lines = append(lines, line)
		}
	}
	for i, line := range lines {
		lines[i] = r.locate(line)
		if strings.Contains(line, "Invalid ip address") {
			lines[i] += ": want an address such as 127.0.0.1 before the port, or none"
		}
	}
	return errors.New(strings.Join(lines, "\n"))
}

// locate is one line of an error, in our words where the library's are for those who know the library.
func (r *reader) locate(text string) string {
	name := r.files[0]
	if match := inFile.FindStringSubmatch(text); match != nil {
		name, text = match[1], strings.Replace(text, match[0], "", 1)
	}
	if match := onLine.FindStringSubmatch(text); match != nil {
		return name + ":" + match[1] + ": " + strings.TrimPrefix(text, match[0])
	}
	if match := numbered.FindStringSubmatch(text); match != nil {
		text = "service " + match[1] + ": a container_name is for one instance: take it out, or scale and deploy.replicas"
	}
	e := r.elementIn(text)
	if match := extra.FindStringSubmatch(text); match != nil {
		if match[1] != "" {
			e = append(e, match[1])
		}
		at, _ := r.index.find(e)
		return fmt.Sprintf("%s: %s: compose knows no such element: correct the name, or begin the name with x-", at, e)
	}
	if match := undefined.FindStringSubmatch(text); match != nil {
		text += r.profileOf(match[1])
	}
	if text == "top-level object must be a mapping" {
		return name + ":1: " + text + ": want services and what belongs to them"
	}
	if strings.HasPrefix(text, "invalid interpolation") {
		text += ": write $$ for a $ that begins no variable"
	}
	text = strings.ReplaceAll(inField.ReplaceAllString(text, "services.$1.$2:"), " must be a null", " has a value of the wrong type")
	if len(e) > 0 {
		at, _ := r.index.find(e)
		return at.String() + ": " + text
	}
	if match := value.FindStringSubmatch(text); match != nil {
		if at, from := r.placeOf(match[1]); at.file != "" {
			return at.String() + ": " + text + from
		}
	}
	return name + ": " + text
}

// placeOf is where a value stands that an error of the library names, or what it was made of, which is said in words: a variable is
// often the mistake. "<empty>" ends a port of which the container's half is missing.
func (r *reader) placeOf(value string) (at place, from string) {
	word := strings.TrimSuffix(value, ":")
	matches := func(text string) bool { return strings.Contains(text, word) }
	if whole, cut := strings.CutSuffix(value, "<empty>"); cut {
		matches = func(text string) bool { return text == whole }
	}
	if at = r.index.first(matches); at.file != "" {
		return at, ""
	}
	for text, result := range r.variables.made {
		if place := r.index.holding([]string{text}); matches(result) && (at.file == "" || less(place.file, place.line, at)) {
			at, from = place, ", which "+text+" is"
		}
	}
	return at, from
}

// profileOf says how a service is had that is not asked for.
func (r *reader) profileOf(name string) string {
	services, _ := r.raw["services"].(map[string]any)
	service, _ := services[name].(map[string]any)
	profiles, _ := service["profiles"].([]any)
	if len(profiles) == 0 {
		return ""
	}
	return fmt.Sprintf(", which is there with --profile %v", profiles[0])
}

// elementIn is the element that an error of the library is about; none if the error does not say.
func (r *reader) elementIn(text string) element {
	keys := func(text string) []string {
		return strings.FieldsFunc(text, func(c rune) bool { return c == '.' || c == '[' || c == ']' })
	}
	if match := inCircle.FindStringSubmatch(text); match != nil {
		for _, key := range []string{"depends_on", "links", "extends"} {
			e := element{"services", match[2], key}
			if _, exact := r.index.find(e); exact && (key == "extends") == strings.HasPrefix(text, "Circular") {
				return e
			}
		}
		return element{"services", match[2]}
	}
	if match := inField.FindStringSubmatch(text); match != nil {
		return append(element{"services", match[1]}, keys(match[2])...)
	}
	if match := inPath.FindStringSubmatch(text); match != nil {
		return append(element{match[1] + match[3]}, keys(match[2])...)
	}
	if strings.HasPrefix(text, "healthcheck.test") {
		return r.badTest()
	}
	match := inService.FindStringSubmatch(text)
	if match == nil {
		return nil
	}
	for _, section := range [][2]string{
		{"depends on", "depends_on"}, {" volume ", "volumes"}, {" network ", "networks"}, {" secret ", "secrets"}, {" config ", "configs"},
		{"extend service", "extends"}, {"network_mode", "network_mode"},
	} {
		e := element{"services", match[1], section[1]}
		if _, exact := r.index.find(e); exact && strings.Contains(text, section[0]) {
			return e
		}
	}
	return element{"services", match[1]}
}

// badTest is the health check whose first word is none that compose knows.
func (r *reader) badTest() element {
	services, _ := r.raw["services"].(map[string]any)
	for _, name := range slices.Sorted(maps.Keys(services)) {
		service, _ := services[name].(map[string]any)
		check, _ := service["healthcheck"].(map[string]any)
		if test, ok := check["test"].([]any); ok && len(test) > 0 && !slices.Contains([]any{"CMD", "CMD-SHELL", "NONE"}, test[0]) {
			return element{"services", name, "healthcheck", "test"}
		}
	}
	return nil
}
