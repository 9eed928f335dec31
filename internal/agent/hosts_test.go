package agent

import "testing"

func TestOwnNames(t *testing.T) {
	for _, c := range []struct{ hostname, domain, want string }{
		{"web", "", "web"},
		{"web", "example.org", "web.example.org web"},
		{"web.example.org", "", "web.example.org web"},
	} {
		if got := ownNames(c.hostname, c.domain); got != c.want {
			t.Errorf("%s, %s: %q, want %q", c.hostname, c.domain, got, c.want)
		}
	}
}
