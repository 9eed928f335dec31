package e2e

import (
	"strings"
	"testing"
)

// TestGoProgram: a program in Go as people write it: it takes in pages that another build makes, says its port by a flag's default, ends
// without a file .env, has a name of its own for the database, and leaves its migrations to golang-migrate, which it does not name.
func TestGoProgram(t *testing.T) {
	t.Parallel()
	s := newStack(t, "tests/fixtures/plain")
	s.project = project(t, map[string]string{
		"go.mod":                        "module example.com/shop\n\ngo 1.26\n\nrequire github.com/lib/pq v1.10.9\n",
		"db/migrations/1_things.up.sql": "CREATE TABLE things (name text); INSERT INTO things VALUES ('migrated');\n",
		"main.go": `package main

import (
	"flag"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"

	"example.com/shop/godotenv"
	"example.com/shop/ui"
)

const url = "postgres://me:x@db:5432/app"

var port = flag.Int("port", 4000, "where to listen")

func main() {
	flag.Parse()
	variables, err := godotenv.Read()
	if err != nil {
		panic(err)
	}
	pages, _ := fs.Sub(ui.Pages, "build")
	http.HandleFunc("/found", func(w http.ResponseWriter, _ *http.Request) {
		db, _ := net.LookupHost("db")
		postgres, _ := net.LookupHost("postgres")
		fmt.Fprintf(w, "%s; db is postgres: %t; DB_HOST is %s", variables, fmt.Sprint(db) == fmt.Sprint(postgres) && len(db) > 0, os.Getenv("DB_HOST"))
	})
	http.Handle("/", http.FileServerFS(pages))
	panic(http.ListenAndServe(fmt.Sprintf(":%d", *port), nil))
}
`,
		"godotenv/read.go": "package godotenv\n\nimport \"os\"\n\nfunc Read() (string, error) { data, err := os.ReadFile(\".env\"); return string(data), err }\n",
		".env.example":     "DB_HOST=127.0.0.1\nGREETING=hello\n", ".gitignore": ".env\nbuild\n",
		"ui/pages.go":     "package ui\n\nimport \"embed\"\n\n//go:embed build/*\nvar Pages embed.FS\n",
		"ui/package.json": `{"scripts":{"build":"mkdir -p build && echo built by $npm_lifecycle_event > build/index.html"}}`,
	})
	session := s.up()
	if got := s.ok("exec", "--service", "postgres", "--command", "psql -U postgres -tAc 'SELECT name FROM things' app"); got != "migrated\n" {
		t.Errorf("the table has %q", got)
	}
	if _, got := session.get("backend", "/"); got != "built by build\n" {
		t.Errorf("the pages are %q", got)
	}
	_, got := session.get("backend", "/found")
	for _, want := range []string{"DB_HOST='postgres'\n", "GREETING='hello'\n", "db is postgres: true", "DB_HOST is postgres"} {
		if !strings.Contains(got, want) {
			t.Errorf("the program found %q, want %q in it", got, want)
		}
	}
}

// TestInstalls: packages come from the index by uv, pnpm and yarn.
func TestInstalls(t *testing.T) {
	t.Parallel()
	without := []string{"without-service", "--name", "postgres", "without-service", "--name", "redis"}
	t.Run("uv and pnpm", func(t *testing.T) {
		t.Parallel()
		s := newStack(t, "tests/fixtures/plain")
		s.project = project(t, map[string]string{
			"backend/pyproject.toml":     "[project]\nname = \"shop\"\nversion = \"1\"\nrequires-python = \">=3.11\"\ndependencies = [\"sanic\", \"shop-lib\"]\n[tool.uv.sources]\nshop-lib = { path = \"lib\" }\n",
			"backend/lib/pyproject.toml": "[project]\nname = \"shop-lib\"\nversion = \"1\"\n[build-system]\nrequires = [\"setuptools\"]\nbuild-backend = \"setuptools.build_meta\"\n",
			"backend/lib/shop_lib.py":    "hello = 'installed by uv'\n",
			"backend/server.py":          "from sanic import Sanic, text\nfrom shop_lib import hello\n\napp = Sanic('shop')\n\n@app.get('/')\nasync def index(request):\n    return text(hello)\n",
			"frontend/package.json":      `{"packageManager":"pnpm@10.15.0","scripts":{"dev":"vite"},"devDependencies":{"vite":"^7"}}`,
			"frontend/index.html":        "<p>installed by pnpm</p>\n",
		})
		session := s.begin(append(without, "up", "--project-path", s.project, "up")...)
		session.untilListens(s.ports["backend"])
		session.untilListens(s.ports["frontend"])
		if _, got := session.get("backend", "/"); got != "installed by uv" {
			t.Errorf("the backend says %q", got)
		}
		_, page := session.get("frontend", "/")
		s.contains("the frontend", page, "installed by pnpm")
	})
	t.Run("yarn", func(t *testing.T) {
		t.Parallel()
		s := newStack(t, "tests/fixtures/plain")
		s.project = project(t, map[string]string{
			"package.json": `{"packageManager":"yarn@4.9.2","scripts":{"start":"node server.js"},"dependencies":{"polka":"^0.5"}}`,
			"server.js":    "require('polka')().get('/', (q, a) => a.end('installed by yarn')).listen(process.env.PORT)\n",
		})
		session := s.begin(append(without, "up", "--project-path", s.project, "up")...)
		session.untilListens(s.ports["backend"])
		if _, got := session.get("backend", "/"); got != "installed by yarn" {
			t.Errorf("the backend says %q", got)
		}
	})
}
