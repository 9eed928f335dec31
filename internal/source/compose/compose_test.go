package compose

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"dagger/stack/internal/spec"
)

// TestErrors: every bad file is an error with its line, and all that is wrong is said at once.
func TestErrors(t *testing.T) {
	t.Parallel()
	for _, r := range []struct {
		yaml string
		want string // the whole error
		opt  Options
	}{
		{yaml: "-- compose.yaml --", want: "compose.yaml: empty compose file"},
		{yaml: "[a, b]", want: "compose.yaml: top-level object must be a mapping"},
		{yaml: "services: {}", want: "compose.yaml: no service: want at least one below services"},
		{yaml: "services:\n\tweb:", want: "compose.yaml:2: no YAML: found character that cannot start any token"},
		{yaml: "services:\n  web: {image: a\n  two: b", want: "compose.yaml:2: no YAML: did not find expected ',' or '}'"},
		{yaml: "services:\n  web: *nowhere", want: "compose.yaml:2: no YAML: unknown anchor 'nowhere' referenced"},
		{yaml: "services:\n  web:\n    image: a\n    image: b", want: `compose.yaml:4: mapping key "image" already defined at line 3`},
		{yaml: "services:\n  web:\n    image: a\n    comand: b", want: "compose.yaml:4: services.web.comand: compose knows no such element: correct the name, or begin the name with x-"},
		{yaml: "services:\n  web:\n    image: a\nservice: {}", want: "compose.yaml:4: service: compose knows no such element: correct the name, or begin the name with x-"},
		{yaml: "services:\n  web:\n    image: a\n    healthcheck:\n      intervall: 1s", want: "compose.yaml:5: services.web.healthcheck.intervall: compose knows no such element: correct the name, or begin the name with x-"},
		{yaml: "services:\n  web:\n    image: a\n    healthcheck:\n      interval: 5 seconds", want: `compose.yaml:5: services.web.healthcheck.interval: time: unknown unit " seconds" in duration "5 seconds"`},
		{yaml: "services:\n  web:\n    image: a\n    healthcheck:\n      test: [curl]", want: `compose.yaml:5: healthcheck.test must start either by "CMD", "CMD-SHELL" or "NONE"`},
		{yaml: "services:\n  web:\n    image: a\n    mem_limit: lots", want: "compose.yaml:4: services.web.mem_limit: invalid size: 'lots'"},
		{yaml: "services:\n  web:\n    image: a\n    ports:\n    - 70000:80", want: "compose.yaml:5: Invalid hostPort: 70000"},
		{yaml: "services:\n  web:\n    image: a\n    depends_on:\n    - db", want: `compose.yaml:4: service "web" depends on undefined service "db"`},
		{yaml: "services:\n  web: {image: a, depends_on: [db]}\n  db: {image: b, profiles: [x]}", want: `compose.yaml:2: service "web" depends on undefined service "db", which is there with --profile x`},
		{yaml: "services:\n  db: {image: b, profiles: [x]}", want: "compose.yaml: no service is asked for: want one of the profiles with --profile: x"},
		{yaml: "services:\n  a: {image: a, depends_on: [b]}\n  b:\n    image: b\n    depends_on: [a]", want: "compose.yaml:2: dependency cycle detected: a -> b -> a"},
		{yaml: "services:\n  web: {image: a, volumes: ['data:/data']}", want: `compose.yaml:2: service "web" refers to undefined volume data`},
		{yaml: "services:\n  web: {image: a, networks: [net]}", want: `compose.yaml:2: service "web" refers to undefined network net`},
		{yaml: "services:\n  web:\n    command: a", want: `compose.yaml:2: service "web" has neither an image nor a build context specified`},
		{yaml: "services:\n  web:\n    image: ${IMAGE}", want: "compose.yaml:2: service \"web\" has neither an image nor a build context specified\ncompose.yaml:3: variable IMAGE is not set and counts as empty: give it with --env IMAGE=VALUE (the shell's variables are not seen)"},
		{yaml: "services:\n  web:\n    image: a\n    command: echo ${}", want: "compose.yaml:4: invalid interpolation format for services.web.command. echo ${}: write $$ for a $ that begins no variable"},
		{yaml: "services:\n  web:\n    image: ${IMAGE:?which one}\n    command: ${A:?} ${B?}\n  two:\n    image: a\n    ports: ['${PORT:?}:80']",
			want: "compose.yaml:3: variable IMAGE is required and has no value (which one): give it with --env IMAGE=VALUE, or in a file with --env-file or .env\n" +
				"compose.yaml:4: variable A is required and has no value: give it with --env A=VALUE, or in a file with --env-file or .env\n" +
				"compose.yaml:4: variable B is required and has no value: give it with --env B=VALUE, or in a file with --env-file or .env\n" +
				"compose.yaml:7: variable PORT is required and has no value: give it with --env PORT=VALUE, or in a file with --env-file or .env"},
		{yaml: "include: [other.yaml]\nservices: {web: {image: a}}", want: "compose.yaml:1: include: other.yaml is not there: want a file of the project"},
		{yaml: "include:\n- ../other.yaml", want: "compose.yaml:2: include: ../other.yaml is outside of the project: name the folder above with --project-path, and the compose file below it with --compose-file"},
		{yaml: "include:\n- https://example.com/a.git", want: "compose.yaml:2: include: https://example.com/a.git: only files of the project can be had: copy the file into the project"},
		{yaml: "include: [compose.yaml]", want: "compose.yaml: includes itself: compose.yaml includes compose.yaml"},
		{yaml: "services:\n  web:\n    extends: {file: base.yaml, service: a}", want: "compose.yaml:3: extends: base.yaml is not there: want a file of the project"},
		{yaml: "services:\n  web:\n    extends: base", want: `compose.yaml:3: cannot extend service "web" in compose.yaml: service "base" not found`},
		{yaml: "-- compose.yaml --\nservices: {web: {build: .}}\n-- Dockerfile --\n# syntax=docker/dockerfile:1\nFROM a\nCOPY --exclude=*.md . .", want: "Dockerfile:3: COPY --exclude: the engine's builder does not know it: name what is not wanted in .dockerignore"},
		{yaml: "-- compose.yaml --\nservices: {web: {build: .}}\n-- Dockerfile --\n# syntax=example/frontend:1\nFROM a", want: "Dockerfile:1: syntax example/frontend:1: the engine has Docker's own frontend alone"},
		{yaml: "x: &r\n  <<: {<<: *r}\nservices: *r", want: "compose.yaml:2: no YAML: an alias stands for something that it is part of itself"},
		{yaml: "-- compose.yaml --\nservices: {web: {image: a, env_file: bad.env}}\n-- bad.env --\nA=1\nB='x", want: "bad.env:2: unterminated quoted value 'x"},
		{yaml: "-- compose.yaml --\nservices: {web: {image: a}}\n-- .env --\nA B=1", want: ".env:1: key cannot contain a space"},
		{yaml: "services: {web: {image: a}}", opt: Options{Env: []string{"A"}}, want: `--env "A": want NAME=VALUE`},
		{yaml: "services: {web: {image: a}}", opt: Options{EnvFiles: []string{"no.env"}}, want: "--env-file no.env: is not there: want a file of the project"},
		{yaml: "services: {web: {image: a}}", opt: Options{Files: []string{"no.yaml"}}, want: "--compose-file no.yaml: is not there: want a file of the project"},
		{yaml: "services: {web: {image: a}}", opt: Options{Files: []string{"../no.yaml"}}, want: "--compose-file ../no.yaml: is outside of the project: name the folder above with --project-path, and the file below it with --compose-file"},
		{yaml: "-- README --", want: "the project has no compose file: want one of compose.yaml, compose.yml, docker-compose.yml, docker-compose.yaml, or name one with --compose-file"},
		{yaml: "services:\n  web: {image: a}\n  x: {image: b, privileged: true}\n  y: {image: b, network_mode: host}", opt: Options{Strict: true},
			want: "compose.yaml:3: services.x.privileged: cannot be had here: all rights on the machine: take the element out, or leave the service out with without-service --service x\n" +
				"compose.yaml:4: services.y.network_mode: cannot be had here: the network of the machine: take the element out, or leave the service out with without-service --service y"},
	} {
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
		{"services:\n  web:\n    image: a\n    dns: 1.1.1.1", "compose.yaml:4: services.web.dns"},
		{"x-base: &base\n  dns: 1.1.1.1\nservices:\n  web:\n    <<: *base\n    image: a", "compose.yaml:2: services.web.dns"},
		{"x-a: &a\n  dns: 1.1.1.1\nx-b: &b {image: c}\nservices:\n  web:\n    <<: [*b, *a]", "compose.yaml:2: services.web.dns"},
		{"services:\n  base: {image: a, profiles: [x], dns: 1.1.1.1}\n  web:\n    extends: base\n    profiles: !reset", "compose.yaml:2: services.web.dns"},
		{"-- b/base.yaml --\nservices:\n  base:\n    image: a\n    dns: 1.1.1.1\n-- compose.yaml --\nservices:\n  web: {extends: {file: b/base.yaml, service: base}}", "b/base.yaml:4: services.web.dns"},
		{"-- b/c.yaml --\nservices:\n  web:\n    image: a\n    dns: 1.1.1.1\n-- compose.yaml --\ninclude: [b/c.yaml]\nservices: {other: {image: b}}", "b/c.yaml:4: services.web.dns"},
		{"services:\n  web: {image: a, dns: 1.1.1.1}\n-- compose.override.yaml --\nservices:\n  web:\n    dns: 2.2.2.2", "compose.override.yaml:3: services.web.dns"},
		{"services:\n  web: {image: a}\n---\nservices:\n  web:\n    dns: 1.1.1.1", "compose.yaml:6: services.web.dns"},
		{"services:\n  web:\n    image: a\n    ports:\n    - 3000:3000\n    - 127.0.0.1:8080:80", "compose.yaml:6: services.web.ports"},
		{"services:\n  web:\n    image: a\n    environment:\n      A: 1\n      B:", "compose.yaml:6: services.web.environment"},
		{"services:\n  web:\n    image: a\n    environment:\n    - A=1\n    - B", "compose.yaml:6: services.web.environment"},
		{"services:\n  web:\n    image: a\n    command: >-\n      x\n      $A", "compose.yaml:4: variable A is not set"},
		{"services:\n  web:\n    image: a\n    dns: 1.1.1.1\n-- compose.override.yaml --\nservices:\n  web:\n    dns: !reset", ""},
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
	for _, name := range []string{".env.example", ".env.sample", ".env.template", ".env.dist", "env.example"} {
		p := loaded(t, "services: {web: {image: '${IMAGE:?}'}}\n-- "+name+" --\nIMAGE=x\n", Options{})
		if got := strings.Join(p.Notes, "\n"); got != name+": its values count, because there is no .env: copy the file and change what is yours" {
			t.Error(got)
		}
	}
	if p := loaded(t, "services: {web: {image: x}}\n-- .env.example --\nIMAGE=x\n", Options{}); len(p.Notes) > 0 {
		t.Error("nobody asked for the example:", p.Notes)
	}
}

// counted is a project that counts what is asked of it.
type counted struct {
	fstest.MapFS
	asked *[]string
}

func (c counted) ReadDir(name string) ([]fs.DirEntry, error) {
	*c.asked = append(*c.asked, "list "+name)
	return c.MapFS.ReadDir(name)
}

func (c counted) ReadFile(name string) ([]byte, error) {
	*c.asked = append(*c.asked, "read "+name)
	return c.MapFS.ReadFile(name)
}

// TestThrift: each listing and each file is a call to the engine, so nothing is asked for that nothing refers to, or twice.
func TestThrift(t *testing.T) {
	t.Parallel()
	var asked []string
	files := tree("services:\n  web: {build: app, env_file: [web.env], volumes: ['./data/x:/x']}\n  two: {extends: {file: base.yaml, service: a}}\n-- app/Dockerfile --\n-- web.env --\nA=1\n" +
		"-- base.yaml --\nservices: {a: {image: a, env_file: web.env}}\n-- data/x/y --\n-- other/z --\n")
	if _, err := Load(counted{files, &asked}, Options{}); err != nil {
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
	const files = "services:\n  web: {image: a, environment: {HERE: '${PWD}/x', B: 1, C: 2}, volumes: ['${PWD}/x:/x'], depends_on: [b, c, d]}\n  b: {image: a}\n  c: {image: a}\n  d: {image: a}"
	first := loaded(t, files, Options{})
	if got := text(service(t, first, "web").Process.Env[2].Value); got != "x" {
		t.Errorf("%q", got)
	}
	for range 5 {
		if again := loaded(t, files, Options{}); fmt.Sprint(flat(again.Services)) != fmt.Sprint(flat(first.Services)) {
			t.Error(flat(again.Services), flat(first.Services))
		}
	}
}

// TestInstances: a service of several instances is as many services, and its name stands for all of them.
func TestInstances(t *testing.T) {
	t.Parallel()
	p := loaded(t, `services:
  web: {image: a, scale: 2, ports: ['8080-8081:80', '9000:90'], volumes: ['/cache', 'data:/data']}
  client: {image: b, links: ['web:w'], depends_on: [web]}
volumes: {data: }`, Options{Name: "shop"})
	if got := fmt.Sprint(p.Names()); got != "[web-1 web-2 client]" {
		t.Fatal(got)
	}
	second := service(t, p, "web-2")
	if got := fmt.Sprint(second.InstanceOf, second.Ports, second.Container.Mounts[0].Source, second.Container.Mounts[1].Source); got != "web[{80 8081} {90 9000}]web-2-cachedata" {
		t.Error(got)
	}
	var names []string
	for _, host := range service(t, p, "client").Container.Hosts {
		names = append(names, host.Name+">"+host.Service)
	}
	if got := strings.Join(names, " "); got != "web>web-1 shop-web-1>web-1 web>web-2 shop-web-2>web-2 web.shop_default>web-1 web.shop_default>web-2 client>client client.shop_default>client shop-client-1>client w>web-1 w>web-2" {
		t.Error(got)
	}
	if got := service(t, p, "client").Needs(); !slices.Equal(got, []string{"web-1", "web-2"}) {
		t.Error(got)
	}
	resolved, err := p.Resolve()
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(resolved.Routes()); got != "[{8080 web-1 80} {9000 web-1 90} {8081 web-2 80} {9000 web-2 90}]" {
		t.Error(got)
	}
	if _, err := Load(tree("services:\n  web: {image: a, scale: 2}\n  web-1: {image: b}"), Options{}); err == nil ||
		err.Error() != "compose.yaml:2: services.web.scale: an instance would be called web-1, which is another service: rename that one" {
		t.Error(err)
	}
}

// TestProxies: what only a proxy on the Docker socket would have published is published itself.
func TestProxies(t *testing.T) {
	t.Parallel()
	p := loaded(t, `services:
  proxy: {image: 'traefik:v3', ports: ['80:80'], volumes: ['/var/run/docker.sock:/var/run/docker.sock:ro']}
  label: {image: a, labels: ['traefik.enable=true', 'traefik.http.services.x.loadbalancer.server.port=3000']}
  expose: {image: a, expose: [80], labels: {traefik.http.routers.x.rule: Host}}
  caddy: {image: a, labels: {caddy: x.localhost, caddy.reverse_proxy: '{{upstreams 3000}}'}}
  variable: {image: a, environment: {VIRTUAL_HOST: x, VIRTUAL_PORT: 5000}}
  published: {image: a, ports: ['8000:80'], labels: {traefik.enable: 'true'}}
  inner: {image: a, expose: [80]}`, Options{})
	if len(p.LeftOut) != 1 || p.LeftOut[0].Service != "proxy" {
		t.Error(p.LeftOut)
	}
	for name, want := range map[string]string{"label": "[{3000 3000}]", "expose": "[{80 8080}]", "caddy": "[{3000 3001}]", "variable": "[{5000 5000}]", "published": "[{80 8000}]", "inner": "[{80 0}]"} {
		if got := fmt.Sprint(service(t, p, name).Ports); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
	if got := strings.Join(p.Notes, "\n"); !strings.Contains(got, "compose.yaml:3: services.label: is published as 3000 itself, because proxy is left out") {
		t.Error(got)
	}
}

// TestWithout: nothing in a service that is not wanted is an error.
func TestWithout(t *testing.T) {
	t.Parallel()
	p := loaded(t, "services:\n  web: {image: a, depends_on: [x]}\n  x: {image: b, privileged: true, volumes: ['/srv:/srv']}", Options{Without: []string{"x"}})
	if got := fmt.Sprint(p.Names(), service(t, p, "web").DependsOn, p.LeftOut, p.Notes); got != "[web] [] [] []" {
		t.Error(got)
	}
}

func TestPreStart(t *testing.T) {
	t.Parallel()
	p := loaded(t, "services:\n  web: {image: a, depends_on: [db], environment: {A: 1}, volumes: ['data:/data'], pre_start: [{command: [one]}, {image: c, command: [two], environment: {B: 2}}]}\n  db: {image: b}\nvolumes: {data: }", Options{})
	if got := fmt.Sprint(p.Names()); got != "[web-pre-start-1 web-pre-start-2 web db]" {
		t.Fatal(got)
	}
	second := service(t, p, "web-pre-start-2")
	lines := strings.Join(flat(second), "\n")
	for _, want := range []string{"Build.Image=c", "Process.Args[0]=two", "Process.Env[1]=B=2", "Mode=job", "DependsOn[1].Service=web-pre-start-1", "Container.Mounts[0].Source=data"} {
		if !strings.Contains(lines, want) {
			t.Errorf("no %s in\n%s", want, lines)
		}
	}
}

func TestHasCode(t *testing.T) {
	t.Parallel()
	for yaml, want := range map[string]bool{
		"build: {context: ., dockerfile_inline: FROM a}":                                                    true,
		"build: https://github.com/example/app.git":                                                         false,
		"image: node\nvolumes: ['.:/work']\nworking_dir: /work":                                             true,
		"image: node\nvolumes: ['./api:/srv/api']\nworking_dir: /srv/api":                                   true,
		"image: node\nvolumes: ['./api:/x']\ncommand: node /x/server.js":                                    true,
		"image: php\nvolumes: ['./src:/var/www/html']":                                                      true,
		"image: nginx\nvolumes: ['./nginx.conf:/etc/nginx/nginx.conf:ro']":                                  false,
		"image: postgres\nvolumes: ['./init:/docker-entrypoint-initdb.d', './pg:/var/lib/postgresql/data']": false,
		"image: mysql\nvolumes: ['data:/var/lib/mysql', './my.cnf:/etc/my.cnf']":                            false,
	} {
		if got := HasCode(loaded(t, row{yaml: yaml}.whole()+"volumes: {data: }\n", Options{})); got != want {
			t.Errorf("%s: %v", yaml, got)
		}
	}
}

// TestRecipe: postgres and redis are known by their images, with the login that the file says.
func TestRecipe(t *testing.T) {
	t.Parallel()
	p := loaded(t, `services:
  db: {image: 'pgvector/pgvector:pg16', environment: {POSTGRES_USER: me, POSTGRES_PASSWORD: 'p@ss', POSTGRES_DB: shop}, volumes: ['pg:/var/lib/postgresql/data']}
  cache: {image: 'redis:7', command: 'redis-server --requirepass s3cret --appendonly yes', volumes: ['rd:/data']}
volumes: {pg: , rd: }`, Options{})
	db, cache := service(t, p, "db"), service(t, p, "cache")
	if got := text(db.Probe.URL); got != "postgresql://me:p%40ss@<address>:5432/shop?sslmode=disable" {
		t.Error(got)
	}
	if got := text(cache.Probe.URL); got != "redis://:s3cret@<address>:6379/0" {
		t.Error(got)
	}
	if db.Backup == nil || cache.Backup == nil || !db.Container.Mounts[0].Exclusive || db.Mode != spec.ModeContainer {
		t.Errorf("%+v %+v", db, cache)
	}
}
