package e2e

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
)

// Stacks of several services that a compose file describes, called as their users call them.

// A web server sends jobs through a queue to a worker, and a clock sends some, too. Results survive a kill -9 of the CLI.
func TestComposeQueue(t *testing.T) {
	t.Parallel()
	s := composed(t, "queue", "web:8080")
	if got := s.checked(); got != "4 services, 0 notes\n" {
		t.Errorf("config --check: %s", got)
	}
	session := s.upAll()
	s.answers("web", "/send/7", "sent")
	s.eventually("the worker did the job", func() bool { _, body := s.get("web", "/done"); return body == "49" })
	s.eventually("the clock's job was done", func() bool { return s.number("web", "/ticks") > 0 })
	s.contains("logs", s.ok("logs", "--service", "worker"), "worker starts", "worker did 7")
	if got := s.states(); got != "redis healthy running, web healthy running, worker healthy running, beat healthy running" {
		t.Errorf("health: %s", got)
	}
	s.contains("restart", s.ok("restart", "--service", "worker"), "worker restarted: pid ")
	s.get("web", "/send/8")
	s.eventually("the new worker did a job", func() bool { _, body := s.get("web", "/done"); return body == "49 64" })

	session.killed("redis", "web", "worker", "beat")
	s.upAll()
	s.answers("web", "/done", "49 64")
	s.stops("redis", "web", "worker", "beat")
}

// A shop starts when a job has migrated its database; each up runs the job again, on the data that is there.
func TestComposeMigration(t *testing.T) {
	t.Parallel()
	s := composed(t, "migrate", "shop:8000")
	if got := s.checked(); got != "3 services, 0 notes\n" {
		t.Errorf("config --check: %s", got)
	}
	session := s.upAll()
	session.until("the job in the table", func() bool { return regexp.MustCompile(`migrate +completed`).MatchString(session.printed()) })
	s.answers("shop", "/", "1")
	s.contains("logs", s.ok("logs", "--service", "migrate"), "migrated")
	s.contains("logs", s.ok("logs", "--service", "shop"), "shop starts, migrations: 1")
	s.contains("health", s.ok("health"), "exited (0)")
	s.contains("restart", s.ok("restart", "--service", "db", "--with-dependents"), "db restarted: pid ", "shop restarted: pid ")
	s.eventually("the shop answers again", func() bool { status, _ := s.get("shop", "/"); return status == 200 })

	before := s.number("shop", "/") // a restart of the dependents may have run the job, too
	session.killed("shop", "db")
	s.upAll()
	s.answers("shop", "/", fmt.Sprint(before+1))
	s.stops("shop", "db")
}

// A proxy is in front of two servers that are in two networks, and only the proxy is published.
func TestComposeProxy(t *testing.T) {
	t.Parallel()
	s := composed(t, "proxy", "proxy:8080")
	s.contains("config --check", s.checked(), "3 services")
	s.upAll()
	s.answers("proxy", "/blue/index.html", "I am blue")
	s.answers("proxy", "/green/index.html", "I am green")
	s.answers("proxy", "/names", "blue green app.green proxy")
	if text := s.ok("logs", "--service", "blue"); !strings.Contains(text, `"GET /index.html`) {
		t.Errorf("logs of blue: %s", text)
	}
	s.contains("restart", s.ok("restart", "--service", "blue", "--with-dependents"), "blue restarted", "proxy restarted")
	s.eventually("the proxy reaches the new server", func() bool { status, _ := s.get("proxy", "/blue/index.html"); return status == 200 })
	s.stops("proxy", "blue", "green")
}

// Two services of two users share a volume and the project's folder: what they write stays in the stack, and what the host changes
// comes with the next up.
func TestComposeSharedFiles(t *testing.T) {
	t.Parallel()
	s := composed(t, "shared", "writer:8000", "reader:8000")
	s.contains("config --check", s.checked(), "2 services")
	session := s.upAll()
	s.answers("reader", "/stat?/notes/note", "1002:1002 644") // the project's files are the user's, for each service
	s.answers("reader", "/read?/data/seed", "seed")
	s.answers("writer", "/write?/data/x=shared", "written")
	s.answers("reader", "/read?/data/x", "shared")
	s.answers("reader", "/stat?/data/x", "1001:1001 644")
	s.answers("reader", "/write?/data/x=mine", "Permission denied")
	s.answers("writer", "/write?/project/notes/made=by%20the%20writer", "written")
	s.answers("reader", "/read?/project/notes/made", "by the writer")
	s.answers("reader", "/write?/project/notes/made=too", "Read-only file system")
	s.answers("writer", "/write?/notes/other=second", "written")
	s.answers("reader", "/read?/notes/note", "first")
	s.contains("logs", s.ok("logs", "--service", "reader"), "files, as 1002")

	session.killed("reader", "writer")
	for _, name := range []string{"notes/made", "notes/other"} {
		if _, err := os.Stat(filepath.Join(s.project, name)); err == nil {
			t.Errorf("%s reached the host", name)
		}
	}
	s.edit("notes/note", "edited")
	s.upAll()
	for path, want := range map[string]string{"/data/x": "shared", "/project/notes/made": "by the writer", "/notes/other": "second", "/notes/note": "edited", "/project/notes/note": "edited"} {
		s.answers("reader", "/read?"+path, want)
	}
	s.stops("reader", "writer")
}

// Secrets and configs come from files, variables and the compose file itself, with the owner and the mode that the file says.
func TestComposeSecretsAndConfigs(t *testing.T) {
	t.Parallel()
	s := composed(t, "files", "show:8000")
	const missing = "compose.yaml:33: secrets.from_environment.environment: variable API_TOKEN is required and has no value: give it with --env API_TOKEN=VALUE, or in a file with --env-file or .env"
	if got := s.fails("config", "--project-path", s.project, "--check"); got != missing {
		t.Errorf("without the variable: %s", got)
	}
	hidden := []string{"a-token-of-mine", "hunter-2s-word"}
	if err := os.WriteFile(filepath.Join(s.project, ".env"), fmt.Appendf(nil, "API_TOKEN=%s\nDB_PASSWORD=\"%s\"\n", hidden[0], hidden[1]), 0o600); err != nil {
		t.Fatal(err)
	}
	s.checked()
	config := s.ok("config", "--project-path", s.project)
	s.contains("config", config, "DB_PASSWORD: <secret value-show-DB_PASSWORD>", "DB_URL: <secret value-show-DB_URL>")
	session := s.upAll()
	for path, want := range map[string]string{
		"/run/secrets/from_file": "a-password-of-the-file", "/run/secrets/token": "a-token-of-mine",
		"/etc/app.conf": "level = info\nprice = $5", "/plain": "plain text",
	} {
		s.answers("show", path, want)
	}
	logs := s.ok("logs", "--service", "show")
	s.contains("modes", logs, "400 1000:1000 /run/secrets/token", "440 1000:1000 /etc/app.conf", "0:0 /plain")
	s.contains("logs", logs, "the password is *** at ***")
	description, err := os.ReadFile(fmt.Sprintf("/proc/%d/root/.stack/spec.json", s.running("show").pid))
	if err != nil || !strings.Contains(string(description), "value-show-DB_PASSWORD") {
		t.Errorf("what the agent is told: %s, %v", description, err)
	}
	for what, text := range map[string]string{"config": config, "the output of up": session.printed(), "logs": logs, "what the agent is told": string(description)} {
		if found := holds(text, hidden); len(found) > 0 {
			t.Errorf("%s: %q is plain\n%s", what, found, tail(text))
		}
	}
	s.contains("restart", s.ok("restart", "--service", "show"), "show restarted")
	s.eventually("it serves again", func() bool { status, _ := s.get("show", "/plain"); return status == 200 })
	s.answers("show", "/run/secrets/token", "a-token-of-mine")
	s.stops("show")
}

// Profiles, override files and variables decide what is started and how.
func TestComposeVariants(t *testing.T) {
	t.Parallel()
	s := composed(t, "variants", "web:8000")
	config := []string{"config", "--project-path", s.project, "--check"}
	const missing = `compose.yaml:8: variable GREETING is required and has no value (say how to greet): give it with --env GREETING=VALUE, or in a file with --env-file or .env
compose.yaml:9: variable OWNER is required and has no value: give it with --env OWNER=VALUE, or in a file with --env-file or .env`
	if got := s.fails(config...); got != missing {
		t.Errorf("without variables:\n%s", got)
	}
	s.edit(".env.example", "GREETING=hello\nOWNER=example\n")
	s.contains("an example", s.ok(config[:3]...), ".env.example")
	s.edit(".env", "GREETING=hello\nOWNER=file\n")
	session := s.upAll()
	s.answers("web", "/", "hello file info override")
	if got := s.states(); got != "web healthy running" {
		t.Errorf("without a profile: %s", got)
	}
	s.contains("restart", s.ok("restart", "--service", "web"), "web restarted")
	session.end()

	s.flags = append(s.flags, "--profile", "debug", "--env", "OWNER=flag", "--compose-file", "compose.yaml", "--compose-file", "compose.ci.yaml")
	if got := s.checked(); !strings.HasPrefix(got, "2 services") {
		t.Errorf("with a profile: %s", got)
	}
	s.upAll()
	s.answers("web", "/", "hello flag ci ci")
	s.contains("logs", s.ok("logs", "--service", "debug"), "debug of info")
	s.stops("web", "debug")
}

// Builds of every kind, and a secret that is in none of the containers.
func TestComposeBuilds(t *testing.T) {
	t.Parallel()
	s := composed(t, "builds", "target:8000", "inline:8000", "outside:8000")
	s.flags = append(s.flags, "--env", "BUILD_TOKEN=a-build-token", "--env", "COLOUR=red")
	s.contains("config --check", s.checked(), "3 services")
	session := s.upAll()
	s.answers("target", "/", "target blue")
	s.answers("target", "/token", "9e6fbe8d")
	s.answers("target", "/secrets", "OF_IMAGE=here")
	s.answers("inline", "/", "inline .dockerignore Dockerfile index.html kept.log main.txt")
	s.answers("outside", "/", "outside red main.txt")
	s.contains("logs", s.ok("logs", "--service", "inline"), "GET /")
	s.contains("restart", s.ok("restart", "--service", "target"), "target restarted")
	session.end()

	s.edit("app/main.txt", "edited")
	s.upAll()
	s.answers("outside", "/", "outside red edited")
	s.answers("inline", "/main.txt", "edited")
	s.stops("target", "inline", "outside")
}

// A postgres of another image and other names has all that the built-in one has.
func TestComposeDatabase(t *testing.T) {
	t.Parallel()
	s := composed(t, "database", "db:5432")
	s.flags = append(s.flags, "with-limits", "--service", "db", "--memory", "512MiB", "--cpus", "0.8")
	s.contains("config --check", s.checked(), "2 services")
	session := s.upAll()
	s.query("INSERT INTO kept VALUES (1)")
	text := s.ok("health", "--service", "db")
	s.contains("health", text, "SELECT 1", "/ 512 MiB", "/ 0.8")
	s.contains("logs", s.ok("logs", "--service", "db"), "database system is ready to accept connections")

	backup := filepath.Join(t.TempDir(), "backup.tar")
	s.ok("backup", "export", "--path", backup)
	s.query("INSERT INTO kept VALUES (2)")
	s.contains("restart", s.ok("restart", "--service", "db", "--with-dependents"), "db restarted", "api restarted")
	if got := s.query("SELECT count(*)::text FROM kept"); got != "2" {
		t.Errorf("%s rows after a restart", got)
	}
	session.killed("db", "api")
	s.upAll()
	if got := s.query("SELECT count(*)::text FROM kept"); got != "2" {
		t.Errorf("%s rows after a kill -9 of the CLI", got)
	}
	s.contains("restore", s.ok("restore", "--from", backup), fmt.Sprintf("db restored from the backup of stack %q", s.name))
	s.ok("health", "--wait", "60s")
	if got := s.query("SELECT count(*)::text FROM kept"); got != "1" {
		t.Errorf("%s rows after a restore", got)
	}
	s.stops("db", "api")
}

// query runs one statement on the database fixture's db and returns the first value.
func (s *stack) query(statement string) (value string) {
	s.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), waitTimeout)
	defer cancel()
	conn, err := pgx.Connect(ctx, fmt.Sprintf("postgresql://owner:p%%40ss%%2Fword@127.0.0.1:%d/things", s.ports["db"]))
	if err != nil {
		s.Fatal(err)
	}
	defer conn.Close(ctx)
	rows, err := conn.Query(ctx, statement)
	if err != nil {
		s.Fatal(err)
	}
	values, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		s.Fatal(err)
	}
	return strings.Join(values, " ")
}

// A compose file of databases alone is joined by the project's own code, which finds them under the file's names.
func TestComposeBackingServices(t *testing.T) {
	t.Parallel()
	s := composed(t, "backing", "db:5432", "cache:6379", "backend:8000")
	s.contains("config --check", s.checked(), "3 services")
	session := s.upAll()
	s.answers("backend", "/who", "dev shop 1 postgresql://dev:dev@db:5432/shop redis://cache:6379/0")
	s.contains("logs", s.ok("logs", "--service", "cache"), "Ready to accept connections")
	if got := s.states(); got != "db healthy running, cache healthy running, backend healthy running" {
		t.Errorf("health: %s", got)
	}
	s.contains("restart", s.ok("restart", "--service", "db", "--with-dependents"), "db restarted", "backend restarted")
	session.end()
	s.upAll()
	s.contains("the second up", s.ok("health"), "backend", "is healthy")
	s.stops("db", "cache", "backend")
}

// A service that needs the Docker socket is left out with a warning, and one that fails and that nobody needs stops no other.
func TestComposeWhatCannotBeHad(t *testing.T) {
	t.Parallel()
	s := composed(t, "leftout", "web:8000")
	const reason = "compose.yaml:10: services.portainer.volumes: cannot be had here: the Docker socket"
	if got, want := s.fails("config", "--project-path", s.project, "--check"), "services that cannot be had here:\n  portainer: "+reason; got != want {
		t.Errorf("config --check: %s", got)
	}
	s.contains("config", s.ok("config", "--project-path", s.project, "--format", "json"), `"left_out":`, reason)
	strict := *s
	strict.flags = append([]string{"--strict"}, s.flags...)
	if got, want := strict.fails("up", "--project-path", s.project), reason+": take the element out, or leave the service out with without-service --name portainer"; got != want {
		t.Errorf("--strict: %s", got)
	}
	if text := strict.ok("without-service", "--name", "portainer", "config", "--project-path", s.project, "--check"); strings.Contains(text, "portainer") {
		t.Errorf("without the service: %s", text)
	}
	session := s.upAll()
	s.contains("up", session.printed(), "portainer  left out", reason, "broken did not become healthy: it ended: exit code 7", "it breaks")
	if status, _ := s.get("web", "/"); status != 200 {
		t.Errorf("the service beside them: %d", status)
	}
	text := s.fails("health")
	s.contains("health", text, "exited (7)", "left out: portainer: "+reason, "is not healthy")
	s.contains("logs", s.ok("logs", "--service", "broken"), "it breaks", "broken ended before it was healthy: exit code 7")
	s.contains("restart", s.ok("restart", "--service", "web"), "web restarted") // the server's closed connections do not keep its port
	s.stops("web")
}
