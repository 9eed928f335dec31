package project

import (
	"path"
	"strings"

	"dagger/stack/internal/protocol"
)

// DefaultName is a stack's that nobody names.
const DefaultName = protocol.DefaultStack

// NameAfter is what the stack of the project in a folder may be called: the folder's own name, as far as that can be a stack's.
func NameAfter(folder string) string {
	name := strings.Join(strings.FieldsFunc(strings.ToLower(path.Base(folder)), notInNames), "-")
	name = strings.Trim(name[:min(len(name), 40)], "-")
	if name == "" || name == DefaultName {
		return "NAME"
	}
	return name
}

func notInNames(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') }
