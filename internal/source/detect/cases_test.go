package detect

import "testing"

// Each row is the smallest project of a kind that was understood wrongly.

func TestRolesByContent(t *testing.T) {
	t.Parallel()
	next := `{"scripts":{"dev":"next dev"},"dependencies":{"next":"15","@prisma/client":"6"},"devDependencies":{"prisma":"6"}}`
	check(t, []detection{
		{name: "pages with a database are the backend", files: files{"package.json": next, "prisma/schema.prisma": ""},
			want: `backend kind Next.js (npm)
				backend run next dev -H 0.0.0.0 -p 8000
				backend step 1 [prisma/** *.prisma prisma.config.* package.json] npx --no-install prisma generate
				no frontend`},
		{name: "in a folder for frontends", files: files{"frontend/package.json": next}, want: "backend dir frontend\nno frontend"},
		{name: "beside a backend they are the frontend", files: files{"frontend/package.json": next}.with(api), want: "backend dir backend\nfrontend dir frontend\nfrontend kind Next.js"},
		{name: "a folder called web with a server", want: "backend dir web\nbackend kind Dockerfile\nbackend port 5000\nno frontend",
			files: files{"web/Dockerfile": "FROM node:22\nCOPY . .\nCMD [\"npm\",\"start\"]\n", "web/server.js": "app.listen(5000)",
				"web/package.json": `{"scripts":{"start":"node server.js"},"dependencies":{"express":"4"}}`}},
		{name: "a folder called server with pages", files: files{"server/package.json": vite}, want: "no backend\nfrontend dir server"},
		{name: "Python whose packages are named above", want: "backend dir backend\nbackend kind Django (pip)\nbackend in /app/backend\nbackend build python:3.13-slim of . to /app\nbackend step 1 [] pip install django>=5\nfrontend dir frontend",
			files: files{"pyproject.toml": "[project]\nrequires-python='>=3.13'\ndependencies=['django>=5']", "backend/manage.py": "import django", "frontend/package.json": vite}},
		{name: "Python above that configures tools alone", want: "backend build python:3.11-slim of backend to /app",
			files: files{"pyproject.toml": "[tool.ruff]", "backend/manage.py": "import django"}},
		{name: "without a server for its data Python may make files", want: "backend scratch true", files: files{"requirements.txt": "django", "manage.py": "import django"}},
		{name: "with one it may not", want: "backend scratch false", files: files{"requirements.txt": "django\npsycopg2-binary", "manage.py": "import django"}},
		{name: "Flask has a folder for its instance", want: "backend scratch true", files: files{"requirements.txt": "flask\npsycopg2-binary", "app.py": "app = Flask(__name__)"}},
		{name: "Node with a server for its data may not make files", want: "backend scratch false", files: files{"package.json": `{"scripts":{"start":"node a.js"},"dependencies":{"express":"5","pg":"8"}}`, "a.js": ""}},
		{name: "Node with a database in a file may", want: "backend scratch true", files: files{"package.json": `{"scripts":{"start":"node a.js"},"dependencies":{"express":"5","drizzle-orm":"1","@libsql/client":"1"}}`, "a.js": ""}},
		{name: "Go without one may", want: "backend scratch true", files: files{"go.mod": "module x\n", "main.go": "package main"}},
		{name: "Go with one may not", want: "backend scratch false", files: files{"go.mod": "module x\nrequire github.com/jackc/pgx/v5 v5.7.0\n", "main.go": "package main"}},
		{name: "Flask in api/index.py", want: "backend kind Flask (pip)\nbackend run python -m flask --app api.index:app run", files: files{"requirements.txt": "flask", "api/index.py": "app = Flask(__name__)"}},
		{name: "a script of the manifest", want: "backend run python -c from shop.cli import serve; serve()\nbackend env PYTHONPATH=/app/src\nnote pyproject.toml has no application that is known: its script serve is run",
			files: files{"pyproject.toml": "[project]\nname='shop'\ndependencies=['aiohttp']\n[project.scripts]\nmigrate='shop.cli:migrate'\nserve='shop.cli:serve'", "src/shop/cli.py": "def serve(): ..."}},
		{name: "a script of Poetry's, the only one", want: "backend run python -c from shop.cli import app; app.main()",
			files: files{"pyproject.toml": "[tool.poetry]\nname='x'\n[tool.poetry.dependencies]\naiohttp='3'\n[tool.poetry.scripts]\ngo='shop.cli:app.main'", "shop/cli.py": ""}},
		{name: "a script of another package", err: "cannot tell how the backend",
			files: files{"pyproject.toml": "[project]\nname='shop'\ndependencies=['aiohttp']\n[project.scripts]\nserve='other.cli:serve'"}},
		{name: "a Dockerfile that was named and cannot work", opt: Options{BackendDockerfile: "Dockerfile"}, want: "note Dockerfile, named with --backend-dockerfile, can hardly be built: it copies dist, which the project does not have",
			files: files{"Dockerfile": "FROM alpine\nCOPY dist /srv\nCMD x\n"}},
		{name: "NestJS that says its port", want: "backend port 3000\nbackend env PORT=3000",
			files: files{"package.json": `{"scripts":{"start":"nest start"},"dependencies":{"@nestjs/core":"11"}}`, "src/main.ts": "await app.listen(3000);"}},
		{name: "a watcher of a file that says its port", want: "backend port 4000",
			files: files{"package.json": `{"scripts":{"dev":"tsx watch src/index.ts"},"dependencies":{"express":"5"}}`, "src/index.ts": "const PORT = 4000;\napp.listen(PORT, () => {})"}},
		{name: "a file that is compiled and says its port", want: "backend port 4100",
			files: files{"package.json": `{"scripts":{"start":"node dist/index.js","build":"tsc"},"dependencies":{"hono":"4"}}`, "src/index.ts": "serve({ fetch: app.fetch, port: 4100 })"}},
		{name: "a file that reads PORT", want: "backend port 8000",
			files: files{"package.json": `{"scripts":{"start":"node index.js"},"dependencies":{"express":"5"}}`, "index.js": "app.listen(process.env.PORT || 3000)"}},
		{name: "Django in web", files: files{"web/manage.py": "import django", "web/requirements.txt": "django"}, want: "backend dir web\nno frontend"},
		{name: "apps", want: "backend dir apps/api\nbackend kind NestJS (npm)\nbackend build node:22-alpine of . to /app\nbackend in /app/apps/api\nfrontend dir apps/web\nfrontend in /app/apps/web",
			files: files{"package.json": `{"workspaces":["apps/*"],"scripts":{"dev":"turbo run dev"}}`,
				"apps/api/package.json": `{"name":"api","scripts":{"dev":"nest start --watch"},"dependencies":{"@nestjs/core":"11"}}`,
				"apps/web/package.json": `{"name":"web","scripts":{"dev":"vite"},"devDependencies":{"vite":"6"}}`}},
		{name: "services and packages", files: files{"services/orders/requirements.txt": pip, "services/orders/main.py": fastapi, "packages/site/package.json": vite, "packages/ui/package.json": `{"scripts":{"build":"vite build"},"devDependencies":{"vite":"6"}}`},
			want: "backend dir services/orders\nfrontend dir packages/site"},
		{name: "several", files: files{"services/a/requirements.txt": pip, "services/a/main.py": fastapi, "services/b/go.mod": "module b\n", "services/b/main.go": "package main"},
			want: "backend dir services/a\nnote services/a is the backend; services/b may be one, too: name the right one with --backend-dir"},
		{name: "any folder", files: files{"README.md": "", "shop/requirements.txt": pip, "shop/main.py": fastapi}, want: "backend dir shop"},
		{name: "a workspace above that is not the root", want: "backend dir js/apps/api\nbackend build node:22-alpine of js to /app\nbackend in /app/apps/api",
			files: files{"js/package.json": `{"workspaces":["apps/*"]}`, "js/package-lock.json": "{}", "js/apps/api/package.json": express, "js/apps/api/server.js": ""}, opt: Options{BackendDir: "js/apps/api"}},
	})
}

func TestDockerfilesThatWork(t *testing.T) {
	t.Parallel()
	server := files{"package.json": `{"scripts":{"start":"node src/main.js"},"dependencies":{"express":"4"}}`, "src/main.js": ""}
	check(t, []detection{
		{name: "it copies what is not there", files: server.with(files{"Dockerfile": "FROM node:22\nCOPY dist/api api\nCMD [\"node\",\"api\"]\n"}),
			want: "backend kind Express (npm)\nnote Dockerfile is passed over: it copies dist/api, which the project does not have"},
		{name: "it copies a binary", files: files{"backend/Dockerfile": "FROM alpine\nCOPY server .\nCMD [\"./server\"]\n", "backend/go.mod": "module x\n", "backend/main.go": "package main\n"},
			want: "backend kind Go\nnote backend/Dockerfile is passed over: it copies server"},
		{name: "wildcards and stages that are not built", want: "backend kind Dockerfile",
			files: server.with(files{"Dockerfile": "FROM x AS old\nCOPY gone .\nFROM node:22\nCOPY package*.json [s]rc ./\nCOPY --chown=1 \"src/\" /\nCMD x\n"})},
		{name: "a wildcard that matches nothing", files: server.with(files{"Dockerfile": "FROM node:22\nCOPY *.jar /\nCMD x\n"}), want: "backend kind Express (npm)\nnote Dockerfile is passed over: it copies *.jar"},
		{name: "a bind mount that is not there", files: server.with(files{"Dockerfile": "FROM node:22\nRUN --mount=type=bind,source=gone,target=/x cat\nCOPY . .\nCMD x\n"}), want: "backend kind Express (npm)"},
		{name: "a secret", files: server.with(files{"Dockerfile": "FROM node:22\nRUN --mount=type=secret,id=npmrc,required=true npm ci\nCOPY . .\nCMD x\n"}),
			want: "backend kind Express (npm)\nnote Dockerfile is passed over: its build needs the secrets npmrc"},
		{name: "a FROM without a value", files: server.with(files{"Dockerfile": "ARG BASE\nFROM $BASE\nCMD x\n"}), want: "note Dockerfile is passed over: its FROM needs a value for $BASE"},
		{name: "no command", files: files{"backend/Dockerfile": "FROM python:3.12-slim\nCOPY . .\n", "backend/app/main.py": fastapi, "backend/requirements.txt": pip},
			want: "backend kind Dockerfile\nbackend run python -m uvicorn app.main:app --host 0.0.0.0 --port 8000\nnote backend/Dockerfile has no command: it is started as its files say: python -m uvicorn"},
		{name: "no command, and none to be found", files: files{"backend/Dockerfile": "FROM debian\nCOPY . .\n"}, err: "backend/Dockerfile has no command, and none was found: add a CMD, or name it with --backend-command"},
		{name: "built from the root", want: "frontend build frontend/Dockerfile of . to",
			files: files{"frontend/Dockerfile": "FROM node:22\nADD package.json package-lock.json /app/\nADD . /app/\nCMD x\n", "package.json": `{"workspaces":["frontend"]}`, "package-lock.json": "{}"}},
		{name: "the final stage by argument", files: files{"Dockerfile": "ARG KIND=web\nFROM python:3.12 AS base\nFROM base AS web\nEXPOSE 8001\nCMD [\"run\"]\nFROM base AS worker\nCMD [\"work\"]\nFROM ${KIND}\n"},
			want: "backend kind Dockerfile\nbackend port 8001"},
		{name: "a port among several", files: files{"backend/Dockerfile": "FROM node:22\nARG PORT=80\nENV PORT $PORT\nEXPOSE $PORT 9229 9230\nCMD [\"node\",\"s.js\"]\n"}, want: "backend port 80 "},
		{name: "by service", want: "backend build Dockerfile.backend of . to\nbackend port 8080\nfrontend build Dockerfile.frontend of . to\nfrontend port 5173",
			files: files{"Dockerfile.backend": "FROM node\nEXPOSE 8080\nCMD x", "Dockerfile.frontend": "FROM node\nEXPOSE 5173\nCMD x", "package.json": express}},
		{name: "by service, in a folder", want: "backend build docker/api.Dockerfile of . to\nbackend dir backend",
			files: files{"docker/api.Dockerfile": "FROM python\nCOPY backend /\nCMD x"}.with(api)},
		{name: "other names", files: files{"docker/Dockerfile": "FROM python\nCOPY main.py .\nCMD x", "main.py": fastapi, "requirements.txt": pip}, want: "backend build docker/Dockerfile of . to"},
		{name: "for development", files: files{"backend/Dockerfile.dev": "FROM x\nCMD x"}, want: "backend build Dockerfile.dev of backend to"},
		{name: "none wanted", files: api.with(files{"backend/Dockerfile": "FROM x\nCMD x"}), opt: Options{NoDockerfile: true}, want: "backend kind FastAPI (pip)"},
		{name: "one named", files: api.with(files{"ops/Prod": "FROM x\nCOPY backend /\nCMD x"}), opt: Options{BackendDockerfile: "ops/Prod"}, want: "backend build ops/Prod of . to\nbackend dir backend"},
		{name: "one named that is not there", files: api, opt: Options{BackendDockerfile: "x"}, err: `no file "x" for --backend-dockerfile`},
		{name: "a command behind an entrypoint script", files: files{"backend/Dockerfile": "FROM x\nENTRYPOINT [\"/entrypoint.sh\"]\nCMD [\"a\"]"}, opt: Options{BackendCommand: []string{"b"}}, want: "backend run /entrypoint.sh b"},
		{name: "a here-document", files: files{"backend/Dockerfile": "FROM x\nRUN <<EOF\nCOPY gone .\nEOF\nCOPY <<EOF /x\ngone\nEOF\nCMD x"}, want: "backend kind Dockerfile"},
	})
}

func TestOtherLanguages(t *testing.T) {
	t.Parallel()
	check(t, []detection{
		{name: "PHP", files: files{"composer.json": "{}", "artisan": "", "package.json": `{"scripts":{"dev":"node -e \"console.warn(1)\"","build":"vite build"},"devDependencies":{"vite":"6"}}`},
			err: "PHP (composer.json): add a Dockerfile"},
		{name: "Rust", files: files{"Cargo.toml": "", "src/main.rs": ""}, err: "Rust (Cargo.toml): add a Dockerfile"},
		{name: "Java beside a frontend", files: files{"backend/pom.xml": ""}.with(web), err: "Java (backend/pom.xml): add a Dockerfile"},
		{name: ".NET", files: files{"Shop.csproj": ""}, err: ".NET (Shop.csproj): add a Dockerfile"},
		{name: "with a Dockerfile", files: files{"Cargo.toml": "", "Dockerfile": "FROM rust\nCOPY . .\nCMD x"}, want: "backend kind Dockerfile"},
		{name: "not wanted", files: files{"backend/pom.xml": ""}.with(web), opt: Options{NoBackend: true}, want: "frontend kind Vite (npm)"},
		{name: "node -e serves nothing", files: files{"frontend/package.json": `{"scripts":{"dev":"node -e 1","start":"vite"},"devDependencies":{"vite":"6"}}`}, want: "frontend run vite --host"},
	})
}

func TestNodeKinds(t *testing.T) {
	t.Parallel()
	both := `{"scripts":{"start:dev":"concurrently -k \"npm run server:dev\" \"npm run client\"","server:dev":"nodemon server/src/server.ts","client":"vite"},"dependencies":{"express":"4"},"devDependencies":{"vite":"6"}}`
	check(t, []detection{
		{name: "concurrently", files: files{"package.json": both}, want: "backend run nodemon server/src/server.ts\nbackend dir .\nfrontend run vite --host 0.0.0.0 --port 3000 --strictPort\nfrontend dir ."},
		{name: "concurrently of commands", files: files{"package.json": `{"scripts":{"dev":"concurrently -n a,b \"tsx server.ts\" vite"},"dependencies":{"hono":"4"},"devDependencies":{"vite":"6"}}`},
			want: "backend run tsx server.ts\nfrontend run vite --host"},
		{name: "side by side", files: files{"package.json": `{"scripts":{"dev":"npm-run-all --parallel dev:*","dev:api":"node s.js","dev:web":"vite"},"dependencies":{"koa":"4"},"devDependencies":{"vite":"6"}}`},
			want: "backend run node s.js\nfrontend run vite --host"},
		{name: "Nuxt 2", files: files{"frontend/package.json": `{"scripts":{"dev":"nuxt","build":"nuxt build","start":"nuxt start"},"dependencies":{"nuxt":"^2.15.7"}}`, "frontend/yarn.lock": ""},
			want: "frontend run nuxt --hostname 0.0.0.0 --port 3000\nfrontend build node:16-alpine\nnote frontend/package.json has Nuxt 2, which works up to Node 16"},
		{name: "a file of variables that is not there", files: files{"backend/package.json": `{"scripts":{"dev":"tsx --env-file=.env ./src/server.ts"},"dependencies":{"fastify":"5"}}`, "backend/src/server.ts": ""},
			want: "backend run tsx ./src/server.ts"},
		{name: "in two words", files: files{"backend/package.json": `{"scripts":{"dev":"node --env-file .env s.js"},"dependencies":{"fastify":"5"}}`}, want: "backend run node s.js"},
		{name: "a file of variables that is there", files: files{"backend/.env.dev": "", "backend/package.json": `{"scripts":{"dev":"tsx --env-file=.env.dev s.ts"},"dependencies":{"fastify":"5"}}`},
			want: "backend run tsx --env-file=.env.dev s.ts"},
		{name: "engines beside volta", files: files{"backend/s.js": "", "backend/package.json": `{"volta":{"node":"20.17.0"},"engines":{"node":">=22.12.0 <23"},"scripts":{"start":"node s.js"},"dependencies":{"express":"4"}}`},
			want: "backend build node:22-alpine\nnote backend/package.json asks for Node 20.17.0 and engines of backend/package.json for >=22.12.0 <23: Node 22 is taken"},
		{name: "Bun", want: "backend kind Hono (bun)\nbackend run bun src/main.ts\nbackend build oven/bun:1.2.17-alpine of . to /app\nfrontend kind Vite (bun)",
			files: files{"Dockerfile": "FROM oven/bun\nCMD [\"bun\",\"x\"]\n", "package.json": `{"packageManager":"bun@1.2.17","workspaces":["backend","frontend"]}`,
				"backend/package.json": `{"scripts":{"dev":"bun src/main.ts"},"dependencies":{"hono":"4"}}`, "frontend/package.json": `{"scripts":{"dev":"vite"},"devDependencies":{"vite":"6"}}`}},
		{name: "a package beside the folder", want: "frontend build node:22-alpine of . to /app\nfrontend in /app/frontend\nfrontend env PATH=/app/frontend/node_modules/.bin:\nfrontend step 0 [**] in frontend: npm install",
			files: files{"frontend/package.json": `{"scripts":{"dev":"vite"},"dependencies":{"shared":"file:../shared"},"devDependencies":{"vite":"6"}}`, "shared/package.json": "{}"}},
		{name: "a configuration of Prisma that insists on the address", want: "backend step 1 [prisma/** *.prisma prisma.config.* package.json] env DATABASE_URL=postgresql://none@localhost:5432/none npx --no-install prisma generate",
			files: files{"package.json": `{"scripts":{"dev":"next dev"},"dependencies":{"next":"15","@prisma/client":"6"},"devDependencies":{"prisma":"6"}}`, "prisma/schema.prisma": "", "prisma.config.ts": `export default defineConfig({ datasource: { url: env("DATABASE_URL") } })`}},
		{name: "a database client in a member that the pages are made of", want: `backend dir apps/web
			backend step 4 [packages/database/prisma/** packages/database/*.prisma packages/database/prisma.config.* packages/database/package.json] in packages/database: npx --no-install prisma generate`,
			files: files{"package.json": `{"workspaces":["apps/*","packages/*"]}`, "package-lock.json": "", "packages/database/prisma/schema.prisma": "",
				"packages/database/package.json": `{"name":"database","dependencies":{"@prisma/client":"5"},"devDependencies":{"prisma":"5"}}`,
				"apps/web/package.json":          `{"scripts":{"dev":"next dev"},"dependencies":{"next":"15","database":"*"}}`}},
		{name: "a member's database client", want: "frontend dir web\nfrontend step 4 [web/prisma/** web/*.prisma web/prisma.config.* web/package.json] in web: npx --no-install prisma generate",
			files: files{"package.json": `{"workspaces":["web"]}`, "package-lock.json": "{}", "api/requirements.txt": "fastapi\nuvicorn", "api/main.py": "from fastapi import FastAPI\napp = FastAPI()",
				"web/package.json": `{"scripts":{"dev":"next dev"},"dependencies":{"next":"15","@prisma/client":"6"}}`, "web/prisma/schema.prisma": ""}},
		{name: "what a member is made of", want: "frontend dir web\nfrontend step 5 [**] pnpm --dir packages/ui run build\nnote web/package.json is made of packages/ui, which is built before",
			files: files{"package.json": `{"private":true}`, "pnpm-lock.yaml": "lockfileVersion: '9.0'\n", "pnpm-workspace.yaml": "packages:\n  - web\n  - packages/*\n",
				"packages/ui/package.json": `{"name":"@x/ui","main":"./dist/index.js","scripts":{"build":"tsup"}}`,
				"web/package.json":         `{"name":"web","scripts":{"dev":"vite"},"dependencies":{"@x/ui":"workspace:*"},"devDependencies":{"vite":"6"}}`}},
	})
}

func TestPythonKinds(t *testing.T) {
	t.Parallel()
	of := func(requirements string, more ...files) files {
		return files{"backend/requirements.txt": requirements, "backend/main.py": fastapi}.with(more...)
	}
	check(t, []detection{
		{name: "Django 6", files: of("Django==6.1"), want: "backend build python:3.12-slim"},
		{name: "Django 5", files: of("Django>=5.2"), want: "backend build python:3.11-slim"},
		{name: "the version of a Dockerfile that is not taken", files: files{"manage.py": "import django", "requirements.txt": "Django==6.1", "docker/Dockerfile": "FROM python:3.14-slim\n"}, want: "backend build python:3.14-slim"},
		{name: "runtime.txt", files: of("fastapi", files{"backend/runtime.txt": "python-3.12.4\n"}), want: "backend build python:3.12.4-slim"},
		{name: "a driver without libpq", files: of("psycopg==3.3.4"), want: "backend build python:3.11 of"},
		{name: "a driver with libpq", files: of("psycopg[binary]==3.3.4"), want: "backend build python:3.11-slim of"},
		{name: "a compiler", files: of("psycopg-c==3.3.0\npython-ldap"), want: "backend build python:3.11 of\nbackend packages libldap2-dev libsasl2-dev\nnote backend/requirements.txt names psycopg-c and python-ldap, which need a compiler or libraries"},
		{name: "Reflex", files: files{"requirements.txt": "reflex>=0.8\n", "rxconfig.py": "import reflex", "shop/shop.py": "app = rx.App()"},
			err: "rxconfig.py is a project of Reflex, whose pages Node builds beside Python, in one folder: add a Dockerfile"},
		{name: "git", files: of("x @ git+https://example.com/x.git"), want: "backend build python:3.11 of"},
		{name: "a driver in an extra of Poetry", want: "backend step 3 [pyproject.toml poetry.lock] /opt/tools/bin/poetry install --no-root --extras pgsql",
			files: files{"backend/main.py": fastapi, "backend/poetry.lock": "", "backend/pyproject.toml": "[tool.poetry]\nname='x'\n[tool.poetry.dependencies]\npython='^3.11'\nfastapi='*'\nuvicorn='*'\npsycopg2-binary={version='*',optional=true}\n[tool.poetry.extras]\npgsql=['psycopg2-binary']\n"}},
		{name: "a driver with libpq, as Poetry has it", want: "backend build python:3.11-slim of",
			files: files{"backend/main.py": fastapi, "backend/pyproject.toml": "[tool.poetry.dependencies]\nfastapi='*'\npsycopg={version='3',extras=['binary']}\n"}},
		{name: "a folder of the project, as Poetry has it, without a lockfile", want: "backend build python:3.11-slim of . to\nbackend step 3 [**] in backend: /opt/tools/bin/poetry install --no-root",
			files: files{"backend/main.py": fastapi, "backend/pyproject.toml": "[tool.poetry.dependencies]\nfastapi='*'\nlib={path='../lib'}\n", "lib/pyproject.toml": ""}},
		{name: "git, in a lockfile of Poetry", files: files{"backend/main.py": fastapi, "backend/pyproject.toml": "[tool.poetry.dependencies]\nfastapi='*'\n", "backend/poetry.lock": "[[package]]\nname='x'\nversion='1'\n[package.source]\ntype='git'\n"}, want: "backend build python:3.11 of"},
		{name: "git, in a lockfile of uv", files: files{"backend/main.py": fastapi, "backend/pyproject.toml": "[project]\nname='x'\n", "backend/uv.lock": "[[package]]\nname='y'\nversion='1'\nsource={git='https://example.com/y?rev=1#2'}\n"}, want: "backend build python:3.11 of"},
		{name: "in a group of Poetry", want: "backend step 3 [pyproject.toml poetry.lock] /opt/tools/bin/poetry install --no-root --with db",
			files: files{"backend/main.py": fastapi, "backend/poetry.lock": "", "backend/pyproject.toml": "[tool.poetry.dependencies]\nuvicorn='*'\n[tool.poetry.group.db]\noptional=true\n[tool.poetry.group.db.dependencies]\nasyncpg='*'\n"}},
		{name: "in an extra of uv", want: "backend step 3 [pyproject.toml uv.lock] /opt/tools/bin/uv sync --no-install-project --extra pg --extra server --frozen",
			files: files{"backend/main.py": fastapi, "backend/uv.lock": "", "backend/pyproject.toml": "[project]\nname='x'\ndependencies=['fastapi']\n[project.optional-dependencies]\npg=['asyncpg>=0.30']\nserver=['uvicorn']\n"}},
		{name: "in a group of pip", want: "backend step 1 [] pip install fastapi uvicorn asyncpg",
			files: files{"backend/main.py": fastapi, "backend/pyproject.toml": "[project]\nname='x'\ndependencies=['fastapi', 'uvicorn']\n[dependency-groups]\ndb=['asyncpg']\n"}},
		{name: "a deep application", want: "backend run python -m uvicorn app.server.asgi:create_app --host 0.0.0.0 --port 8000 --factory\nbackend env PYTHONPATH=/app/src/py",
			files: files{"pyproject.toml": "[project]\nname='app'\nversion='1'\nrequires-python='>=3.11'\ndependencies=['litestar']\n[project.scripts]\napp='app.__main__:run'\n", "uv.lock": "",
				"tools/__init__.py": "", "src/py/app/server/asgi.py": "from litestar import Litestar\ndef create_app():\n    return Litestar()\n"}},
		{name: "a path inside of the project", want: "backend build python:3.11-slim of . to /app\nbackend in /app/backend\nbackend step 3 [backend/pyproject.toml backend/uv.lock] in backend: /opt/tools/bin/uv sync --no-install-project --frozen --no-install-package lib\nbackend step 4 [**] in backend: /opt/tools/bin/uv sync --no-install-project --frozen",
			files: files{"backend/main.py": fastapi, "backend/pyproject.toml": "[project]\nname='b'\nversion='1'\ndependencies=['fastapi','lib']\n[tool.uv.sources]\nlib={path='../libs/lib',editable=true}\n",
				"backend/uv.lock": "[[package]]\nname='lib'\nsource={editable='../libs/lib'}\n", "libs/lib/pyproject.toml": ""}},
		{name: "a path outside of it", files: files{"main.py": fastapi, "pyproject.toml": "", "uv.lock": "[[package]]\nname='lib'\nsource={editable='../lib'}\n"}, err: "uv.lock needs ../lib, which is outside of the root of the project"},
	})
}
