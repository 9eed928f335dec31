package detect

import (
	"math/rand/v2"
	"path"
	"strings"
	"testing"

	"dagger/stack/internal/shell"
)

// What random trees are made of: names that mean something here, and texts that nearly mean something.
var (
	fuzzDirs  = []string{".", "backend", "api", "frontend", "web", "src", "app", "cmd", "cmd/a", "backend/src", "backend/app", "backend/cmd/server", "frontend/src", ".git", "node_modules"}
	fuzzNames = []string{
		"Dockerfile", ".dockerignore", "go.mod", "go.work", "main.go", "requirements.txt", "pyproject.toml", "uv.lock", "poetry.lock", "manage.py", "main.py", "app.py",
		"__init__.py", ".flaskenv", ".python-version", ".nvmrc", ".tool-versions", "package.json", "package-lock.json", "pnpm-lock.yaml", "pnpm-workspace.yaml", "yarn.lock", "server.js", "index.js",
	}
	fuzzTexts = []string{
		"", "{}", "[]", "null", "{", "FROM x AS y\nFROM y\nEXPOSE $A ${B:-1} 70000\nCOPY backend/ .\n", "FROM\nEXPOSE", "*\n!backend", "module x\ngo 1.30\nreplace y => ../z\n", "package main\n", "go 1.24\nuse ./backend\n",
		"-r requirements.txt\n-r ../x\n-e .\nfastapi[all\nx @ \n@\n-e\n#\n", "flask\nuvicorn", "[project]\nname='x'\nrequires-python='>=3.12'\ndependencies=['x']\n", "[tool.uv]\nrequired-version=''\n[tool.uv.workspace]\nmembers=['[','*']\n[tool.uv.sources]\nx={path='y'}\n",
		"[tool.poetry]\nrequires-poetry='2'\n[tool.poetry.dependencies]\npython='^3'\n", "[[package]]\nname='x'\nsource={editable='y'}\n", "app = FastAPI()\n", "def create_app(a=1, *, b=2): return Flask(x)\n", "from . import x\nimport django\napp: Flask = Flask(\n",
		"FLASK_APP=x", "3.12", "3", "<", "lts/*", "v99.1.2.3", "nodejs >=22\npython x", "lockfileVersion: '9.0'\n", "packages:\n  - '*'\n- [", "\n__metadata:\n  version: 6\n", "\xff\xfe\x00",
		`{"scripts":{"dev":"vite","start":"npm run start","prepare":"x"},"devDependencies":{"vite":"file:../x"}}`, `{"scripts":{"dev":"A=1 cross-env npx","start":"npm run dev"},"workspaces":["*","!x","["]}`,
		`{"scripts":{"start":"cross-env A=1"},"dependencies":{"express":"*"},"packageManager":"yarn@"}`, `{"scripts":{"dev":"a && b & next > x"},"dependencies":{"next":1},"engines":{"node":">=x <"},"main":"../../.."}`, `{"main":"/","engines":{"node":""},"volta":{"node":"^"}}`,
	}
)

// FuzzProject makes small trees of a seed and one text, and sees that they are understood or refused, without a panic.
func FuzzProject(f *testing.F) {
	for seed := range uint64(400) {
		f.Add(seed, fuzzTexts[seed%uint64(len(fuzzTexts))], "", "")
	}
	f.Add(uint64(1), "x", "../x", "go run")
	f.Add(uint64(2), "x", "backend", "python x.py")
	f.Fuzz(func(t *testing.T, seed uint64, text, dir, command string) {
		random := rand.New(rand.NewPCG(seed, 1))
		tree := files{}
		for range random.IntN(14) {
			name := path.Join(fuzzDirs[random.IntN(len(fuzzDirs))], fuzzNames[random.IntN(len(fuzzNames))])
			tree[name] = fuzzTexts[random.IntN(len(fuzzTexts))]
			if random.IntN(4) == 0 {
				tree[name] = text
			}
		}
		words, err := shell.Split(command)
		if err == nil && len(words) == 0 {
			t.Fatalf("%q is no command and no error", command)
		}
		result, err := Project(tree.fs(), Options{BackendDir: dir, BackendCommand: words, Production: seed%2 == 1})
		if err != nil {
			if strings.TrimSpace(err.Error()) == "" {
				t.Fatal("an error without a text")
			}
			return
		}
		if result.Backend == nil && result.Frontend == nil {
			t.Fatalf("nothing found and no error in %v", tree)
		}
		for _, s := range []*Service{result.Backend, result.Frontend} {
			if s == nil {
				continue
			}
			if (s.Build.Image == "") == (s.Build.Dockerfile == "") || s.Build.Dockerfile == "" && len(s.Command) == 0 || s.Port < 1 || len(s.HealthPaths) == 0 || s.Kind == "" {
				t.Fatalf("half a service %+v in %v", s, tree)
			}
			for _, step := range s.Build.Steps {
				if len(step.Command) == 0 {
					t.Fatalf("a step without a command in %+v", s)
				}
			}
		}
		_, _ = DockerIgnore(tree.fs(), "backend")
	})
}
