package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

// pipeline is what a CI server would run: commands in order, the first failure ends it.
type pipeline struct {
	commands  []string
	artifacts []string
}

// document is docs/ci.md: its script, and its pipelines.
func document(t *testing.T) (script string, pipelines map[string]pipeline) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, "docs/ci.md"))
	if err != nil {
		t.Fatal(err)
	}
	block := func(heading, language string) string {
		t.Helper()
		_, rest, _ := strings.Cut(string(text), "\n## "+heading+"\n")
		_, rest, found := strings.Cut(rest, "\n```"+language+"\n")
		code, _, closed := strings.Cut(rest, "\n```\n")
		if !found || !closed {
			t.Fatalf("docs/ci.md has no block of %s under %q", language, heading)
		}
		return code + "\n"
	}
	var github struct {
		Jobs map[string]struct {
			Steps []struct {
				Run  string
				If   string
				With struct{ Path string }
			}
		}
	}
	var gitlab map[string]struct {
		BeforeScript []string `yaml:"before_script"`
		Script       []string
		Artifacts    struct {
			When  string
			Paths []string
		}
	}
	unmarshal(t, block("GitHub Actions", "yaml"), &github)
	unmarshal(t, block("GitLab CI", "yaml"), &gitlab)
	var hub, lab, jenkins pipeline
	for _, step := range github.Jobs["stack"].Steps {
		if step.Run != "" {
			hub.commands = append(hub.commands, step.Run)
		}
		if step.If == "always()" {
			hub.artifacts = append(hub.artifacts, strings.Fields(step.With.Path)...)
		}
	}
	job := gitlab["stack"]
	lab.commands = append(job.BeforeScript, job.Script...)
	if job.Artifacts.When == "always" {
		lab.artifacts = job.Artifacts.Paths
	}
	groovy := block("Jenkins", "groovy")
	for _, match := range regexp.MustCompile(`(?m)^\s*sh '(.*)'$`).FindAllStringSubmatch(groovy, -1) {
		jenkins.commands = append(jenkins.commands, match[1])
	}
	_, post, _ := strings.Cut(groovy, "always {")
	if match := regexp.MustCompile(`artifacts: '(.*?)'`).FindStringSubmatch(post); match != nil {
		jenkins.artifacts = strings.Split(match[1], ", ")
	}
	return block("Tests", "sh"), map[string]pipeline{"GitHub": hub, "GitLab": lab, "Jenkins": jenkins}
}

func unmarshal(t *testing.T, text string, value any) {
	t.Helper()
	if err := yaml.Unmarshal([]byte(text), value); err != nil {
		t.Fatal(err)
	}
}

// run does what a CI server does with the commands, in a project's folder, and returns the first failure. What
// installs something is left out.
func (s *stack) run(commands []string) (output string, code int) {
	s.Helper()
	var all strings.Builder
	for _, line := range commands {
		if strings.HasPrefix(line, "apk ") || strings.Contains(line, "install.sh") {
			continue
		}
		ctx, cancel := context.WithTimeout(context.Background(), 3*waitTimeout)
		defer cancel()
		cmd := exec.CommandContext(ctx, "bash", "-e", "-c", line)
		cmd.Dir = s.project
		cmd.Env = append(os.Environ(), "STACK="+root, "NO_COLOR=1", "DAGGER_NO_NAG=1")
		out, err := cmd.CombinedOutput() // no terminal
		fmt.Fprintf(&all, "$ %s\n%s", line, out)
		if err != nil {
			return all.String(), cmd.ProcessState.ExitCode()
		}
	}
	return all.String(), 0
}

// The pipelines of docs/ci.md do what it says: the same commands in all three, exit codes, JSON and logs, when the
// project works and when it does not.
func TestPipelines(t *testing.T) {
	t.Parallel()
	script, pipelines := document(t)
	var commands []string
	for name, p := range pipelines {
		var own []string
		for _, line := range p.commands {
			if !strings.HasPrefix(line, "apk ") && !strings.Contains(line, "install.sh") {
				own = append(own, line)
			}
		}
		if commands == nil {
			commands = own
		}
		if len(own) == 0 || strings.Join(own, "\n") != strings.Join(commands, "\n") {
			t.Errorf("%s runs %q, others %q", name, own, commands)
		}
		if got := strings.TrimSuffix(strings.Join(p.artifacts, " "), "/**"); got != "results" {
			t.Errorf("%s keeps %q, whatever happens", name, got)
		}
	}

	s := newStack(t, "tests/fixtures/plain")
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(s.project)); err != nil {
		t.Fatal(err)
	}
	s.project = dir
	// The test's own name and ports, and tests that need no package, in the place of the document's.
	script = strings.Replace(script, "call run", "call "+strings.Join(s.args()[3:], " ")+" run", 1)
	script = strings.Replace(script, "pytest -q --junitxml=/tmp/report.xml", "python checks.py", 1)
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	const checks = `import os, sys; print("checks", "DATABASE_URL" in os.environ); open("/tmp/report.xml", "w").write("<report/>"); sys.exit(%d)`
	write("ci.sh", script)
	write("backend/checks.py", fmt.Sprintf(checks, 0))
	kept := func(name string) string {
		t.Helper()
		text, err := os.ReadFile(filepath.Join(dir, "results", name))
		if err != nil {
			t.Error(err)
		}
		return string(text)
	}

	if output, code := s.run(commands); code != 0 {
		t.Fatalf("exit code %d\n%s", code, tail(output))
	}
	if kept("stdout") != "checks True\n" || kept("exit-code") != "0\n" || kept("report.xml") != "<report/>" {
		t.Errorf("results: %q %q %q", kept("stdout"), kept("exit-code"), kept("report.xml"))
	}
	for _, line := range lines(kept("logs.jsonl")) {
		var entry struct{ Service, Text string }
		if err := json.Unmarshal([]byte(line), &entry); err != nil || entry.Service == "" {
			t.Fatalf("logs.jsonl: %q %v", line, err)
		}
	}
	if !strings.Contains(kept("logs.jsonl"), "database system is ready") {
		t.Errorf("logs.jsonl: %s", tail(kept("logs.jsonl")))
	}
	if text := s.fails("health"); !strings.Contains(text, "never ran") {
		t.Errorf("after the pipeline: %s", text)
	}

	// A project whose tests fail, and one that does not boot.
	write("backend/checks.py", fmt.Sprintf(checks, 42))
	if output, code := s.run(commands[1:]); code != 42 || !strings.Contains(output, "checks True") {
		t.Errorf("failing tests: exit code %d\n%s", code, tail(output))
	}
	if kept("exit-code") != "42\n" || kept("report.xml") != "<report/>" {
		t.Errorf("results of failing tests: %q %q", kept("exit-code"), kept("report.xml"))
	}
	write("backend/main.py", "raise SystemExit(3)\nserver.serve_forever()\n")
	if output, code := s.run(commands); code == 0 || !strings.Contains(output, "backend did not become healthy") {
		t.Errorf("a project that does not boot: exit code %d\n%s", code, tail(output))
	}
}

// dagger check runs smoke, on the folder that the caller is in.
func TestCheck(t *testing.T) {
	t.Parallel()
	s := newStack(t, "examples/hello")
	if r := dagger(t, s.project, "-m", root, "check", "-l"); r.code != 0 || !strings.Contains(r.stdout, "smoke") {
		t.Errorf("check -l: exit code %d: %s\n%s", r.code, r.stdout, tail(r.stderr))
	}
	if r := dagger(t, s.project, "-m", root, "check"); r.code != 0 || !strings.Contains(r.stderr, "FastAPI") {
		t.Errorf("check: exit code %d\n%s", r.code, tail(r.stderr))
	}
	if r := dagger(t, t.TempDir(), "-m", root, "check"); r.code == 0 || !strings.Contains(r.stderr, "empty") {
		t.Errorf("check of an empty folder: exit code %d\n%s", r.code, tail(r.stderr))
	}
}
