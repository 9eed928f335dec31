package spec

import (
	"fmt"
	"slices"
	"strings"
)

// Order sorts services so that each comes after those it needs, and leaves them as they are otherwise. needs of a
// name that is not among them do not count. A circle is an error that shows it.
func Order(names []string, needs func(name string) []string) ([]string, error) {
	var ordered, path []string
	var visit func(name string) error
	visit = func(name string) error {
		if slices.Contains(ordered, name) {
			return nil
		}
		if i := slices.Index(path, name); i >= 0 {
			return fmt.Errorf("services that need each other never start: %s", strings.Join(append(path[i:], name), " needs "))
		}
		path = append(path, name)
		defer func() { path = path[:len(path)-1] }()
		for _, need := range needs(name) {
			if slices.Contains(names, need) {
				if err := visit(need); err != nil {
					return err
				}
			}
		}
		ordered = append(ordered, name)
		return nil
	}
	for _, name := range names {
		if err := visit(name); err != nil {
			return nil, err
		}
	}
	return ordered, nil
}
