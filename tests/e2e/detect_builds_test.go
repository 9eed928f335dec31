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
