package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// A command that is run like a service has what the service has, with a stack of its own or with the one that runs, and leaves nothing.
func TestRun(t *testing.T) {
	t.Parallel()
	s := newStack(t, "tests/fixtures/migrate", "--backend-command", "python main.py")
	delete(s.ports, "frontend")
	run := func(command string, then ...string) result {
		t.Helper()
		return s.call(append([]string{"run", "--project-path", s.project, "--service", "backend", "--command", command, "--env", "COLOUR=red"}, then...)...)
	}
	const rows = `python -c 'import os, psycopg; db = psycopg.connect(os.environ["DATABASE_URL"]); print(os.getuid(), os.getcwd(), os.environ["COLOUR"], os.environ["DATABASE_URL"], db.execute("SELECT count(*) FROM things").fetchall())'`
	const want = "1000 /app red postgresql://postgres:***@postgres:5432/app [(1,)]"

	if r := run(rows, "stdout"); r.code != 0 || strings.TrimSpace(r.stdout) != want {
		t.Errorf("without a stack: exit code %d, %q\n%s", r.code, r.stdout, errorText(r.stderr))
	}
	if text := s.fails("health"); !strings.Contains(text, "never ran on this engine") {
		t.Errorf("it has left something: %s", text)
	}
	const fails = `sh -c "mkdir out; echo written > out/report; echo the last words; exit 42"`
	if r := run(fails, "stdout"); r.code != 42 || !strings.Contains(errorText(r.stderr), "run like backend, failed: exit code 42; its last lines:\n  the last words") {
		t.Errorf("stdout of a command that fails: exit code %d: %s", r.code, errorText(r.stderr))
	}
	if r := run(fails); r.code != 42 {
		t.Errorf("a command that fails, and nothing more asked: exit code %d: %s", r.code, errorText(r.stderr))
	}
	results := filepath.Join(t.TempDir(), "results")
	if r := run(fails, "results", "--path", "out", "export", "--path", results); r.code != 0 {
		t.Errorf("results of a command that fails: exit code %d: %s", r.code, errorText(r.stderr))
	}
	for name, want := range map[string]string{"exit-code": "42\n", "stdout": "the last words\n", "stderr": "", "out/report": "written\n"} {
		if text, err := os.ReadFile(filepath.Join(results, name)); err != nil || string(text) != want {
			t.Errorf("%s: %q, %v", name, text, err)
		}
	}
	if text, err := os.ReadFile(filepath.Join(results, "logs.jsonl")); err != nil || !strings.Contains(string(text), "migrations have run") {
		t.Errorf("logs.jsonl: %q, %v", tail(string(text)), err)
	}

	session := s.up()
	s.sql("INSERT INTO things VALUES ('two')")
	if r := run(rows, "stdout"); r.code != 0 || strings.TrimSpace(r.stdout) != strings.Replace(want, "(1,)", "(2,)", 1) {
		t.Errorf("beside the stack: exit code %d, %q\n%s", r.code, r.stdout, errorText(r.stderr))
	}
	if r := run(`python -c 'import urllib.request; print(urllib.request.urlopen("http://backend:8000").read())'`, "stdout"); !strings.Contains(r.stdout, "one two") {
		t.Errorf("the backend, from beside it: exit code %d, %q\n%s", r.code, r.stdout, errorText(r.stderr))
	}
	var both sync.WaitGroup
	for _, word := range []string{"one", "two"} {
		both.Go(func() {
			if r := run("echo "+word, "stdout"); r.stdout != word+"\n" {
				t.Errorf("two at once: exit code %d, %q\n%s", r.code, r.stdout, errorText(r.stderr))
			}
		})
	}
	both.Wait()
	if r := run("touch made", "exit-code"); strings.TrimSpace(r.stdout) != "0" {
		t.Errorf("exit code of touch: %q\n%s", r.stdout, errorText(r.stderr))
	}
	if text := s.ok("health"); strings.Contains(text, "run-once") || !strings.Contains(text, "is healthy") {
		t.Errorf("the stack after it: %s", text)
	}
	t.Run("bad input", func(t *testing.T) {
		for _, c := range []struct{ command, service, then, want string }{
			{"", "backend", "stdout", `no command: want one program and its arguments, such as "pytest -q", for --command`},
			{"true", "nobody", "stdout", `the project has no service "nobody": the stack consists of postgres, redis, backend, migrate`},
			{"nope", "backend", "stdout", `failed: it cannot be started: command "nope": not found`},
			{"true", "backend", "file --path nope contents", "no file /app/nope after the command, which ended with exit code 0: want a path that the command has made"},
		} {
			text := s.fails(append([]string{"run", "--project-path", s.project, "--service", c.service, "--command", c.command}, strings.Fields(c.then)...)...)
			if !strings.Contains(text, c.want) {
				t.Errorf("%q like %s: %s", c.command, c.service, text)
			}
		}
	})
	session.end()
}
