package compose

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"dagger/stack/internal/spec"
)

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

// TestWithout: nothing in a service that is not wanted is an error, and it can be removed once; a name that the file does not have cannot.
func TestWithout(t *testing.T) {
	t.Parallel()
	p := loaded(t, "services:\n  web: {image: a, depends_on: [x]}\n  x: {image: b, privileged: true, volumes: ['/srv:/srv']}", Options{Without: []string{"x", "y"}})
	if got := fmt.Sprint(p.Names(), service(t, p, "web").DependsOn, p.LeftOut, p.Notes, p.Absent); got != "[web] [] [] [] [x]" {
		t.Error(got)
	}
	p, err := p.Remove("x")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"x", "y"} {
		if _, err := p.Remove(name); err == nil || err.Error() != fmt.Sprintf("service %q is not part of the stack: want one of web", name) {
			t.Errorf("%s: %v", name, err)
		}
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

// TestDatabasesAreWaitedFor: a client of a known database waits for it, unless the file has a health check that says when it is ready.
func TestDatabasesAreWaitedFor(t *testing.T) {
	t.Parallel()
	p := loaded(t, `services:
  web: {image: a, depends_on: [db, own, off, other]}
  db: {image: postgres, environment: {POSTGRES_PASSWORD: x}}
  own: {image: redis, healthcheck: {test: [CMD, 'true']}}
  off: {image: redis, healthcheck: {disable: true}}
  other: {image: b}`, Options{})
	var got []string
	for _, d := range service(t, p, "web").DependsOn {
		got = append(got, d.Service+" "+string(d.Condition))
	}
	if want := []string{"db ", "off started", "other started", "own started"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if notes := strings.Join(p.Notes, "\n"); !strings.Contains(notes, "compose.yaml:2: services.web.depends_on: web waits until db answers, and not only for its start") {
		t.Errorf("notes %s", notes)
	}
}

// TestNestedIncludes: what is included includes more, and each file's paths and variables are those of its own folder.
func TestNestedIncludes(t *testing.T) {
	t.Parallel()
	p := loaded(t, `include: [a/compose.yaml]
services: {web: {image: web, depends_on: [two]}}
-- a/compose.yaml --
include:
- path: b/compose.yaml
  env_file: ["y.env", z.env]
- {path: c/compose.yaml, project_directory: d}
services: {one: {image: "${A:-none}", volumes: ["./d:/d"]}}
-- a/.env --
A=a
-- a/y.env --
B=y
-- a/z.env --
C=z
-- a/b/compose.yaml --
services: {two: {image: "${A:-none}-${B:-none}-${C:-none}", extends: {file: base.yaml, service: base}, volumes: ["../e:/e"]}}
-- a/b/base.yaml --
services: {base: {volumes: ["./f:/f"]}}
-- a/c/compose.yaml --
services: {three: {image: "${D:-none}", volumes: ["./g:/g"]}}
-- a/d/.env --
D=d
`, Options{})
	var got []string
	for _, s := range p.Services {
		line := s.Name + "=" + s.Build.Image
		for _, m := range s.Container.Mounts {
			line += " " + m.Source
		}
		got = append(got, line)
	}
	slices.Sort(got)
	if want := "one=a a/d, three=d a/d/g, two=a-y-z a/b/f a/e, web=web"; strings.Join(got, ", ") != want {
		t.Errorf("%s, want %s", strings.Join(got, ", "), want)
	}
}

func TestSensitive(t *testing.T) {
	t.Parallel()
	for pair, want := range map[string]bool{
		"DB_PASSWORD=hunter22": true, "MYSQL_ROOT_PASSWORD=x1y2z3": true, "DB_PASS=abcd": true, "JWT_SECRET=aaaaaaaa": true, "API_TOKEN=t0ken": true,
		"AWS_ACCESS_KEY_ID=AKIA1234": true, "APP_KEY=base64:0123456789abcdef": true, "SECRET_KEY_BASE=0123456789abcdef0": true, "PIN_PASSWORD=123456": true,
		"DATABASE_URL=postgres://u:p@db/x": true, "BROKER=amqp://guest:guest@mq:5672//": true, "REDIS=redis://:pw@cache": true,
		"POSTGRES_PASSWORD=postgres": false, "TOKENIZERS_PARALLELISM=false": false, "MAX_TOKENS=4096": false, "PASSWORD_FILE=/run/secrets/x": false,
		"TOKEN_URL=https://example.com/token": false, "SORT_KEY=created": false, "URL=http://web:80/": false, "NAME=something-long-and-odd-123": false, "DB_PASSWORD=": false,
	} {
		name, value, _ := strings.Cut(pair, "=")
		if got := sensitive(name, value); got != want {
			t.Errorf("%s: %v", pair, got)
		}
	}
}

// TestHome: the caller's home folder is not the project's, whether this process has one or not.
func TestHome(t *testing.T) {
	for _, home := range []string{"", "/home/somebody"} {
		t.Setenv("HOME", home)
		_, err := Load(tree("services: {web: {image: a, volumes: ['~/.aws:/aws']}}"), Options{})
		if want := "compose.yaml:1: services.web.volumes: ~/.aws is outside of the project: copy it into the project"; err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("HOME=%s: %v, want %s", home, err, want)
		}
	}
}
