package detect

import (
	"strings"
	"testing"

	"dagger/stack/internal/project"
)

// A worker of Celery is started beside the backend, of which it is made, where the stack has its broker.
func TestWorker(t *testing.T) {
	t.Parallel()
	shop := files{"backend/requirements.txt": "fastapi\nuvicorn\ncelery[redis]\n", "backend/app/main.py": fastapi, "backend/app/__init__.py": "",
		"backend/app/worker.py": "from celery import Celery\n\ncelery: Celery = Celery(__name__)\ncelery.conf.beat_schedule = {}\n"}
	const command = "python -m celery --app app.worker:celery worker --loglevel INFO --concurrency 2 --beat --schedule /tmp/celerybeat-schedule"
	for name, row := range map[string]struct {
		files files
		flags Flags
		want  string // of the worker, "" if there is none
		note  string
	}{
		"detected":         {files: shop, want: command, note: `backend/app/worker.py is an application of Celery: its worker is started beside the backend, by "` + command + `"; without-service --name worker leaves it out`},
		"without redis":    {files: shop, flags: Flags{Without: []string{"redis"}}, note: "whose worker is not started: the stack has no redis for it"},
		"the user's":       {files: shop, flags: Flags{Added: []string{"worker"}}},
		"in a Dockerfile":  {files: shop.with(files{"backend/Dockerfile": "FROM python\nCOPY . .\nCMD x\n"}), note: "with-service --name worker --like backend --command"},
		"another broker":   {files: shop.with(files{"backend/requirements.txt": "fastapi\nuvicorn\ncelery\n"})},
		"no application":   {files: shop.with(files{"backend/app/worker.py": "from celery import shared_task\n"})},
		"Django's":         {files: files{"backend/manage.py": "import django", "backend/requirements.txt": "django\ncelery\nredis\n", "backend/shop/__init__.py": "", "backend/shop/celery.py": "import os\napp = Celery('shop')\n"}, want: "python -m celery --app shop.celery:app worker --loglevel INFO --concurrency 2"},
		"with its command": {files: shop, flags: Flags{BackendCommand: "python -m app"}, want: command},
	} {
		p := joined(t, row.files, row.flags)
		resolved, err := p.Resolve()
		if err != nil {
			t.Fatal(name, err)
		}
		got := ""
		for _, s := range resolved.Services {
			if s.Name == "worker" {
				got = strings.Join(s.Process.Command, " ")
				if env := environment(s); env["REDIS_URL"] == "" || s.Probe != nil || len(s.Ports) > 0 {
					t.Errorf("%s: %+v", name, s)
				}
			}
		}
		if got != row.want {
			t.Errorf("%s: got %q, want %q", name, got, row.want)
		}
		if notes := strings.Join(p.Notes, "\n"); !strings.Contains(notes, row.note) || row.note+row.want == "" && strings.Contains(notes, "Celery") {
			t.Errorf("%s: notes %s", name, notes)
		}
	}
	migrated := joined(t, shop.with(files{"backend/requirements.txt": "fastapi\nuvicorn\ncelery\nredis\nalembic\nasyncpg\n", "backend/alembic.ini": "[alembic]\nscript_location = m\n", "backend/m/versions/a.py": ""}), Flags{})
	p, err := migrated.Migrate(project.MigrateAuto, nil)
	if err == nil {
		p, err = p.Resolve()
	}
	if err != nil {
		t.Fatal(err)
	}
	if needs := strings.Join(serviceOf(t, p, "worker").Needs(), " "); !strings.Contains(needs, "migrate") || !strings.Contains(needs, "redis") {
		t.Errorf("the worker waits for %s", needs)
	}
}
