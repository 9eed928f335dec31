package detect

import "testing"

func TestPythonVersions(t *testing.T) {
	t.Parallel()
	of := func(f files) files { return api.with(f) }
	requires := func(asked string) files {
		return api.with(files{"backend/pyproject.toml": "[project]\nrequires-python='" + asked + "'\n"})
	}
	poetry := func(asked string) files {
		return api.with(files{"backend/pyproject.toml": "[tool.poetry.dependencies]\npython='" + asked + "'\n"})
	}
	ended := "\nnote backend/pyproject.toml asks for Python 3.10, which gets no security fixes any more"
	check(t, []detection{
		{name: "default", files: api, want: "backend build python:3.11-slim"},
		{name: "the default fits", files: requires(">=3.8"), want: "backend build python:3.11-slim"},
		{name: "the oldest that fits", files: requires(">=3.12,<3.14"), want: "backend build python:3.12-slim"},
		{name: "a patch version at least", files: requires(">=3.12.4"), want: "backend build python:3.12-slim"},
		{name: "compatible", files: requires("~=3.13.1"), want: "backend build python:3.13-slim"},
		{name: "compatible from", files: requires("~=3.9"), want: "backend build python:3.11-slim"},
		{name: "one release", files: requires("==3.14.*"), want: "backend build python:3.14-slim"},
		{name: "one version", files: requires("==3.12.4"), want: "backend build python:3.12.4-slim"},
		{name: "not after", files: requires(">=3.12,<=3.12"), want: "backend build python:3.12-slim"},
		{name: "not those", files: requires(">=3.11,!=3.11.*,!=3.12.*"), want: "backend build python:3.13-slim"},
		{name: "without support only", files: requires(">=3.8,<3.11"), want: "backend build python:3.10-slim" + ended},
		{name: "none", files: requires(">=3.20"), err: `backend/pyproject.toml asks for Python ">=3.20": known are 3.11, 3.12, 3.13, 3.14 and 3.15, and without support 3.7, 3.8, 3.9 and 3.10: ask for one of them, or add a Dockerfile`},
		{name: "nonsense", files: requires("three"), err: `asks for Python "three": known are`},
		{name: "Poetry's caret", files: poetry("^3.12"), want: "backend build python:3.12-slim"},
		{name: "Poetry's tilde", files: poetry("~3.13"), want: "backend build python:3.13-slim"},
		{name: "Poetry's range", files: poetry(">=3.10,<4.0"), want: "backend build python:3.11-slim"},
		{name: "Poetry's or", files: poetry("^3.13 || ~3.12.1"), want: "backend build python:3.12-slim"},
		{name: "Poetry's star", files: poetry("*"), want: "backend build python:3.11-slim"},
		{name: ".python-version", files: of(files{"backend/.python-version": "# x\n3.13\n"}), want: "backend build python:3.13-slim"},
		{name: ".python-version of a patch", files: of(files{"backend/.python-version": "3.13.2"}), want: "backend build python:3.13.2-slim"},
		{name: ".python-version of uv", files: of(files{"backend/.python-version": "cpython@3.12"}), want: "backend build python:3.12-slim"},
		{name: ".python-version with a platform", files: of(files{"backend/.python-version": "cpython-3.12.4-linux-x86_64-gnu"}), want: "backend build python:3.12.4-slim"},
		{name: ".python-version of a range", files: of(files{"backend/.python-version": ">=3.12,<3.13"}), want: "backend build python:3.12-slim"},
		{name: ".python-version of 3", files: of(files{"backend/.python-version": "3"}), want: "backend build python:3.11-slim"},
		{name: ".python-version before pyproject.toml", files: requires(">=3.12").with(files{"backend/.python-version": "3.14"}), want: "backend build python:3.14-slim"},
		{name: ".python-version of the root", files: of(files{".python-version": "3.12"}), want: "backend build python:3.12-slim"},
		{name: ".python-version of an ended release", files: of(files{"backend/.python-version": "3.9"}), want: "backend build python:3.9-slim\nnote backend/.python-version asks for Python 3.9, which gets no security fixes any more"},
		{name: ".python-version of an environment", files: of(files{"backend/.python-version": "shop-env"}), want: "backend build python:3.11-slim\nnote backend/.python-version names \"shop-env\", which is not a version of Python: it is left aside"},
		{name: ".python-version of PyPy", files: of(files{"backend/.python-version": "pypy3.10-7.3"}), err: `backend/.python-version asks for Python "pypy3.10-7.3": known are`},
		{name: ".python-version of a preview", files: of(files{"backend/.python-version": "3.15-dev"}), err: `asks for Python "3.15-dev"`},
		{name: ".python-version of 2.7", files: of(files{"backend/.python-version": "2.7.18"}), err: `asks for Python "2.7.18"`},
		{name: ".python-version of 4", files: of(files{"backend/.python-version": "4"}), err: `asks for Python "4"`},
		{name: ".tool-versions", files: of(files{".tool-versions": "# x\nnodejs 24\npython 3.12.1 3.11 # y\n"}), want: "backend build python:3.12.1-slim"},
	})
}

func TestNodeVersions(t *testing.T) {
	t.Parallel()
	engines := func(asked string) files {
		return files{"frontend/package.json": `{"scripts":{"dev":"vite"},"engines":{"node":"` + asked + `"}}`}
	}
	of := func(f files) files { return web.with(f) }
	check(t, []detection{
		{name: "the default fits", files: engines(">=18"), want: "frontend build node:22-alpine", not: "note frontend"},
		{name: "a minor version at least", files: engines("^20.19.0 || >=22.12.0"), want: "frontend build node:22-alpine"},
		{name: "the oldest with support that fits", files: engines(">=23"), want: "frontend build node:24-alpine"},
		{name: "one release", files: engines("26.x"), want: "frontend build node:26-alpine"},
		{name: "a bare number", files: engines("24"), want: "frontend build node:24-alpine"},
		{name: "a version", files: engines("22.5.1"), want: "frontend build node:22.5.1-alpine"},
		{name: "a minor version", files: engines("~22.5.0"), want: "frontend build node:22.5-alpine"},
		{name: "hyphen", files: engines("24 - 26"), want: "frontend build node:24-alpine"},
		{name: "any", files: engines("*"), want: "frontend build node:22-alpine"},
		{name: "without support only", files: engines(">=18 <21"), want: "frontend build node:20-alpine\nnote frontend/package.json asks for Node 20, which gets no security fixes any more"},
		{name: "none", files: engines(">=30"), err: `frontend/package.json asks for Node ">=30": known are 22, 24 and 26, and without support 12, 14, 16, 17, 18, 19, 20, 21, 23 and 25: ask for one of them, or add a Dockerfile`},
		{name: "not a range", files: engines("latest"), want: "frontend build node:22-alpine\nnote frontend/package.json asks for Node \"latest\", which is not a range of versions: it is left aside"},
		{name: "not a range that can be read", files: engines("node16"), err: `asks for Node "node16"`},
		{name: ".nvmrc", files: of(files{"frontend/.nvmrc": "v24\n"}), want: "frontend build node:24-alpine"},
		{name: ".nvmrc of a version", files: of(files{"frontend/.nvmrc": "v24.11.1"}), want: "frontend build node:24.11.1-alpine"},
		{name: ".nvmrc of a name", files: of(files{"frontend/.nvmrc": "lts/Krypton"}), want: "frontend build node:24-alpine"},
		{name: ".nvmrc of the newest", files: of(files{"frontend/.nvmrc": "lts/*"}), want: "frontend build node:26-alpine"},
		{name: ".nvmrc of an ended release", files: of(files{".nvmrc": "18"}), want: "frontend build node:18-alpine\nnote .nvmrc asks for Node 18, which gets no security fixes any more"},
		{name: ".nvmrc before engines", files: engines(">=24").with(files{"frontend/.nvmrc": "22"}), want: "frontend build node:22-alpine"},
		{name: ".nvmrc of an unknown name", files: of(files{"frontend/.nvmrc": "lts/unobtainium"}), err: `frontend/.nvmrc asks for Node "lts/unobtainium": known are`},
		{name: ".nvmrc of an unknown version", files: of(files{"frontend/.nvmrc": "99"}), err: `asks for Node "99"`},
		{name: ".node-version", files: of(files{"frontend/.node-version": "26.1.0"}), want: "frontend build node:26.1.0-alpine"},
		{name: ".tool-versions", files: of(files{"frontend/.tool-versions": "nodejs 24.1.0"}), want: "frontend build node:24.1.0-alpine"},
		{name: "devEngines", files: files{"frontend/package.json": `{"scripts":{"dev":"vite"},"devEngines":{"runtime":[{"name":"bun"},{"name":"node","version":"^24"}]}}`}, want: "frontend build node:24-alpine"},
		{name: "devEngines of another", files: files{"frontend/package.json": `{"scripts":{"dev":"vite"},"devEngines":{"runtime":{"name":"bun"}}}`}, want: "frontend build node:22-alpine"},
		{name: "devEngines of another form", files: files{"frontend/package.json": `{"scripts":{"dev":"vite"},"devEngines":7}`}, want: "frontend build node:22-alpine"},
	})
}
