package variables

import (
	"strings"

	"dagger/stack/internal/lazyregexp"
)

var (
	goCall = lazyregexp.New(`\b(?P<call>[\w.]*(?i:env)[\w.]*)\(\s*"` + upper + `"\s*`)
	goTag  = lazyregexp.New("(?m)^\\s*(?P<field>\\w+)\\s+(?P<type>[\\w.*\\[\\]]+)\\s+`(?P<tag>[^`]*)`")
	goType = lazyregexp.New(`(?m)^\s*(?:type\s+)?(\w+)\s+struct\s*\{`)
	tagKey = lazyregexp.New(`([\w-]+):"([^"]*)"`)
	// goPrefix is what a program puts in front of the names of all its tags.
	goPrefix = lazyregexp.New(`\benv\.New\(\s*"([A-Z]\w*_)"|\benvconfig\.Process\(\s*"(\w+)"|\bPrefix:\s*"([A-Z]\w*_)"`)
	viper    = lazyregexp.New(`\bviper\.(?P<call>Get\w*|SetDefault|BindEnv|MustBindEnv)\(\s*"` + upper + `"\s*`)
)

// readGo reads Go files together: a prefix of a struct's variables may stand in another file.
func readGo(files []Text) (reads []Read) {
	prefixes, all := map[string]string{}, ""
	for _, t := range files {
		if match := goPrefix.FindStringSubmatch(t.Text); match != nil {
			all = match[1] + match[3]
			if match[2] != "" {
				all = strings.ToUpper(match[2]) + "_"
			}
		}
		matches(goTag, t, "//", func(_ Read, group map[string]string, _ string) {
			if prefix := tags(group["tag"])["envPrefix"] + tags(group["tag"])["env-prefix"]; prefix != "" {
				prefixes[strings.TrimLeft(group["type"], "*")] = prefix
			}
		})
	}
	for _, t := range files {
		reads = append(reads, goCalls(t)...)
		reads = append(reads, goTags(t, all, prefixes)...)
		reads = append(reads, compared(t, "//")...)
	}
	return reads
}

func goCalls(t Text) (reads []Read) {
	matches(goCall, t, "//", func(r Read, group map[string]string, behind string) {
		call := strings.ToLower(group["call"])
		if strings.Contains(call, "setenv") {
			return
		}
		rest, second := strings.CutPrefix(behind, ",")
		r.Required = !second && (strings.Contains(call, "must") || strings.Contains(call, "require"))
		if second {
			r.Optional, r.Value = true, literal(expression(rest))
		}
		reads = append(reads, r)
	})
	matches(viper, t, "//", func(r Read, group map[string]string, behind string) {
		if rest, second := strings.CutPrefix(behind, ","); group["call"] == "SetDefault" && second {
			r.Optional, r.Value = true, literal(expression(rest))
		}
		reads = append(reads, r)
	})
	return reads
}

// goTags reads the tags of structs that are filled from the environment: caarlos0/env, cleanenv, envconfig, go-envconfig, viper.
func goTags(t Text, all string, prefixes map[string]string) (reads []Read) {
	matches(goTag, t, "//", func(r Read, group map[string]string, _ string) {
		tag := tags(group["tag"])
		name, options, _ := strings.Cut(tag["env"]+tag["envconfig"], ",")
		if name == "" {
			if name = tag["mapstructure"]; name != strings.ToUpper(name) {
				return
			}
		}
		if name = strings.TrimSpace(name); name == "" {
			return
		}
		r.Hint.Prefix = all + prefixes[enclosing(t.Text, r.Line)]
		r.Name = r.Hint.Prefix + name
		value, optional := tag["envDefault"], false
		for _, key := range []string{"envDefault", "env-default", "default"} {
			if text, found := tag[key]; found {
				value, optional = text, true
			}
		}
		if _, text, found := strings.Cut(options, "default="); found {
			value, optional = text, true
		}
		r.Value, r.Optional = value, optional
		r.Required = !optional && (strings.Contains(options, "required") || strings.Contains(options, "notEmpty") || tag["env-required"] == "true" || tag["required"] == "true")
		reads = append(reads, r)
	})
	return reads
}

// enclosing is the name of the struct type that a line is in.
func enclosing(text string, at int) (name string) {
	for _, match := range goType.FindAllStringSubmatchIndex(text, -1) {
		if line(text, match[2]) <= at {
			name = text[match[2]:match[3]]
		}
	}
	return name
}

func tags(text string) map[string]string {
	found := map[string]string{}
	for _, match := range tagKey.FindAllStringSubmatch(text, -1) {
		found[match[1]] = match[2]
	}
	return found
}
