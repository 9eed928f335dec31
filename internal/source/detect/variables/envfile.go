package variables

import (
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"dagger/stack/internal/lazyregexp"
	"dagger/stack/internal/spec"
)

// EnvFile is a file of variables that a program in Go reads, and mostly ends without: a developer copies it from the example.
type EnvFile struct {
	Path    string // seen from where the program runs
	By      string // the place that reads it
	Content spec.Value
}

var (
	goDotenv    = lazyregexp.New(`\bgodotenv\.(?:Load|Read|Overload)\((?P<file>[^)]*)\)`)
	viperFile   = lazyregexp.New(`\.SetConfigFile\((?P<file>[^)]*)\)`)
	viperName   = lazyregexp.New(`\.SetConfigName\(\s*"(?P<name>[^"]*)"\s*\)`)
	viperDotenv = lazyregexp.New(`\.SetConfigType\(\s*"(?:dot)?env"\s*\)`)
)

// envFile is the file that the service's program reads, nil if it reads none.
func envFile(service Service, stack Stack, own []Text, all []*variable, env []spec.Variable) *EnvFile {
	for _, t := range own {
		if !golang(t.File) {
			continue
		}
		var found *EnvFile
		keep := func(r Read, name string) {
			if found == nil && strings.Contains(path.Base(name), ".env") && filepath.IsLocal(name) {
				found = &EnvFile{Path: path.Clean(name), By: t.File + ":" + strconv.Itoa(r.Line), Content: envContent(service, stack, all, env)}
			}
		}
		matches(goDotenv, t, "//", func(r Read, group map[string]string, _ string) {
			keep(r, fileOf(t.Text, group["file"], ".env"))
		})
		matches(viperFile, t, "//", func(r Read, group map[string]string, _ string) {
			keep(r, fileOf(t.Text, group["file"], ""))
		})
		if viperDotenv.MatchString(t.Text) {
			matches(viperName, t, "//", func(r Read, group map[string]string, _ string) {
				keep(r, strings.TrimSuffix(group["name"], ".env")+".env")
			})
		}
		if found != nil {
			return found
		}
	}
	return nil
}

var identifier = lazyregexp.New(`^\w+$`)

// fileOf is the file that an argument names: as a text, or by a variable of the same Go file.
func fileOf(text, arg, none string) string {
	arg, _, _ = strings.Cut(strings.TrimSpace(arg), ",")
	switch {
	case arg == "":
		return none
	case identifier.MatchString(arg):
		match := regexp.MustCompile(`\b` + arg + `\s*:?=\s*"([^"]*)"`).FindStringSubmatch(text)
		if match == nil {
			return ""
		}
		return match[1]
	}
	return strings.Trim(arg, "\"`")
}

// envContent are the variables that are shown or read, with what the service's environment has, or else what the example shows.
func envContent(service Service, stack Stack, all []*variable, env []spec.Variable) (content spec.Value) {
	for _, v := range all {
		i := slices.IndexFunc(env, func(set spec.Variable) bool { return set.Name == v.name && !set.Unset })
		value := spec.Value{spec.Text(v.example)}
		given, isGiven := stack.Given[v.name]
		switch {
		case isGiven:
			value = spec.Value{spec.Text(given)}
		case i >= 0:
			value = env[i].Value
		case v.name == "PORT":
			value = spec.Value{spec.Text(strconv.Itoa(service.Port))}
		case v.name == "HOST":
			value = spec.Value{spec.Text("0.0.0.0")}
		case v.example == "" || v.name == "":
			continue
		}
		// The readers take what stands between these marks as it is.
		content = slices.Concat(content, spec.Value{spec.Text(v.name + "='")}, value, spec.Value{spec.Text("'\n")})
	}
	return content
}
