package compose

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// TestErrors: every bad file is an error with its line, and all that is wrong is said at once.
func TestErrors(t *testing.T) {
	t.Parallel()
	for _, r := range badFiles {
		_, err := Load(tree(r.yaml), r.opt)
		if err == nil || err.Error() != r.want {
			t.Errorf("%s\n got %v\nwant %s", r.yaml, err, r.want)
		}
	}
}

// TestLines: a note names the line where its element is written, however the element came to its service.
func TestLines(t *testing.T) {
	t.Parallel()
	for _, r := range []struct{ yaml, want string }{
		{"services:\n  web:\n    image: a\n    isolation: 1.1.1.1", "compose.yaml:4: services.web.isolation"},
		{"x-base: &base\n  isolation: 1.1.1.1\nservices:\n  web:\n    <<: *base\n    image: a", "compose.yaml:2: services.web.isolation"},
		{"x-a: &a\n  isolation: 1.1.1.1\nx-b: &b {image: c}\nservices:\n  web:\n    <<: [*b, *a]", "compose.yaml:2: services.web.isolation"},
		{"services:\n  base: {image: a, profiles: [x], isolation: 1.1.1.1}\n  web:\n    extends: base\n    profiles: !reset", "compose.yaml:2: services.web.isolation"},
		{"-- b/base.yaml --\nservices:\n  base:\n    image: a\n    isolation: 1.1.1.1\n-- compose.yaml --\nservices:\n  web: {extends: {file: b/base.yaml, service: base}}", "b/base.yaml:4: services.web.isolation"},
		{"-- b/c.yaml --\nservices:\n  web:\n    image: a\n    isolation: 1.1.1.1\n-- compose.yaml --\ninclude: [b/c.yaml]\nservices: {other: {image: b}}", "b/c.yaml:4: services.web.isolation"},
		{"services:\n  web: {image: a, isolation: 1.1.1.1}\n-- compose.override.yaml --\nservices:\n  web:\n    isolation: 2.2.2.2", "compose.override.yaml:3: services.web.isolation"},
		{"services:\n  web: {image: a}\n---\nservices:\n  web:\n    isolation: 1.1.1.1", "compose.yaml:6: services.web.isolation"},
		{"services:\n  web:\n    image: a\n    ports:\n    - 3000:3000\n    - 127.0.0.1:8080:80", "compose.yaml:6: services.web.ports"},
		{"services:\n  web:\n    image: a\n    environment:\n      A: 1\n      B:", "compose.yaml:6: services.web.environment"},
		{"services:\n  web:\n    image: a\n    environment:\n    - A=1\n    - B", "compose.yaml:6: services.web.environment"},
		{"services:\n  web:\n    image: a\n    command: >-\n      x\n      $A", "compose.yaml:4: variable A is not set"},
		{"services:\n  web:\n    image: a\n    isolation: 1.1.1.1\n-- compose.override.yaml --\nservices:\n  web:\n    isolation: !reset", ""},
		{"services: {a: {image: a, cgroup: host, userns_mode: host}}", "compose.yaml:1: services.a.cgroup: no effect: there is no Docker daemon that would do it\ncompose.yaml:1: services.a.userns_mode: no"},
		{"x-a: &a {image: a, isolation: 1.1.1.1}\nservices: {c: *a, web: *a, b: *a}", "compose.yaml:1: services.b.isolation and of 2 other services: no effect"},
	} {
		p := loaded(t, r.yaml, Options{})
		if got := strings.Join(p.Notes, "\n"); !strings.HasPrefix(got, r.want) || r.want == "" && got != "" {
			t.Errorf("%s\n got %s\nwant %s", r.yaml, got, r.want)
		}
	}
}

func TestFind(t *testing.T) {
	t.Parallel()
	for _, r := range []struct{ yaml, want string }{
		{"-- README --", "[] false"},
		{"-- compose.override.yaml --", "[] false"},
		{"-- docker-compose.yml --\n-- docker-compose.override.yml --", "[docker-compose.yml docker-compose.override.yml] true"},
		{"-- docker-compose.yml --\n-- compose.yaml --\n-- compose.override.yaml --", "[compose.yaml compose.override.yaml] true"},
		{"-- compose.yaml --\n-- .env --\nCOMPOSE_FILE=a.yaml:./b/c.yaml", "[a.yaml b/c.yaml] true"},
		{"-- .env --\nCOMPOSE_PATH_SEPARATOR=,\nCOMPOSE_FILE=a.yaml,b.yaml", "[a.yaml b.yaml] true"},
		{"-- compose.yaml/ --", "[] false"},
		{"-- compose.yaml --\n-- .env --\nA=$B", "[compose.yaml] true"},
	} {
		files, ok := Find(tree(r.yaml))
		if got := fmt.Sprint(files, ok); got != r.want {
			t.Errorf("%s: %s, want %s", r.yaml, got, r.want)
		}
	}
}

// TestEnvironment: who wins where a variable is given more than once.
func TestEnvironment(t *testing.T) {
	t.Parallel()
	const files = `services:
  web: {image: a, environment: {V: "${V}", W: "${W-none}"}}
  debug: {image: a, profiles: [debug]}
-- .env --
V=dotenv
COMPOSE_PROFILES=debug
COMPOSE_PROJECT_NAME=named
-- a.env --
V=a
W=a
-- b.env --
V=b
-- .env.example --
V=example
W=example
-- deploy/prod.yaml --
services:
  web: {image: a, environment: {V: "${V}", W: "${W-none}"}}
-- deploy/.env --
V=deploy
W=deploy`
	for _, r := range []struct {
		opt  Options
		want string
	}{
		{Options{}, "named V=dotenv W=none [web debug]"},
		{Options{Env: []string{"V=given, with a comma", "COMPOSE_PROFILES="}}, "named V=given, with a comma W=none [web]"},
		{Options{EnvFiles: []string{"a.env", "b.env"}}, "default V=b W=a [web]"},
		{Options{EnvFiles: []string{"a.env"}, Env: []string{"V=given"}, Name: "mine"}, "mine V=given W=a [web]"},
		{Options{Profiles: []string{"*"}}, "named V=dotenv W=none [web debug]"},
		{Options{Files: []string{"deploy/prod.yaml"}}, "default V=deploy W=deploy [web]"},
		{Options{Env: []string{"COMPOSE_FILE=deploy/prod.yaml"}}, "named V=dotenv W=deploy [web]"},
		{Options{Env: []string{"COMPOSE_DISABLE_ENV_FILE=1", "V=x"}}, "default V=x W=none [web]"},
	} {
		p := loaded(t, files, r.opt)
		got := p.Name
		for _, v := range service(t, p, "web").Process.Env {
			got += " " + v.Name + "=" + text(v.Value)
		}
		if got += fmt.Sprint(" ", p.Names()); got != r.want {
			t.Errorf("%+v: %s, want %s", r.opt, got, r.want)
		}
	}
}

// TestExample: a fresh clone has no .env, but an example of it.
func TestExample(t *testing.T) {
	t.Parallel()
	for _, name := range []string{".env.example", ".env.sample", ".env.template", ".env.dist", "env.example", ".env-example", "env_sample", "example.env", ".example.env"} {
		p := loaded(t, "services: {web: {image: '${IMAGE:?}'}}\n-- "+name+" --\nIMAGE=x\n", Options{})
		if got := strings.Join(p.Notes, "\n"); got != name+": its values count, because .env is missing: copy the file and change what is yours" {
			t.Error(got)
		}
	}
	if p := loaded(t, "services: {web: {image: x}}\n-- .env.example --\nIMAGE=x\n", Options{}); len(p.Notes) > 0 {
		t.Error("nobody asked for the example:", p.Notes)
	}
}

// asking is a project that counts what is asked of it.
type asking struct {
	fstest.MapFS
	asked *[]string
}

func (c asking) ReadDir(name string) ([]fs.DirEntry, error) {
	*c.asked = append(*c.asked, "list "+name)
	return c.MapFS.ReadDir(name)
}

func (c asking) ReadFile(name string) ([]byte, error) {
	*c.asked = append(*c.asked, "read "+name)
	return c.MapFS.ReadFile(name)
}

// TestThrift: each listing and each file is a call to the engine, so nothing is asked for that nothing refers to, or twice.
func TestThrift(t *testing.T) {
	t.Parallel()
	var asked []string
	files := tree("services:\n  web: {build: app, env_file: [web.env], volumes: ['./data/x:/x']}\n  two: {extends: {file: base.yaml, service: a}}\n-- app/Dockerfile --\n-- web.env --\nA=1\n" +
		"-- base.yaml --\nservices: {a: {image: a, env_file: web.env}}\n-- data/x/y --\n-- other/z --\n")
	if _, err := Load(asking{files, &asked}, Options{}); err != nil {
		t.Fatal(err)
	}
	slices.Sort(asked)
	if got := strings.Join(asked, ", "); got != "list ., list app, list data, read app/Dockerfile, read base.yaml, read compose.yaml, read web.env" {
		t.Error(got)
	}
}

// TestStable: the same files are the same project, to the letter: what the engine caches depends on it.
func TestStable(t *testing.T) {
	t.Parallel()
	const files = "services:\n  web: {image: a, command: [run, '${PWD}/x'], environment: {HERE: '${PWD}/x', B: '${D}', C: '${D} again'}, volumes: ['${PWD}/x:/x'], depends_on: [b, c, d]}\n  b: {image: a}\n  c: {image: a}\n  d: {image: a}"
	first := loaded(t, files, Options{})
	if got := text(service(t, first, "web").Process.Env[2].Value); got != "x" {
		t.Errorf("%q", got)
	}
	for range 9 {
		if again := loaded(t, files, Options{}); fmt.Sprint(flat(again.Services), again.Notes) != fmt.Sprint(flat(first.Services), first.Notes) {
			t.Error(flat(again.Services), again.Notes, flat(first.Services), first.Notes)
		}
	}
}

// TestName: the user's name of the stack wins, and a note says so.
func TestName(t *testing.T) {
	t.Parallel()
	const file = "name: shop\nservices: {web: {image: a}}"
	for _, r := range []struct {
		yaml, name string
		want       string
	}{
		{file, "", "shop []"},
		{file, "shop", "shop []"},
		{file, "mine", "mine [compose.yaml:1: name: no effect: the stack is called mine: for another name give --name shop before the function, in each call]"},
		{file + "\n-- .env --\nCOMPOSE_PROJECT_NAME=other", "", "other []"},
		{"services: {web: {image: a}}\n-- .env --\nCOMPOSE_PROJECT_NAME=other", "mine", "mine [COMPOSE_PROJECT_NAME has no effect: the stack is called mine: for another name give --name other before the function, in each call]"},
		{"services: {web: {image: a}}", "", "default []"},
		{"name: My Project! 2_b\nservices: {web: {image: a}}", "mine", "mine [compose.yaml:1: name: no effect: the stack is called mine: for another name give --name my-project-2-b before the function, in each call]"},
		{"name: ${X:-shop}\nservices: {web: {image: a}}", "mine", "mine [compose.yaml:1: name: no effect: the stack is called mine: for another name give --name NAME before the function, in each call]"},
	} {
		if p := loaded(t, r.yaml, Options{Name: r.name}); fmt.Sprint(p.Name, p.Notes) != strings.Replace(r.want, " [", "[", 1) {
			t.Errorf("%s: %s %v, want %s", r.yaml, p.Name, p.Notes, r.want)
		}
	}
}
