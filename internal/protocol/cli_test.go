package protocol

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
)

func TestCLI(t *testing.T) {
	t.Parallel()
	for stack, want := range map[string]string{"": "dagger call stop", "default": "dagger call --name default stop", "shop": "dagger call --name shop stop"} {
		if got := CLI(stack, "stop"); got != want {
			t.Errorf("%q: %s", stack, got)
		}
	}
}

// No message has a command of its own: one without the stack's name is about another stack.
func TestCommandsNameTheirStack(t *testing.T) {
	t.Parallel()
	files := token.NewFileSet()
	look := func(path string) {
		file, err := parser.ParseFile(files, path, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if text, is := n.(*ast.BasicLit); is && text.Kind == token.STRING && strings.Contains(text.Value, "dagger call") {
				t.Errorf("%s: %s: say it with protocol.CLI, which knows the stack's name", files.Position(text.Pos()), text.Value)
			}
			return true
		})
	}
	mine := func(path string) bool {
		return strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go") && !strings.HasSuffix(path, ".gen.go") && filepath.Base(path) != "cli.go"
	}
	read := 0
	err := filepath.WalkDir("..", func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() && mine(path) {
			read++
			look(path)
		}
		return err
	})
	root, globErr := filepath.Glob("../../*.go")
	if err != nil || globErr != nil || read < 100 || len(root) < 20 {
		t.Fatal(err, globErr, read, len(root))
	}
	for _, path := range root {
		if mine(path) {
			look(path)
		}
	}
}
