package process

import (
	"strings"
	"testing"
)

// Who is not in the image's files is named, with the file and what to do.
func TestMissingUser(t *testing.T) {
	t.Parallel()
	const ghost, group = `"ghost": the image has no such user in /etc/passwd: name one that is there, or a number`, `the image has no such group in /etc/group: name one`
	for _, c := range []struct {
		user   string
		groups []string
		want   string // of a compose file's service, and of one that is not
		other  string
	}{
		{"ghost", nil, ghost, ghost},
		{"", nil, "", `user "": the image has no such user`},
		{"ghost:ghosts", nil, `user "ghost:ghosts": the image has no such user`, `user "ghost:ghosts": the image has no such user`},
		{"root:ghosts", nil, `user "root:ghosts": ` + group, `user "root:ghosts": ` + group},
		{"root", []string{"1", "ghosts"}, `groups "1, ghosts": ` + group, ""},
		{"1234", nil, "", ""},
		{"1234:5678", nil, "", ""},
	} {
		_, described := LookupUserAsDocker(c.user, c.groups)
		_, other := LookupUser(c.user)
		for i, got := range []error{described, other} {
			switch want := []string{c.want, c.other}[i]; {
			case want == "" && got != nil, want != "" && (got == nil || !strings.Contains(got.Error(), want)):
				t.Errorf("%q %q: %v, want %q", c.user, c.groups, got, want)
			}
		}
	}
}
