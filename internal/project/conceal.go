package project

import (
	"cmp"
	"fmt"
	"maps"
	"net/url"
	"path"
	"slices"
	"strings"

	"dagger/stack/internal/spec"
)

// concealedMax is what Dagger takes for a secret.
const concealedMax = 128_000

// Conceal takes out of the services what looks like a secret: wherever a variable or a file of a service holds such a text, there is
// the name of a secret now. The texts are returned by these names. A text in an argument stays: everybody in the container can
// read arguments.
func (p Project) Conceal() (Project, map[string]string) {
	texts := map[string]string{}
	concealed := p
	concealed.Services = nil
	for _, s := range p.Services {
		own := sensitiveTexts(s)
		maps.Copy(texts, own)
		concealed.Services = append(concealed.Services, s.Replaced(func(v spec.Value) spec.Value { return withSecrets(v, own) }))
	}
	return concealed, texts
}

// sensitiveTexts are a service's, each by a name that no other service's has.
func sensitiveTexts(s spec.Service) map[string]string {
	texts := map[string]string{}
	add := func(name string, value spec.Value) {
		text, known := value.Literal()
		text = strings.TrimRight(text, "\r\n") // as the agent does with secrets
		if !known || text == "" || len(text) > concealedMax {
			return
		}
		name = plainName("value-" + s.Name + "-" + name)
		for n, unique := 2, name; ; n++ {
			if had, taken := texts[unique]; !taken || had == text {
				texts[unique] = text
				return
			}
			unique = fmt.Sprintf("%s-%d", name, n)
		}
	}
	for _, v := range s.Variables() {
		if v.Sensitive {
			add(v.Name, v.Value)
		}
	}
	for _, file := range s.Files {
		if file.Sensitive {
			add(path.Base(file.Path), file.Content)
		}
	}
	return texts
}

// plainName is a name of a file.
func plainName(name string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' || strings.ContainsRune("._-", r) {
			return r
		}
		return '_'
	}, name)
}

// withSecrets is a value that says the same, with secrets in the place of their texts.
func withSecrets(value spec.Value, texts map[string]string) spec.Value {
	names := slices.Collect(maps.Keys(texts))
	slices.SortFunc(names, func(a, b string) int { // a longer text may hold a shorter one
		return cmp.Or(cmp.Compare(len(texts[b]), len(texts[a])), cmp.Compare(a, b))
	})
	for _, name := range names {
		value = withSecret(value, texts[name], spec.SecretPart(name, spec.Plain))
		value = withSecret(value, inURL(texts[name]), spec.SecretPart(name, spec.URL))
	}
	return value
}

func withSecret(value spec.Value, text string, secret spec.Part) (replaced spec.Value) {
	for _, part := range value {
		if !strings.Contains(part.Text, text) {
			replaced = append(replaced, part)
			continue
		}
		for i, rest := range strings.Split(part.Text, text) {
			if i > 0 {
				replaced = append(replaced, secret)
			}
			if rest != "" {
				replaced = append(replaced, spec.Text(rest))
			}
		}
	}
	return replaced
}

// inURL is a text as an agent writes it into the user part of a URL.
func inURL(text string) string { return url.UserPassword("", text).String()[1:] }
