package spec

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Source is where the project's own code lies. It is root's, so that the service can read it and not change it.
type Source struct {
	Dir  string `json:"dir"`  // folder of the project
	Path string `json:"path"` // folder of the container
	// Scratch: the service may create files in any folder of it, but not change those that are there.
	Scratch bool `json:"scratch,omitempty"`
	// Mutable are patterns of files that it may change all the same.
	Mutable []string `json:"mutable,omitempty"`
	// Writable: all of it is the service's own.
	Writable bool `json:"writable,omitempty"`

	// The rest is for who changes the source while the service runs. Service is the service's own folder of the project:
	// what its .dockerignore names is no source.
	Service string `json:"service"`
	// Base is what a build in a running container cannot change.
	Base Base `json:"base"`
	// Inputs are patterns of files from which the build made more than the source: another version of one of them needs
	// another build.
	Inputs []string `json:"inputs,omitempty"`
	// Whole are commands of the build that take the whole source.
	Whole []string `json:"whole,omitempty"`
}

// Base is what a service that is made from the project's source was started with.
type Base struct {
	Image    string   `json:"image,omitempty"`
	Packages []string `json:"packages,omitempty"` // of Debian
	Command  []string `json:"command,omitempty"`
}

// Unlike says how what a source would be made of now is another than what it was made of, "" if it is the same.
func (s Source) Unlike(now Source) string {
	changed := func(what, was, is string) string {
		return fmt.Sprintf("its %s would be %s now and was %s", what, cmp.Or(is, "none"), cmp.Or(was, "none"))
	}
	join := func(words []string) string { return strings.Join(words, " ") }
	switch {
	case s.Base.Image != now.Base.Image:
		return changed("image", s.Base.Image, now.Base.Image)
	case !slices.Equal(s.Base.Packages, now.Base.Packages):
		return changed("packages of Debian", join(s.Base.Packages), join(now.Base.Packages))
	case !slices.Equal(s.Base.Command, now.Base.Command):
		return changed("command", join(s.Base.Command), join(now.Base.Command))
	case s.Dir != now.Dir || s.Path != now.Path:
		return changed("source", s.Dir, now.Dir)
	}
	return ""
}
