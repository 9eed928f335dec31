package detect

import (
	"strings"
	"testing"
)

// Whoever reads an error should not have to mend one thing to be told of the next.
func TestFaultsAtOnce(t *testing.T) {
	t.Parallel()
	reads := "import os\nfrom fastapi import FastAPI\napp = FastAPI()\nkey = os.environ[\"STRIPE_KEY\"]\n"
	for _, row := range []struct {
		name    string
		files   files
		flags   Flags
		want    []string // lines of the error, in this order, as they begin
		missing string
	}{
		{name: "a language and a folder that holds nothing", files: files{"backend/Cargo.toml": "", "frontend/notes.txt": ""},
			want: []string{"Rust (backend/Cargo.toml): add a Dockerfile", `no frontend in "frontend"`}},
		{name: "no application and no script", files: files{"backend/requirements.txt": "fastapi", "backend/lib.py": "", "frontend/package.json": `{"dependencies":{}}`},
			want: []string{`cannot tell how the backend in "backend" is started`, `cannot tell how the frontend in "frontend" is started`}},
		{name: "versions of both, and a variable", files: files{"backend/.python-version": "2.7", "backend/requirements.txt": "fastapi", "backend/main.py": reads,
			"frontend/package.json": `{"engines":{"node":">=99"},"scripts":{"dev":"vite"},"devDependencies":{"vite":"6"}}`},
			want: []string{`backend/.python-version asks for Python "2.7"`, "frontend/package.json asks for Node"}, missing: "STRIPE_KEY"},
		{name: "a version and no application", files: files{"backend/.python-version": "2.7", "backend/requirements.txt": "fastapi", "backend/lib.py": ""}.with(web),
			want: []string{`backend/.python-version asks for Python "2.7"`, `cannot tell how the backend in "backend" is started`}},
		{name: "a version and no script", files: files{"frontend/.nvmrc": "99", "frontend/package.json": `{"dependencies":{}}`}.with(api),
			want: []string{`frontend/.nvmrc asks for Node "99"`, `cannot tell how the frontend in "frontend" is started`}},
		{name: "a path that leads out of the project, and no application", files: files{"backend/requirements.txt": "fastapi\n-e ../../lib", "backend/lib.py": ""},
			want: []string{"backend/requirements.txt needs ../../lib", `cannot tell how the backend in "backend" is started`}},
		{name: "a manifest that cannot be read, and a variable of the other", files: files{"backend/requirements.txt": "fastapi\nuvicorn", "backend/main.py": reads, "frontend/package.json": "{"},
			want: []string{"cannot read frontend/package.json"}, missing: "STRIPE_KEY"},
		{name: "folders that are not there", flags: Flags{BackendDir: "core", FrontendDir: "site", Env: []string{"1A"}}, files: api,
			want: []string{`no folder "core" for the backend`, `no folder "site" for the frontend`, `env "1A": want NAME=VALUE`}},
		{name: "a Dockerfile that cannot be built, and no script", files: files{"backend/Dockerfile": "FROM alpine\nCOPY dist /srv\nCMD x", "frontend/package.json": `{"dependencies":{}}`},
			want: []string{"backend/Dockerfile is passed over", `cannot tell how the frontend`}},
		{name: "a root that cannot be read is told of once", files: files{"package.json": "{"}, want: []string{"cannot read package.json"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			p, err := Join(row.files.fs(), Databases("shop"), row.flags)
			if err == nil {
				t.Fatal("no error")
			}
			got := strings.Split(err.Error(), "\n")
			if len(got) != len(row.want) {
				t.Fatalf("%d lines, want %d:\n%v", len(got), len(row.want), err)
			}
			for i, want := range row.want {
				if !strings.HasPrefix(got[i], want) {
					t.Errorf("line %d is %q, want %q", i, got[i], want)
				}
			}
			missing := ""
			for _, m := range p.Missing {
				missing += m.Name
			}
			if missing != row.missing {
				t.Errorf("missing are %q, want %q", missing, row.missing)
			}
		})
	}
}
