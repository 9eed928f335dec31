package compose

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// Every case can be loaded, says what it is about, and has a truth that belongs to its steps; bad ones were refused.
func TestEveryCaseHasItsTruth(t *testing.T) {
	folders, err := Folders(".")
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile("../../docs/compose.md")
	if err != nil {
		t.Fatal(err)
	}
	docs := strings.Join(strings.Fields(string(text)), " ")
	for _, folder := range folders {
		t.Run(folder, func(t *testing.T) {
			c, err := Load(folder, t.TempDir())
			if err != nil {
				t.Fatal(err)
			}
			truth, err := Recorded(folder)
			if err != nil {
				t.Fatal(err)
			}
			var want, got []string
			for _, step := range c.Steps {
				if step == Up || step == Stop {
					want = append(want, string(step))
				}
			}
			for _, seen := range truth.Steps {
				got = append(got, seen.Step)
			}
			if !slices.Equal(got, want) {
				t.Errorf("truth.json has steps %q, want %q: record it again", got, want)
			}
			if slices.Contains(c.Steps, Change) && !exists(filepath.Join(folder, changeScript)) {
				t.Errorf("has a step %q and no %s", Change, changeScript)
			}
			for pattern, words := range c.Differs {
				if !strings.Contains(docs, strings.Join(strings.Fields(words), " ")) {
					t.Errorf("differs %q: docs/compose.md does not say %q", pattern, words)
				}
				if _, err := regexp.Compile(pattern); err != nil {
					t.Error(err)
				}
			}
			if strings.HasPrefix(folder, "bad") {
				if !truth.Steps[0].Failed {
					t.Error("compose takes the project: it belongs to cases")
				}
			} else if !explained(t, folder) {
				t.Error("no file begins with a comment that says what the case is about")
			}
		})
	}
	if len(folders) < 80 {
		t.Errorf("%d cases, and there were more", len(folders))
	}
}

// explained tells whether one of a case's compose files begins with a comment.
func explained(t *testing.T, folder string) bool {
	found := false
	err := filepath.WalkDir(folder, func(path string, entry os.DirEntry, err error) error {
		if err != nil || found || entry.IsDir() || filepath.Ext(path) != ".yaml" && filepath.Ext(path) != ".yml" {
			return err
		}
		text, err := os.ReadFile(path)
		found = strings.HasPrefix(string(text), "# ")
		return err
	})
	if err != nil {
		t.Error(err)
	}
	return found
}

func TestLoadCopiesTheProjectAlone(t *testing.T) {
	folder, below := t.TempDir(), t.TempDir()
	name := filepath.Join(folder, "cases", "one")
	for file, text := range map[string]string{
		"observe": "#!/bin/sh\n", "cases/one/compose.yaml": "# x\n", "cases/one/.env": "A=1\n", "cases/one/deep/file": "x",
		"cases/one/case.json": `{"steps": ["up", "change", "up"], "env": ["A=b, c"]}`, "cases/one/truth.json": "{}",
		"cases/one/prepare.sh": "echo made >made", "cases/one/change.sh": "echo changed >made",
	} {
		path := filepath.Join(folder, file)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	c, err := Load(name, below)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(c.Steps, []Step{Up, Change, Up}) || !slices.Equal(c.Env, []string{"A=b, c"}) {
		t.Errorf("case.json: %+v", c)
	}
	for file, want := range map[string]bool{
		"compose.yaml": true, ".env": true, "deep/file": true, "observe": true, "made": true,
		"case.json": false, "truth.json": false, "prepare.sh": false, "change.sh": false,
	} {
		if got := exists(filepath.Join(c.Dir, file)); got != want {
			t.Errorf("%s is in the copy: %t, want %t", file, got, want)
		}
	}
	if err := c.script(name, changeScript); err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(filepath.Join(c.Dir, "made")); err != nil || string(text) != "changed\n" {
		t.Errorf("change.sh left %q, %v", text, err)
	}
	if err := os.WriteFile(filepath.Join(name, "case.json"), []byte(`{"step": ["up"]}`), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(name, t.TempDir()); err == nil || !strings.Contains(err.Error(), `unknown field "step"`) {
		t.Errorf("a field that is none: %v", err)
	}
}
