package e2e

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// The project's own migrations run before its backend, when they have changed or the database's data has.
func TestMigrations(t *testing.T) {
	t.Parallel()
	s := newStack(t, "tests/fixtures/migrate", "--backend-command", "python main.py")
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(s.project)); err != nil {
		t.Fatal(err)
	}
	s.project = dir
	delete(s.ports, "frontend")
	version := func(number, before, upgrade string) {
		text := "from alembic import op\n\nrevision = \"" + number + "\"\ndown_revision = \"" + before + "\"\n\n\ndef upgrade():\n    op.execute(\"" + upgrade + "\")\n"
		if err := os.WriteFile(filepath.Join(dir, "backend/alembic/versions", number+".py"), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	up := func(row, things string) {
		t.Helper()
		session := s.up()
		session.until(row, func() bool { return regexp.MustCompile(`migrate +` + row).MatchString(session.printed()) })
		if _, body := s.get("backend", "/"); body != things {
			t.Errorf("the table has %q, want %q", body, things)
		}
		if row == "completed" && !strings.Contains(session.printed(), `migrations of Alembic (backend/alembic.ini) are run before the backend, by "python -m alembic upgrade heads"`) {
			t.Errorf("up says nothing of them:\n%s", tail(session.printed()))
		}
		if row == "skipped" && !regexp.MustCompile(`migrate +completed +exited \(0\) .* skipped: nothing that it reads has changed since`).MatchString(s.ok("health")) {
			t.Errorf("health: %s", s.ok("health"))
		}
		session.end()
	}
	up("completed", "one")
	up("skipped", "one")
	version("0002", "0001", "INSERT INTO things VALUES ('two')")
	up("completed", "one two")

	version("0003", "0002", "SELECT no_such_thing")
	text := s.fails("up", "--project-path", dir)
	for _, want := range []string{"the job migrate failed: it ended: exit code 1", "--migrate none starts the stack without it", "no_such_thing"} {
		if !strings.Contains(text, want) {
			t.Errorf("error %q, want %q in it", text, want)
		}
	}
	os.Remove(filepath.Join(dir, "backend/alembic/versions/0003.py"))
	up("skipped", "one two")

	s.ok("reset", "--confirm", s.name)
	s.flags = append(s.flags, "--migrate", "python -m alembic upgrade 0001")
	up("completed  .* migrations \\(--migrate\\)", "one")
}

func TestMigrateBadInput(t *testing.T) {
	t.Parallel()
	for flag, want := range map[string]string{
		"":         `"": it is empty: want auto, none or a command such as "alembic upgrade head" for --migrate`,
		`sh -c "x`: `want auto, none or a command such as "alembic upgrade head" for --migrate`,
	} {
		if text := plain(t, "--migrate", flag).fails("up"); !strings.Contains(text, want) {
			t.Errorf("--migrate %q: %s", flag, text)
		}
	}
}
