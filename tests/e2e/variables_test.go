package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A backend gets what it reads: the database by parts, a secret of its own in the form that is asked for, what the user gives; and what
// is missing is said before anything is built, all at once.
func TestVariables(t *testing.T) {
	t.Parallel()
	s := plain(t)
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(s.project)); err != nil {
		t.Fatal(err)
	}
	s.project = dir
	settings := "import os\nHOST = os.environ['APP_DB_HOST']\nKEY = os.environ['FERNET_KEY']\n"
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(s.project, "backend", "settings.py"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(settings + "A = os.environ['STRIPE_KEY']\nB = os.environ['MAIL_TOKEN']\n")
	text := s.fails("up", "--project-path", s.project)
	for _, want := range []string{"--env STRIPE_KEY=…  for backend, read in backend/settings.py:4", "--env MAIL_TOKEN=…  for backend, read in backend/settings.py:5"} {
		if !strings.Contains(text, want) {
			t.Errorf("what is missing: %q is not in\n%s", want, text)
		}
	}
	settings += "B = os.environ['MAIL_TOKEN']\n"
	write(settings)
	for name, text := range map[string]string{".gitignore": ".env\n", ".env": "MAIL_TOKEN=of-the-developer\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	config := s.ok("config", "--project-path", s.project)
	for _, want := range []string{"APP_DB_HOST: backend/settings.py:2", "FERNET_KEY: <secret own-FERNET_KEY>", "backend: made for this stack: FERNET_KEY (backend/settings.py:3)"} {
		if !strings.Contains(strings.Join(strings.Fields(config), " "), want) {
			t.Errorf("config: %q is not in\n%s", want, config)
		}
	}
	if text := s.fails("with-env", "--service", "backend", "--name", "X", "--template", "{mail.host}", "config", "--project-path", s.project); !strings.Contains(text, "{mail.host} names the service mail") {
		t.Errorf("a template of a service that is not there: %s", text)
	}
	s.flags = append(s.flags, "with-env", "--service", "backend", "--name", "AT", "--template", "{{{postgres.user}@{postgres.host}:{postgres.port}}}", "with-env", "--service", "backend", "--name", "LITERAL", "--value", "{postgres.host}")
	s.begin("up", "--project-path", s.project, "up").untilListens(s.ports["backend"])
	for name, want := range map[string]string{"APP_DB_HOST": "postgres", "AT": "{postgres@postgres:5432}", "LITERAL": "{postgres.host}", "MAIL_TOKEN": "of-the-developer"} {
		if got := s.env(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if key := s.env("FERNET_KEY"); len(key) != 44 || key[43] != '=' {
		t.Errorf("no Fernet key: %q", key)
	}
}
