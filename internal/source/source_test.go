package source

import (
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"
)

func files(pairs ...string) fstest.MapFS {
	fsys := fstest.MapFS{}
	for i := 0; i < len(pairs); i += 2 {
		fsys[pairs[i]] = &fstest.MapFile{Data: []byte(pairs[i+1])}
	}
	return fsys
}

const (
	images = "services:\n  db: {image: 'postgres:15-alpine', environment: {POSTGRES_PASSWORD: x}}\n  mail: {image: axllent/mailpit}\n"
	built  = "services:\n  web: {build: .}\n"
	python = "fastapi\nuvicorn\n"
	app    = "from fastapi import FastAPI\napp = FastAPI()\n"
)

// Which of the project's files count.
func TestRead(t *testing.T) {
	t.Parallel()
	code := []string{"backend/requirements.txt", python, "backend/main.py", app}
	for _, c := range []struct {
		name  string
		files fs.FS
		kind  Kind
		names string
		from  string
	}{
		{"a compose file that builds is the stack", files(append(code, "compose.yaml", built, "Dockerfile", "FROM a\nCMD b")...), Auto, "web", "compose.yaml"},
		{"detection beside such a file", files(append(code, "compose.yaml", built)...), Detect, "postgres redis backend", "detection"},
		{"no compose file", files(code...), Auto, "postgres redis backend", "detection"},
		{"images are joined by the project's code", files(append(code, "compose.yaml", images)...), Auto, "db mail backend", "compose.yaml, and detection for the project's own code"},
		{"images alone, as asked", files(append(code, "compose.yaml", images)...), Compose, "db mail", "compose.yaml"},
		{"a file that .env names, with the variables of the same .env", files(".env", "COMPOSE_FILE=deploy/stack.yaml\nNAME=web", "deploy/stack.yaml", "services:\n  web: {image: '${NAME:?}'}\n"), Compose, "web", "deploy/stack.yaml"},
		{"a file for developers, where none has the usual name", files(append(code, "docker-compose.dev.yml", built, "Dockerfile", "FROM a\nCMD b")...), Auto, "web", "docker-compose.dev.yml"},
		{"one that is meant to lie over another", files(append(code, "docker-compose.dev.yml", "services: {a: {image: x, depends_on: [db]}}")...), Auto, "postgres redis backend", "detection"},
		{"a file for developers beside one with the usual name", files(append(code, "docker-compose.dev.yml", built, "compose.yaml", images)...), Auto, "db mail backend", "compose.yaml, and detection for the project's own code"},
		{"the project's own image is its code", files(append(code, "pyproject.toml", "[project]\nname = 'mailpit'\n", "compose.yaml", images)...), Auto, "db mail", "compose.yaml"},
		{"a module of a major version", files(append(code, "go.mod", "module example.com/mailpit/v2\n", "compose.yaml", images)...), Auto, "db mail", "compose.yaml"},
		{"an example that is called as what it shows", files(append(code, "pyproject.toml", "[project]\nname = 'minio'\n", "compose.yaml", "services:\n  s: {image: minio/minio}\n")...), Auto, "s backend", "compose.yaml, and detection for the project's own code"},
		{"an official image", files(append(code, "package.json", `{"name":"neo4j"}`, "compose.yaml", "services:\n  n: {image: 'neo4j:5'}\n")...), Auto, "n backend", "compose.yaml, and detection for the project's own code"},
		{"an image that only the local Docker has", files("Dockerfile", "FROM a\nCMD b", "go.mod", "module example.com/shop\n", "compose.yaml", "services:\n  web: {image: shop}\n"), Auto, "web", "compose.yaml"},
		{"an official image with a tag", files("Dockerfile", "FROM a\nCMD b", "main.go", "package main", "go.mod", "module example.com/shop\n", "compose.yaml", "services:\n  web: {image: 'shop:2'}\n"), Auto, "web backend", "compose.yaml, and detection for the project's own code"},
		{"the one file of a folder, where nothing else is known", files("backend/deploy.sh", "", "backend/web/Dockerfile", "FROM a\nCMD b", "backend/compose.yaml", "services:\n  web: {build: web}\n"), Auto, "web", "backend/compose.yaml"},
		{"the file of a folder, beside code", files(append(code, "deploy/compose.yaml", images)...), Auto, "postgres redis backend", "detection"},
		{"an image of another name is not", files(append(code, "package.json", `{"name":"@shop/mail"}`, "compose.yaml", images)...), Auto, "db mail backend", "compose.yaml, and detection for the project's own code"},
		{"an image with the name of what would be found", files(append(code, "compose.yaml", strings.ReplaceAll(images, "mail:", "backend:"))...), Auto, "db backend", "compose.yaml"},
		{"images without any code", files("docker-compose.yml", images), Auto, "db mail", "docker-compose.yml"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, err := Read(c.files, c.files, "shop", Options{Kind: c.kind})
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.Join(p.Names(), " "); got != c.names || p.Source != c.from || p.Name != "shop" {
				t.Errorf("%s from %q, want %s from %q", got, p.Source, c.names, c.from)
			}
		})
	}
}

// The backend finds the file's database under the file's name.
func TestJoined(t *testing.T) {
	t.Parallel()
	fsys := files("backend/requirements.txt", python, "backend/main.py", app, "compose.yaml", images)
	p, err := Read(fsys, fsys, "shop", Options{Kind: Auto})
	if err == nil {
		p, err = p.Resolve()
	}
	if err != nil {
		t.Fatal(err)
	}
	backend, _ := p.Service("backend")
	if got := strings.Join(backend.Needs(), " "); got != "db mail" {
		t.Errorf("the backend needs %s", got)
	}
	for _, v := range backend.Process.Env {
		if v.Name == "DATABASE_URL" && strings.Contains(v.Value.String(), "@db:5432/") {
			return
		}
	}
	t.Errorf("no DATABASE_URL of db in %+v", backend.Process.Env)
}

func TestRefused(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		files fs.FS
		kind  Kind
		want  string
	}{
		{"no compose file", files("backend/main.py", app), Compose, "no compose file: looked for compose.yaml, "},
		{"code that is not understood", files("compose.yaml", images, "backend/package.json", "{}"), Auto, "compose.yaml has no service that is made from the project, so the project's own code is looked for: "},
		{"nothing", files("a.txt", ""), Auto, "no backend and no frontend in the project"},
	} {
		if _, err := Read(c.files, c.files, "shop", Options{Kind: c.kind}); err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s", c.name, err, c.want)
		}
	}
	if err := CheckKind("docker"); err == nil || err.Error() != `source "docker": want auto, compose or detect for --source` {
		t.Error(err)
	}
}
