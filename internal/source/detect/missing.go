package detect

import (
	"fmt"
	"strings"

	"dagger/stack/internal/source/detect/text"
	"dagger/stack/internal/source/detect/tree"
)

// without says that the stack has no such service, and why.
func (s *search) without() string {
	return fmt.Sprintf("no %s found (looked for %s and at the root): the stack runs without one%s", s.role.Name, text.And(slashed(s.role.dirs)), because(s.skipped))
}

// because is the end of a sentence that tells of errors, each once.
func because(errs []error) (why string) {
	for _, err := range errs {
		if one := "; " + err.Error(); !strings.Contains(why+"; ", one+"; ") {
			why += one
		}
	}
	return why
}

// neither is the error for a project in which nothing was found.
func neither(root tree.Folder, searches []*search) error {
	var skipped []error
	var missing, dirs, markers, flags []string
	for _, s := range searches {
		skipped = append(skipped, s.skipped...)
		missing = append(missing, "no "+s.role.Name)
		dirs = append(dirs, slashed(s.role.dirs)...)
		flags = append(flags, s.role.DirFlag())
	}
	if len(searches) > 0 {
		markers = searches[0].role.markers // the backend's markers include the frontend's
	}
	if len(skipped) == 1 {
		return skipped[0]
	}
	err := fmt.Errorf("%s in the project: looked for the folders %s, and for %s in them and in the root; found %s: name the folders with %s%s",
		text.And(missing), text.And(dirs), text.And(markers), root.Found(), text.And(flags), because(skipped))
	if len(skipped) == 0 {
		err = &NoCode{err}
	}
	return err
}

// NoCode is the error for a project in which nothing looks like code that could be run.
type NoCode struct{ error }

func slashed(dirs []string) []string {
	var names []string
	for _, dir := range dirs {
		names = append(names, dir+"/")
	}
	return names
}
