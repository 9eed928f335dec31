package e2e

import (
	"os/exec"
	"strings"
	"testing"
)

// installs are projects of the kinds that are the most frequent, with packages that come from the index by each package manager, and what
// their services answer.
var installs = []struct {
	name, kinds       string
	files             map[string]string
	without           []string
	backend, frontend string // what is in the answer to /; "" for no such service
	script            string // a file that the frontend's page loads, and what is in it
	loads             string
}{
	{
		name: "uv and pnpm", kinds: "a path dependency inside of the project; a member in apps/, and a package that it is made of and that is built before",
		without: []string{"postgres", "redis"},
		backend: "installed by uv", frontend: "installed by pnpm", script: "/main.js", loads: "packages/ui/dist/index.js",
		files: map[string]string{
			"backend/pyproject.toml":   "[project]\nname = \"shop\"\nversion = \"1\"\nrequires-python = \">=3.11\"\ndependencies = [\"sanic\", \"shop-lib\"]\n[tool.uv.sources]\nshop-lib = { path = \"../libs/lib\" }\n",
			"libs/lib/pyproject.toml":  "[project]\nname = \"shop-lib\"\nversion = \"1\"\n[build-system]\nrequires = [\"setuptools\"]\nbuild-backend = \"setuptools.build_meta\"\n",
			"libs/lib/shop_lib.py":     "hello = 'installed by uv'\n",
			"backend/server.py":        "from sanic import Sanic, text\nfrom shop_lib import hello\n\napp = Sanic('shop')\n\n@app.get('/')\nasync def index(request):\n    return text(hello)\n",
			"package.json":             `{"private":true,"packageManager":"pnpm@10.15.0"}`,
			"pnpm-workspace.yaml":      "packages:\n  - apps/*\n  - packages/*\n",
			"apps/web/package.json":    `{"name":"web","type":"module","scripts":{"dev":"vite"},"dependencies":{"@shop/ui":"workspace:*"},"devDependencies":{"vite":"^7"}}`,
			"apps/web/index.html":      "<p>installed by pnpm</p><script type=module src=/main.js></script>\n",
			"apps/web/main.js":         "import { hello } from '@shop/ui'\ndocument.title = hello\n",
			"packages/ui/package.json": `{"name":"@shop/ui","type":"module","main":"./dist/index.js","scripts":{"build":"mkdir -p dist && cp src/index.js dist/"}}`,
			"packages/ui/src/index.js": "export const hello = 'built before'\n",
		},
	},
	{
		name: "yarn", kinds: "a server in web/; a flag for a file of variables that no clone has",
		without: []string{"postgres", "redis"}, backend: "installed by yarn",
		files: map[string]string{
			"web/package.json": `{"packageManager":"yarn@4.9.2","scripts":{"dev":"node --env-file=.env server.js"},"dependencies":{"express":"^5"}}`,
			"web/server.js":    "require('express')().get('/', (q, a) => a.send('installed by yarn')).listen(5000)\n",
		},
	},
	{
		name: "npm", kinds: "one script that starts both side by side; a Dockerfile that copies what is made outside of it",
		without: []string{"postgres", "redis"}, backend: "installed by npm", frontend: "side by side",
		files: map[string]string{
			"package.json": `{"scripts":{"dev":"concurrently -k \"npm run server\" \"npm run client\"","server":"nodemon server/main.js","client":"vite"},
				"dependencies":{"express":"^5"},"devDependencies":{"vite":"^7","nodemon":"^3","concurrently":"^9"}}`,
			"server/main.js": "require('express')().get('/', (q, a) => a.send('installed by npm')).listen(process.env.PORT)\n",
			"index.html":     "<p>side by side</p>\n",
			"Dockerfile":     "FROM node:22-alpine\nCOPY dist/api api\nCMD [\"node\", \"api\"]\n",
		},
	},
	{
		name: "pip", kinds: "a Dockerfile without a command; one in a folder that copies what the root has",
		without: []string{"postgres", "redis"}, backend: "installed by pip", frontend: "built from the root",
		files: map[string]string{
			"backend/Dockerfile":       "FROM python:3.11-slim\nWORKDIR /app\nCOPY requirements.txt .\nRUN pip install -r requirements.txt\nCOPY . .\n",
			"backend/requirements.txt": "fastapi\nuvicorn\n",
			"backend/app/__init__.py":  "",
			"backend/app/main.py":      "from fastapi import FastAPI\n\napp = FastAPI()\n\n@app.get('/')\ndef index():\n    return 'installed by pip'\n",
			"frontend/Dockerfile":      "FROM node:22-alpine\nWORKDIR /app\nCOPY package.json /app/\nRUN npm install\nCOPY . /app/\nEXPOSE 3000\nCMD [\"node\", \"frontend/server.js\"]\n",
			"frontend/server.js":       "require('polka')().get('/', (q, a) => a.end('built from the root')).listen(3000)\n",
			"package.json":             `{"dependencies":{"polka":"^0.5"}}`,
		},
	},
	{
		name: "poetry", kinds: "the driver of the database in an extra", without: []string{"redis"}, backend: "installed by poetry",
		files: map[string]string{
			"backend/pyproject.toml": "[tool.poetry]\npackage-mode = false\n[tool.poetry.dependencies]\npython = \"^3.11\"\nflask = \"^3\"\npsycopg = { version = \"^3.2\", extras = [\"binary\"], optional = true }\n[tool.poetry.extras]\npgsql = [\"psycopg\"]\n",
			"backend/app.py": `import os

import psycopg
from flask import Flask

app = Flask(__name__)


@app.get("/")
def index():
    with psycopg.connect(os.environ["DATABASE_URL"]) as database:
        return database.execute("SELECT 'installed by ' || 'poetry'").fetchone()[0]
`,
		},
	},
}

func TestInstalls(t *testing.T) {
	t.Parallel()
	for _, row := range installs {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			s := newStack(t, "tests/fixtures/plain")
			if row.name == "poetry" {
				row.files["backend/pyproject.toml"] += poetrySource(t)
			}
			s.project = project(t, row.files)
			var call []string
			for _, name := range row.without {
				call = append(call, "without-service", "--name", name)
			}
			session := s.begin(append(call, "up", "--project-path", s.project, "up")...)
			for service, want := range map[string]string{"backend": row.backend, "frontend": row.frontend} {
				if want == "" {
					continue
				}
				session.untilListens(s.ports[service])
				if status, got := s.get(service, "/"); status != 200 || !strings.Contains(got, want) {
					t.Errorf("%s: the %s answers %d %q, want %q", row.kinds, service, status, got, want)
				}
			}
			if row.script != "" {
				if status, got := s.get("frontend", row.script); status != 200 || !strings.Contains(got, row.loads) {
					t.Errorf("%s: %s is answered with %d %q, want %q", row.kinds, row.script, status, got, row.loads)
				}
			}
			session.end()
		})
	}
}

// poetrySource tells Poetry to ask the index that pip asks, as pip does: of the public index Poetry wants documents of its own, which a
// mirror may not have.
func poetrySource(t *testing.T) string {
	t.Helper()
	out, err := exec.Command(python(t), "-c", `
from pip._internal.commands import create_command
print(create_command("install").parser.get_default_values().index_url)`).Output()
	if err != nil {
		t.Fatal(err)
	}
	return "[[tool.poetry.source]]\nname = \"index\"\nurl = \"" + strings.TrimSpace(string(out)) + "\"\npriority = \"primary\"\n"
}
