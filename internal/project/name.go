package project

import (
	"cmp"
	"path"
	"strings"

	"dagger/stack/internal/protocol"
)

// DefaultName is a stack's that nobody names, where the folder of its project is not known.
const DefaultName = protocol.DefaultStack

// NameAfter is what the stack of the project in a folder is called, unless somebody names it: the folder's own name, as far as that can be a
// stack's, or else DefaultName.
func NameAfter(folder string) string {
	name := strings.Join(strings.FieldsFunc(strings.ToLower(path.Base(folder)), notInNames), "-")
	name = strings.Trim(name[:min(len(name), 40)], "-")
	return cmp.Or(name, DefaultName)
}

// NameBeside is NameAfter where another folder's project has that name already.
func NameBeside(folder, taken string) string {
	for _, name := range []string{folder, path.Base(path.Dir(folder)) + "-" + path.Base(folder)} {
		if name = NameAfter(name); name != taken {
			return name
		}
	}
	return NameAfter(taken[:min(len(taken), 38)] + "-2")
}

func notInNames(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') }
