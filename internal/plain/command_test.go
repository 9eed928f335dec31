package plain

import (
	"strings"
	"testing"
)

func TestCommand(t *testing.T) {
	t.Parallel()
	for command, want := range map[string]string{
		"npm run build": "npm run build", "env A=b C= env NODE_ENV=production npm run build": "npm run build", "env A=b": "env A=b", "env": "env", "npm run env A=b": "npm run env A=b",
	} {
		if got := Command(strings.Split(command, " ")); got != want {
			t.Errorf("%q: %q, want %q", command, got, want)
		}
	}
}
