package spec

import (
	"fmt"
	"strings"
	"testing"
)

func TestOrder(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ needs, want, err string }{
		{"a b c", "[a b c]", ""},
		{"a:c b c", "[c a b]", ""},
		{"a:b b:c c d:a", "[c b a d]", ""},
		{"a:elsewhere b", "[a b]", ""},
		{"a:b b:c c:b", "", "services that need each other never start: b needs c needs b"},
		{"a:a", "", "a needs a"},
	} {
		var names []string
		needs := map[string][]string{}
		for _, word := range strings.Fields(row.needs) {
			name, need, _ := strings.Cut(word, ":")
			names = append(names, name)
			needs[name] = strings.Fields(need)
		}
		got, err := Order(names, func(name string) []string { return needs[name] })
		if row.err != "" {
			if err == nil || !strings.Contains(err.Error(), row.err) {
				t.Errorf("%s: %v", row.needs, err)
			}
		} else if err != nil || fmt.Sprint(got) != row.want {
			t.Errorf("%s: %v %v", row.needs, got, err)
		}
	}
}
