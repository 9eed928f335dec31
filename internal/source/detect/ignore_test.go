package detect

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/moby/patternmatcher"
)

// ignorePragma is Ignore as a pragma of a Dagger function's argument, which must be a literal there.
func ignorePragma() string {
	list, _ := json.Marshal(Ignore) // of strings: cannot fail
	return "+ignore=" + string(list)
}

var pragma = regexp.MustCompile(`(?m)^\s*//\s*\+ignore=(\[.*\])\s*$`)

// checkIgnorePragma compares every such pragma in a Go file with Ignore, order aside.
func checkIgnorePragma(source []byte) error {
	found := pragma.FindAllSubmatch(source, -1)
	if len(found) == 0 {
		return fmt.Errorf("there is no line with the pragma: want // %s", ignorePragma())
	}
	for _, match := range found {
		var list []string
		if err := json.Unmarshal(match[1], &list); err != nil {
			return fmt.Errorf("the pragma is not a list of strings: %w: want // %s", err, ignorePragma())
		}
		if !slices.Equal(slices.Sorted(slices.Values(list)), slices.Sorted(slices.Values(Ignore))) {
			return fmt.Errorf("the pragma differs from detect.Ignore: want // %s", ignorePragma())
		}
	}
	return nil
}

func TestIgnorePragma(t *testing.T) {
	t.Parallel()
	good := "func Up(\n\t// The project.\n\t//\n\t// " + ignorePragma() + "\n\tproject *Directory,\n)\n"
	for _, row := range []struct{ name, source, err string }{
		{"the same", good, ""},
		{"in another order", strings.Replace(good, `"**/.hg","**/.svn",`, `"**/.svn","**/.hg",`, 1), ""},
		{"none", "package main\n", "there is no line with the pragma: want // +ignore=["},
		{"another", "// +ignore=[\"x\"]\n", "the pragma differs from detect.Ignore: want // +ignore=["},
		{"one of two", good + "// +ignore=[\"x\"]\n", "differs"},
		{"not a list of strings", "// +ignore=[1]\n", "the pragma is not a list of strings"},
	} {
		err := checkIgnorePragma([]byte(row.source))
		if row.err == "" && err != nil || row.err != "" && (err == nil || !strings.Contains(err.Error(), row.err)) {
			t.Errorf("%s: %v, want %q", row.name, err, row.err)
		}
	}
}

// What the module's own functions do not upload is what Ignore says.
func TestIgnorePragmaOfTheModule(t *testing.T) {
	t.Parallel()
	sources, err := filepath.Glob("../../../*.go")
	if err != nil {
		t.Fatal(err)
	}
	var all []byte
	for _, name := range sources {
		source, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, source...)
	}
	if err := checkIgnorePragma(all); err != nil {
		t.Error(err)
	}
}

// What a project may have called its own code must be uploaded.
func TestIgnoreKeepsSource(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"build", "target", "out", "bin", "lib", "env", "public", "coverage", ".env", "vendor", "tmp", "log"} {
		if slices.Contains(Ignore, "**/"+name) {
			t.Errorf("%s may be source", name)
		}
	}
}

// Of a repository, what says which commit this is: not its objects, and not .git/config, in which a checkout of CI has a token.
func TestIgnoreOfRepositories(t *testing.T) {
	t.Parallel()
	for name, ignored := range map[string]bool{
		".git/index": false, ".git/HEAD": false, ".git/FETCH_HEAD": false, ".git/packed-refs": false, ".git/refs/heads/main": false,
		".git/config": true, ".git/config.worktree": true, ".git/logs/HEAD": true, ".git/objects/aa/bb": true, ".git/hooks/x": true, ".git/COMMIT_EDITMSG": true, ".git/refs/tags/v1": true,
	} {
		if got, err := patternmatcher.MatchesOrParentMatches(name, Ignore); err != nil || got != ignored {
			t.Errorf("%s is ignored: %v, %v", name, got, err)
		}
	}
}

// Each pattern has its reason where users read it.
func TestIgnoreIsDocumented(t *testing.T) {
	t.Parallel()
	docs, err := os.ReadFile("../../../docs/detection.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, pattern := range Ignore {
		if name := "`" + strings.TrimPrefix(pattern, "**/") + "`"; !strings.Contains(string(docs), name) {
			t.Errorf("docs/detection.md does not tell of %s", name)
		}
	}
}

func TestDockerIgnore(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name  string
		files files
		dir   string
		want  []string
		err   string
	}{
		{"none", files{"backend/x": ""}, "backend", nil, ""},
		{"of the root", files{".dockerignore": "# x\n/docs\n*.md\n!README.md\n"}, ".", []string{"docs", "*.md", "!README.md", "!**/Dockerfile*", "!**/*.Dockerfile"}, ""},
		{"of a service", files{"backend/.dockerignore": "\ufefftests/\n**/*.log\n! keep.log\n"}, "./backend/", []string{"backend/tests", "backend/**/*.log", "!backend/keep.log", "!**/Dockerfile*", "!**/*.Dockerfile"}, ""},
		{"of both", files{".dockerignore": "docs", "backend/.dockerignore": "tests"}, "backend", []string{"docs", "backend/tests", "!**/Dockerfile*", "!**/*.Dockerfile"}, ""},
		{"of a root that shuts the service out", files{".dockerignore": "frontend\ndocs", "frontend/.dockerignore": "tests"}, "frontend", []string{"frontend/tests", "!**/Dockerfile*", "!**/*.Dockerfile"}, ""},
		{"of a root that lets only the service in", files{".dockerignore": "*\n!frontend", "frontend/x": ""}, "frontend", []string{"*", "!frontend", "!**/Dockerfile*", "!**/*.Dockerfile"}, ""},
		{"what is outside", files{".dockerignore": "x", "backend/.dockerignore": "../x\n.\n"}, "backend", []string{"x", "!**/Dockerfile*", "!**/*.Dockerfile"}, ""},
		{"no such folder", files{".dockerignore": "x"}, "nope", []string{"x", "!**/Dockerfile*", "!**/*.Dockerfile"}, ""},
		{"a broken pattern of the root", files{".dockerignore": "[", "backend/x": ""}, "backend", nil, ".dockerignore has a pattern that cannot be read"},
		{"a broken pattern of a service", files{"backend/.dockerignore": "["}, "backend", nil, "backend/.dockerignore has a pattern that cannot be read"},
		{"a line without end", files{".dockerignore": strings.Repeat("x", 1<<17)}, ".", nil, "cannot read .dockerignore"},
	} {
		got, err := DockerIgnore(row.files.fs(), row.dir)
		if row.err != "" {
			if err == nil || !strings.Contains(err.Error(), row.err) {
				t.Errorf("%s: error %v, want %q", row.name, err, row.err)
			}
			continue
		}
		if err != nil || !slices.Equal(got, row.want) {
			t.Errorf("%s: %q, %v, want %q", row.name, got, err, row.want)
		}
	}
	var calls int
	if _, err := DockerIgnore(remote{files{"x": ""}.fs(), &calls, ".dockerignore"}, "."); err == nil || !strings.Contains(err.Error(), "the engine is gone") {
		t.Errorf("error %v, want that of the file system", err)
	}
}
