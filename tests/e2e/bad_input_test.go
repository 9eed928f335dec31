package e2e

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// What a user may get wrong, and the whole error that they then read. Nothing is started by any of it.

// mistake is a call that must fail. In want, STACK stands for the stack's name and TIME for the time.
type mistake struct {
	name string
	call []string
	want string
}

var moment = regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ`)

func (s *stack) refuse(t *testing.T, mistakes []mistake) {
	for _, m := range mistakes {
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			own := *s
			own.TB, own.T = t, t
			want := strings.ReplaceAll(m.want, "STACK", s.name)
			got, _, _ := strings.Cut(own.fails(m.call...), "\nRun 'dagger ") // the CLI's own hint
			got = moment.ReplaceAllString(got, "TIME")
			if got != want {
				t.Errorf("the error is\n%s\nand not\n%s", got, want)
			}
		})
	}
}

func TestBadInputOfTheConstructor(t *testing.T) {
	t.Parallel()
	// Flags of the constructor come before the function: newStack's would be given twice.
	in := func(flags ...string) []string { return append(flags, "redis") }
	s := &stack{TB: t, T: t, bare: true, project: t.TempDir()}
	s.refuse(t, []mistake{
		{"name", in("--name", "No Good"), `stack name "No Good": want 1 to 40 characters of a-z, 0-9 and "-"`},
		{"long name", in("--name", strings.Repeat("a", 41)), `stack name "` + strings.Repeat("a", 41) + `": want 1 to 40 characters of a-z, 0-9 and "-"`},
		{"port 0", in("--postgres-port", "0"), `port 0 of postgres: want 1 to 65535 for --postgres-port`},
		{"negative port", in("--redis-port", "-1"), `port -1 of redis: want 1 to 65535 for --redis-port`},
		{"large port", in("--frontend-port", "65536"), `port 65536 of frontend: want 1 to 65535 for --frontend-port`},
		{"port twice", in("--redis-port", "8000"), `port 8000 is given to both redis and backend: give one of them another, with --redis-port or --backend-port`},
		{"API port", in("--api-port", "65536"), `port 65536 of api: want 1 to 65535 for --api-port`},
		{"API port twice", in("--api-port", "3000"), `port 3000 is given to both frontend and api: give one of them another, with --frontend-port or --api-port`},
		{"port is a word", in("--redis-port", "many"), `invalid argument "many" for "--redis-port" flag: strconv.ParseInt: parsing "many": invalid syntax`},
		{"webhook", in("--webhook", "hooks.example.com"), `--webhook: want the URL of a server that takes a POST, such as https://hooks.example.com/stack`},
		{"restart policy", in("--restart", "sometimes"), `restart policy "sometimes": want no, on-failure or always for --restart`},
		{"on unhealthy", in("--on-unhealthy", "reboot"), `"reboot": want none or restart for --on-unhealthy`},
		{"health path", in("--backend-health-path", "healthz"), `health path "healthz" of backend: want one that begins with "/", e.g. /healthz, for --backend-health-path`},
		{"health URL", in("--frontend-health-path", "http://localhost/"), `health path "http://localhost/" of frontend: want one that begins with "/", e.g. /healthz, for --frontend-health-path`},
		{"no image", in("--redis-image", ""), `image "" of redis: invalid reference format: want one such as redis:7-alpine for --redis-image`},
		{"bad image", in("--postgres-image", "Postgres:15"), `image "Postgres:15" of postgres: invalid reference format: repository name (library/Postgres) must be lowercase: want one such as postgres:15-alpine for --postgres-image`},
		{"no such flag", in("--stack", "x"), `unknown flag: --stack`},
		{"no such function", []string{"start"}, `unknown command "start" for "dagger call"`},
	})
}

const noSecret = "want env://NAME of a variable that is set, file://PATH, cmd://COMMAND or op://…, for --db-password, --redis-password, --secret-key and with-secret"

func TestBadInputOfUp(t *testing.T) {
	t.Parallel()
	empty, other := t.TempDir(), t.TempDir()
	os.WriteFile(filepath.Join(other, "notes.txt"), []byte("nothing to run"), 0o644)
	missing, plain := filepath.Join(empty, "missing"), filepath.Join(root, "tests/fixtures/plain")
	for _, m := range []mistake{ // each with a stack of its own: some get as far as to start a service
		{"no such flag", []string{"up", "--project", "."}, `unknown flag: --project`},
		{"missing project", []string{"up", "--project-path", missing}, `failed to get value for argument "project-path": failed to get snapshot: failed to snapshot: failed to receive stat message: rpc error: code = NotFound desc = get full root path: rpc error: code = NotFound desc = eval symlinks: lstat ` + missing + `: no such file or directory`},
		{"empty project", []string{"up", "--project-path", empty}, `the project's directory is empty: name one that holds a backend or a frontend with --project-path`},
		{"nothing to run", []string{"up", "--project-path", other}, `no backend and no frontend in the project: looked for the folders backend/, api/, server/, frontend/, web/, client/ and ui/, and for Dockerfile, go.mod, requirements.txt, pyproject.toml, Pipfile, manage.py and package.json in them and in the root; found notes.txt: name the folders with --backend-dir and --frontend-dir`},
		{"publish format", []string{"publish", "--project-path", plain, "--registry", "registry.example.com/shop", "--format", "xml"}, `format "xml": want text or json`},
		{"backend folder", []string{"--backend-dir", "nope", "up", "--project-path", plain}, `no folder "nope" for the backend: the project has backend/: name one of its folders with --backend-dir`},
		{"frontend folder", []string{"--frontend-dir", "nope", "up", "--project-path", plain}, `no folder "nope" for the frontend: the project has backend/: name one of its folders with --frontend-dir`},
		{"backend folder outside", []string{"--backend-dir", "../..", "up", "--project-path", plain}, `--backend-dir "../.." is not a folder of the project: want a path below it, such as "backend"`},
		{"command with a shell", []string{"--backend-command", "a | b", "up", "--project-path", plain}, `command "a | b" needs a shell: give one program and its arguments, or wrap it as sh -c '…'`},
		{"command with an open quote", []string{"--backend-command", "python 'main.py", "up", "--project-path", plain}, `command "python 'main.py" needs a shell: give one program and its arguments, or wrap it as sh -c '…'`},
		{"no such command", []string{"--backend-command", "nope", "up", "--project-path", plain}, "backend did not become healthy: it ended: it cannot be started: command \"nope\": not found, or not executable by the service's user; its last lines:\n" +
			"  [stack] backend ended before it was healthy: it cannot be started: command \"nope\": not found, or not executable by the service's user"},
		{"image", []string{"--postgres-image", "postgres:nope", "up", "--project-path", plain}, `postgres: build failed: failed to resolve image "docker.io/library/postgres:nope" (platform: "linux/amd64"): docker.io/library/postgres:nope: not found`},
		{"no frontend", []string{"frontend", "--project-path", plain}, `the project has no frontend: the stack consists of postgres, redis, backend`},
		{"smoke of nothing", []string{"smoke", "--project-path", empty}, `the project's directory is empty: name one that holds a backend or a frontend with --project-path`},
		{"password that is no secret", []string{"--db-password", "hunter2", "up", "--project-path", plain}, `a secret that the stack was given cannot be read: secret env var not found: "hun...": ` + noSecret},
		{"password of no variable", []string{"--db-password", "env://NO_SUCH_VARIABLE", "up", "--project-path", plain}, `a secret that the stack was given cannot be read: secret env var not found: "NO_...": ` + noSecret},
	} {
		newStack(t, "tests/fixtures/plain").refuse(t, []mistake{m})
	}
}

// Calls about a stack that nobody has ever started.
func TestBadInputWithoutAStack(t *testing.T) {
	t.Parallel()
	never := `stack "STACK" never ran on this engine: start it with dagger call --name STACK up --project-path . up`
	s := newStack(t, "tests/fixtures/plain")
	s.refuse(t, []mistake{
		{"logs", []string{"logs"}, never},
		{"health", []string{"health"}, never},
		{"health waits", []string{"health", "--wait", "1s"}, never},
		{"status", []string{"status", "health"}, never},
		{"restart", []string{"restart", "--service", "redis"}, never},
		{"stop", []string{"stop"}, never},
		{"backup", []string{"backup", "size"}, never},
		{"exec", []string{"exec", "--service", "backend", "--command", "true"}, never},
		{"shell", []string{"shell", "--service", "backend", "terminal"}, never},
		{"copy from", []string{"copy-from", "--service", "backend", "--path", "/tmp", "entries"}, never},
		{"top", []string{"top"}, never},
		{"kill", []string{"kill", "--service", "backend"}, never},
		{"pause", []string{"pause"}, never},
		{"events", []string{"events"}, never},
		{"snapshots", []string{"snapshots"}, never},
		{"name of a snapshot", []string{"snapshot", "--name", "a b"}, `the name "a b" of a snapshot: want 1 to 32 letters, digits, dots and hyphens, the first a letter or a digit`},
		{"number of clones", []string{"clone", "--name", "clean", "--count", "0"}, `count 0: want 1 to 500 databases`},
		{"restore", []string{"restore", "--from", filepath.Join(root, "main.go")}, `the file is not a backup of a stack: want one that the function backup has written`},
		{"restore of nothing", []string{"restore", "--from", filepath.Join(root, "missing")}, `failed to get value for argument "from": stat missing: no such file or directory`},
		{"restore without a file", []string{"restore"}, `required flag(s) "from" not set`},
		{"reset", []string{"reset"}, `this drops the data, the logs and the generated secrets of stack "STACK" for good: confirm with --confirm STACK`},
		{"reset of another", []string{"reset", "--confirm", "other"}, `this drops the data, the logs and the generated secrets of stack "STACK" for good: confirm with --confirm STACK`},
	})
}

func TestBadInputOfARunningStack(t *testing.T) {
	t.Parallel()
	s := plain(t)
	s.up()
	unknown := `service "web" is not part of the stack: want one of postgres, redis, backend`
	t.Run("calls", func(t *testing.T) {
		s.refuse(t, actMistakes())
		s.refuse(t, []mistake{
			{"health of another", []string{"health", "--service", "web"}, unknown},
			{"health waits", []string{"health", "--wait", "soon"}, `wait "soon": want a duration such as 60s`},
			{"health waits backwards", []string{"health", "--wait", "-1s"}, `wait "-1s": want a duration such as 60s`},
			{"health format", []string{"health", "--format", "xml"}, `format "xml": want text or json`},
			{"restart what", []string{"restart"}, `required flag(s) "service" not set`},
			{"restart nothing", []string{"restart", "--service", ""}, `which service? Name it with --service`},
			{"restart another", []string{"restart", "--service", "web"}, unknown},
			{"restart the frontend", []string{"restart", "--service", "frontend"}, `service "frontend" is not part of the stack: want one of postgres, redis, backend`},
			{"restart timeout", []string{"restart", "--service", "redis", "--timeout", "soon"}, `timeout "soon": want a duration such as 60s`},
			{"restart no time", []string{"restart", "--service", "redis", "--timeout", "0s"}, `timeout "0s": want a duration such as 60s`},
			{"reset while it runs", []string{"reset", "--confirm", s.name}, `stack "STACK" is running (backend, postgres, redis): end it first with dagger call --name STACK stop`},
			{"logs of another", []string{"logs", "--service", "web"}, unknown},
			{"logs tail", []string{"logs", "--tail", "0"}, `tail 0: want 1 to 10000 lines, or all`},
			{"logs long tail", []string{"logs", "--tail", "10001"}, `tail 10001: want 1 to 10000 lines, or all`},
			{"logs tail is a word", []string{"logs", "--tail", "many"}, `tail "many": want a number of lines, or all`},
			{"logs stream", []string{"logs", "--stream", "both"}, `stream "both": want stdout or stderr`},
			{"logs format", []string{"logs", "--format", "xml"}, `format "xml": want text or json`},
			{"logs grep", []string{"logs", "--grep", "("}, "grep \"(\": missing closing ): `(`: want an RE2 expression (golang.org/s/re2syntax)"},
			{"logs since", []string{"logs", "--since", "soon"}, `since "soon": want a duration such as 10m or 1h30m, or a time such as TIME`},
			{"logs until", []string{"logs", "--until", "never"}, `until "never": want a duration such as 10m or 1h30m, or a time such as TIME`},
			{"logs since after until", []string{"logs", "--since", "1m", "--until", "2m"}, `until "2m" is before since "1m"`},
		})
	})
	s.ok("health") // none of it has hurt
}
