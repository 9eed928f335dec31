package process

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/moby/sys/user"
)

// User is who a process runs as.
type User struct {
	UID, GID int
	Groups   []int // supplementary
	Home     string
}

// LookupUser finds a user in the container's own passwd and group files: name, uid, name:group or uid:gid. The
// same name has other numbers in other images (postgres is 70 in the alpine one and 999 in the debian one). The
// group is the user's first, or the given one; supplementary groups are left out, they grant more than a service
// was asked to have.
func LookupUser(name string) (User, error) {
	// Without an entry: the group of the same number, as a container that runs as 1000 is usually meant.
	defaults := user.ExecUser{Uid: -1, Gid: -1, Home: "/"}
	found, err := user.GetExecUserPath(name, &defaults, "/etc/passwd", "/etc/group")
	if err != nil {
		return User{}, missing("user", name, err)
	}
	if found.Uid < 0 {
		return User{}, missing("user", name, user.ErrNoPasswdEntries)
	}
	if found.Gid < 0 {
		found.Gid = found.Uid
	}
	return User{UID: found.Uid, GID: found.Gid, Home: found.Home}, nil
}

// LookupUserAsDocker finds a user as Docker does (moby daemon/oci_linux.go, getUser): "" is root, a number without an entry has
// the group of root, and there are the groups that the image gives to the user, and more.
func LookupUserAsDocker(name string, more []string) (User, error) {
	found, err := user.GetExecUserPath(name, nil, "/etc/passwd", "/etc/group")
	if err != nil {
		return User{}, missing("user", name, err)
	}
	added, err := user.GetAdditionalGroupsPath(more, "/etc/group")
	if err != nil {
		return User{}, missing("groups", strings.Join(more, ", "), err)
	}
	return User{UID: found.Uid, GID: found.Gid, Home: cmp.Or(found.Home, "/"), Groups: slices.Concat([]int{found.Gid}, found.Sgids, added)}, nil
}

// missing says what the image lacks that was asked for.
func missing(what, name string, err error) error {
	const advice = "name one that is there, or a number such as 1000, or have the Dockerfile add it"
	switch {
	case errors.Is(err, user.ErrNoPasswdEntries):
		return fmt.Errorf("%s %q: the image has no such user in /etc/passwd: %s", what, name, advice)
	case errors.Is(err, user.ErrNoGroupEntries):
		return fmt.Errorf("%s %q: the image has no such group in /etc/group: %s", what, name, advice)
	}
	return fmt.Errorf("%s %q: %w", what, name, err)
}
