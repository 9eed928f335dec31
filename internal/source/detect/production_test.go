package detect

import (
	"slices"
	"strings"
	"testing"

	"dagger/stack/internal/spec"
)

var forProduction = Options{Production: true}

// What is run in production: a server for production, or the files that a build makes, on an image without what built them.
func TestProductionPython(t *testing.T) {
	t.Parallel()
	manage := "import os, django\nos.environ.setdefault(\"DJANGO_SETTINGS_MODULE\", \"shop.settings\")\n"
	check(t, []detection{
		{name: "FastAPI", opt: forProduction, files: files{"backend/main.py": fastapi, "backend/requirements.txt": pip, "backend/test_main.py": ""},
			want: `backend run python -m uvicorn main:app --host 0.0.0.0 --port 8000
				backend kind FastAPI (pip), production
				backend production, workers true, routes []
				backend ship on python:3.11-slim []
				backend copy /opt/venv to /opt/venv, own false
				backend copy /app to /app, own false
				backend without **/test_*.py
				backend without **/.env
				backend without **/.git`},
		{name: "without production", files: files{"backend/main.py": fastapi, "backend/requirements.txt": pip}, not: "backend ship\nbackend production"},
		{name: "gunicorn's own configuration", opt: forProduction, files: files{"main.py": fastapi, "requirements.txt": pip + "gunicorn\n", "gunicorn.conf.py": "workers = 3\n"},
			want: "backend run python -m gunicorn main:app --bind 0.0.0.0:8000 --worker-class uvicorn.workers.UvicornWorker"},
		{name: "a Procfile", opt: forProduction, files: files{"main.py": fastapi, "requirements.txt": pip, "Procfile": "release: true\nweb: gunicorn -k uvicorn.workers.UvicornWorker main:app --bind 0.0.0.0:$PORT\n"},
			want: `backend run sh -c exec gunicorn -k uvicorn.workers.UvicornWorker main:app --bind 0.0.0.0:$PORT
				backend step 2 [] python -m pip install gunicorn`},
		{name: "the user's command", opt: Options{Production: true, BackendCommand: []string{"python", "own.py"}}, files: files{"main.py": fastapi, "requirements.txt": pip},
			want: "backend run python own.py\nbackend ship on python:3.11-slim []"},
		{name: "Flask", opt: forProduction, files: files{"app.py": "from flask import Flask\napp = Flask(__name__)\n", "requirements.txt": "flask\n"},
			want: `backend run python -m gunicorn app:app --bind 0.0.0.0:8000 --threads 4 --worker-tmp-dir /dev/shm --access-logfile -
				backend step 2 [] python -m pip install gunicorn
				note requirements.txt names no server for production: gunicorn is installed with it`},
		{name: "Flask's factory", opt: forProduction, files: files{"app.py": "from flask import Flask\ndef create_app():\n    return Flask(__name__)\n", "requirements.txt": "flask\ngunicorn\n"},
			want: "backend run python -m gunicorn app:create_app() --bind 0.0.0.0:8000 --threads 4"},
		{name: "waitress", opt: forProduction, files: files{"app.py": "from flask import Flask\ndef create_app():\n    return Flask(__name__)\n", "requirements.txt": "flask\nwaitress\n"},
			want: "backend run python -m waitress --listen=0.0.0.0:8000 --call app:create_app"},
		{name: "Quart", opt: forProduction, files: files{"app.py": "from quart import Quart\napp = Quart(__name__)\n", "requirements.txt": "quart\n"},
			want: `backend run sh -c exec python -m hypercorn --bind 0.0.0.0:8000 app:app --workers "${WEB_CONCURRENCY:-1}"`},
		{name: "Django without wsgi.py", opt: forProduction, files: files{"manage.py": manage, "shop/settings.py": "", "requirements.txt": "django\n"},
			want: `backend run python -m gunicorn django.core.wsgi:get_wsgi_application() --bind 0.0.0.0:8000 --threads 4
				backend ship on python:3.11-slim [{DJANGO_SETTINGS_MODULE shop.settings}]`,
			not: "backend step 3"},
		{name: "Django's static files", opt: forProduction, files: files{"manage.py": manage, "requirements.txt": "django\ngunicorn\n",
			"shop/settings.py": "STATIC_ROOT = BASE_DIR / 'static'\n", "shop/wsgi.py": "os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'shop.settings')\n"},
			want: `backend run python -m gunicorn shop.wsgi:application --bind 0.0.0.0:8000 --threads 4
				backend step 2 [**] env DJANGO_SETTINGS_MODULE=shop.settings python manage.py collectstatic --noinput
				note manage.py: static files are collected into STATIC_ROOT when the image is built; nothing of the project serves them where DEBUG is off`},
		{name: "whitenoise, and settings for production", opt: forProduction, files: files{"src/manage.py": "import django\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'config.settings.local')\n", "requirements.txt": "django\nwhitenoise\n",
			"src/config/settings/base.py": "STATIC_ROOT = '/var/static'\nMIDDLEWARE = ['whitenoise.middleware.WhiteNoiseMiddleware']\n", "src/config/settings/production.py": "from .base import *\n",
			"src/config/wsgi.py": "os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'config.settings.production')\n"},
			want: `backend run python -m gunicorn config.wsgi:application
				backend in /app/src
				backend step 3 [**] in src: env DJANGO_SETTINGS_MODULE=config.settings.production python manage.py collectstatic --noinput
				backend copy /var/static to /var/static, own false
				backend folders /home/app /opt/venv /var/static
				note src/manage.py: static files are collected into STATIC_ROOT when the image is built; whitenoise serves them`},
		{name: "Django with channels", opt: forProduction, files: files{"manage.py": manage, "shop/settings.py": "", "shop/asgi.py": "", "shop/wsgi.py": "", "requirements.txt": "django\nchannels\ndaphne\ngunicorn\n"},
			want: "backend run python -m daphne -b 0.0.0.0 -p 8000 shop.asgi:application"},
		{name: "uv without what is for development", opt: forProduction, files: files{"main.py": fastapi, "pyproject.toml": "[project]\nname='x'\ndependencies=['fastapi[standard]']\n", "uv.lock": "[[package]]\nname='fastapi'\nversion='1'\n"},
			want: "backend step 3 [pyproject.toml uv.lock] /opt/tools/bin/uv sync --no-install-project --no-dev --compile-bytecode --frozen"},
		{name: "requirements for production", opt: forProduction, files: files{"main.py": fastapi, "requirements/local.txt": pip, "requirements/production.txt": pip},
			want: "backend step 1 [requirements/production.txt] pip install -r requirements/production.txt"},
		{name: "a compiler", opt: forProduction, files: files{"main.py": fastapi, "requirements.txt": pip + "psycopg2\n"},
			want: "backend ship on python:3.11 "},
	})
}

func TestProductionNode(t *testing.T) {
	t.Parallel()
	check(t, []detection{
		{name: "Vite", opt: forProduction, files: files{"frontend/package.json": vite, "frontend/package-lock.json": "{}", "backend/main.py": fastapi, "backend/requirements.txt": pip,
			"frontend/vite.config.ts": "export default { base: '/shop/',\n  server: { proxy: {\n    // '/old': 'http://localhost:1',\n    '/api': 'http://localhost:8000', '^/v2/.*': { target: x, rewrite: (p) => p.replace(/^\\/v2/, '') } } } }"},
			want: `frontend kind Vite, built (npm)
				frontend run /usr/local/bin/serve -root /srv/www -app
				frontend step 1 [**] env NODE_ENV=production npm_config_include=dev GENERATE_SOURCEMAP=false
				frontend production, workers false, routes [{/api false} {/v2 true}]
				frontend ship on alpine:3 [{NODE_ENV production}]
				frontend copy /srv/www to /srv/www, own false
				frontend without **/*.map
				frontend scratch false`,
			not: "frontend copy /app"},
		{name: "Vite without a script that builds", opt: forProduction, files: files{"frontend/package.json": `{"scripts":{"dev":"vite"},"devDependencies":{"vite":"^7.0.0"}}`},
			want: "frontend step 1 [**] env NODE_ENV=production npm_config_include=dev GENERATE_SOURCEMAP=false __VITE_ADDITIONAL_SERVER_ALLOWED_HOSTS=frontend npx --no-install vite build"},
		{name: "Create React App", opt: forProduction, files: files{"client/package.json": `{"scripts":{"start":"react-scripts start","build":"react-scripts build"},"dependencies":{"react-scripts":"5"},"proxy":"http://localhost:5000"}`},
			want: "frontend kind Create React App, built (npm)\nfrontend production, workers false, routes [{ false}]"},
		{name: "Astro makes pages", opt: forProduction, files: files{"frontend/package.json": `{"scripts":{"dev":"astro dev","build":"astro build"},"dependencies":{"astro":"5"}}`},
			want: "frontend run /usr/local/bin/serve -root /srv/www\n", not: "frontend run /usr/local/bin/serve -root /srv/www -app"},
		{name: "Astro with a server", opt: forProduction, files: files{"frontend/package.json": `{"scripts":{"dev":"astro dev","build":"astro build"},"dependencies":{"astro":"5","@astrojs/node":"9"}}`},
			want: "frontend run node dist/server/entry.mjs"},
		{name: "Next.js", opt: forProduction, files: files{"frontend/package.json": `{"scripts":{"dev":"next dev","build":"next build","start":"next start"},"dependencies":{"next":"16"}}`},
			want: `frontend kind Next.js, standalone (npm)
				frontend run node server.js
				frontend in /app
				frontend step 1 [**] env NODE_ENV=production npm_config_include=dev NEXT_PRIVATE_STANDALONE=true NEXT_PRIVATE_OUTPUT_TRACE_ROOT=/app NEXT_TELEMETRY_DISABLED=1 npm run build
				frontend copy /app/.next/standalone to /app, own false
				frontend copy /app/.next/standalone/.next to /app/.next, own true
				frontend ship on node:22-alpine [{NODE_ENV production} {HOSTNAME 0.0.0.0}`},
		{name: "Next.js in a workspace", opt: Options{Production: true, FrontendDir: "apps/web"}, files: files{"package.json": `{"workspaces":["apps/*"]}`, "package-lock.json": "{}", "apps/web/package.json": `{"name":"web","scripts":{"dev":"next dev","build":"next build"},"dependencies":{"next":"16"}}`},
			want: `frontend in /app/apps/web
				frontend copy /app/apps/web/.next/standalone to /app, own false
				frontend copy /app/apps/web/.next/standalone/apps/web/.next to /app/apps/web/.next, own true`},
		{name: "Next.js of files", opt: forProduction, files: files{"frontend/package.json": `{"scripts":{"dev":"next dev","build":"next build"},"dependencies":{"next":"16"}}`, "frontend/next.config.mjs": "export default { output: 'export', basePath: '/docs' }"},
			want: "frontend run /usr/local/bin/serve -root /srv/www -base /docs"},
		{name: "Nuxt", opt: forProduction, files: files{"frontend/package.json": `{"scripts":{"dev":"nuxt dev","build":"nuxt build"},"dependencies":{"nuxt":"4"}}`},
			want: `frontend kind Nuxt, built (npm)
				frontend run node .output/server/index.mjs
				frontend copy /app/.output to /app/.output, own false`},
		{name: "Express", opt: forProduction, files: files{"backend/package.json": express, "backend/package-lock.json": "{}", "backend/server.js": ""},
			want: `backend kind Express, production (npm)
				backend run node server.js
				backend step 1 [] npm prune --omit=dev --ignore-scripts
				backend copy /app to /app, own false
				backend without test
				backend ship on node:22-alpine [{NODE_ENV production}]`},
		{name: "a watcher", opt: forProduction, files: files{"backend/package.json": `{"scripts":{"dev":"nodemon server.js"},"dependencies":{"express":"5"},"devDependencies":{"nodemon":"3"}}`, "backend/server.js": ""},
			want: "backend run node server.js"},
		{name: "NestJS", opt: forProduction, files: files{"backend/package.json": `{"scripts":{"build":"nest build","start":"nest start","start:dev":"nest start --watch","start:prod":"node dist/main"},"dependencies":{"@nestjs/core":"11"},"devDependencies":{"@nestjs/cli":"11"}}`},
			want: `backend run node dist/main
				backend step 1 [**] env NODE_ENV=production npm_config_include=dev npm run build
				backend without src/**/*.ts`},
		{name: "a package for development runs it", opt: forProduction, files: files{"backend/package.json": `{"scripts":{"start":"tsx src/index.ts"},"dependencies":{"express":"5"},"devDependencies":{"tsx":"4"}}`, "backend/src/index.ts": ""},
			want: `backend run tsx src/index.ts
				note backend/package.json: tsx runs it, which is a package for development: those stay in the image`,
			not: "backend step 1"},
		{name: "another package's build", opt: forProduction, files: files{"package.json": `{"scripts":{"build":"cd client && npm i && npm run build","start":"node server.js"},"dependencies":{"express":"5"}}`, "server.js": "", "client/package.json": `{"scripts":{"build":"x"}}`},
			want: "note package.json: its script build is that of client, and is left to that", not: "backend step 1 [**]"},
		{name: "packages of a folder are installed with those that build", opt: forProduction, files: files{"package.json": "{}", "frontend/package.json": `{"scripts":{"dev":"vite","build":"vite build"},"dependencies":{"root":"file:.."},"devDependencies":{"vite":"7"}}`, "frontend/package-lock.json": "{}"},
			want: `frontend in /srv/www
				frontend step 0 [**] in frontend: env GENERATE_SOURCEMAP=false __VITE_ADDITIONAL_SERVER_ALLOWED_HOSTS=frontend sh -c npm ci || npm install
				frontend step 1 [**] in frontend: env NODE_ENV=production npm_config_include=dev GENERATE_SOURCEMAP=false`},
		{name: "pnpm", opt: forProduction, files: files{"backend/package.json": express, "backend/pnpm-lock.yaml": "lockfileVersion: '9.0'\n", "backend/server.js": ""},
			want: "backend step 2 [] env CI=true pnpm install --prod --offline --ignore-scripts --store-dir /cache/pnpm --frozen-lockfile"},
		{name: "migrations have the packages for development", opt: forProduction, files: files{"backend/package.json": `{"scripts":{"start":"node server.js"},"dependencies":{"express":"5","@prisma/client":"6"},"devDependencies":{"prisma":"6"}}`, "backend/server.js": "",
			"backend/prisma/schema.prisma": "datasource db { provider = \"postgresql\" }", "backend/prisma/migrations/1/migration.sql": ""},
			want: "backend migrates in node:22-alpine of backend, with /app"},
		{name: "SvelteKit without an adapter for a server", opt: forProduction, files: files{"frontend/package.json": `{"scripts":{"dev":"vite dev","build":"vite build"},"devDependencies":{"@sveltejs/kit":"2","vite":"7"}}`},
			want: "note frontend/package.json: it is not built for production, and run as it is without --production: no script start that runs what is built", not: "frontend ship"},
	})
}

func TestProductionGo(t *testing.T) {
	t.Parallel()
	check(t, []detection{
		{name: "Go", opt: forProduction, files: files{"backend/go.mod": "module example.com/api\n\ngo 1.26\n", "backend/main.go": "package main\n\nfunc main() {}\n"},
			want: `backend kind Go, production
				backend production, workers false
				backend compile go build -C /app -trimpath -ldflags=-s -w -tags=timetzdata`},
	})
}

// The stack of services that are built: edits are no part of it, servers of Python have a process for each core, and the file server knows the
// backend.
func TestProductionStack(t *testing.T) {
	t.Parallel()
	p, err := Join(files{
		"backend/main.py": fastapi, "backend/requirements.txt": pip,
		"frontend/package.json": vite, "frontend/vite.config.js": "export default { server: { proxy: { '/api': { target: 'http://localhost:9999', rewrite: (path) => path.replace(/^\\/api/, '') } } } }",
	}.fs(), Databases("shop"), Flags{Production: true})
	if err != nil {
		t.Fatal(err)
	}
	back, _ := p.Service("backend")
	front, _ := p.Service("frontend")
	if back.Source != nil || front.Source != nil || front.Process.Reloads || len(front.Local) > 0 {
		t.Errorf("something follows edits, or looks for the backend on localhost: %+v", front.Local)
	}
	if got := strings.Join(front.Process.Command, " "); got != "/usr/local/bin/serve -root /srv/www -app -proxy /api/-=http://backend:8000" {
		t.Errorf("the file server: %s", got)
	}
	i := slices.IndexFunc(back.Process.Env, func(v spec.Variable) bool { return v.Name == "WEB_CONCURRENCY" })
	if i < 0 || back.Process.Env[i].Value[0].Number == nil || back.Process.Env[i].Value[0].Number.Of[0].Limit != spec.CPUs || back.Process.Env[i].Value[0].Number.AtLeast != 1 {
		t.Errorf("the processes of the backend: %+v", back.Process.Env)
	}
}

// A backend that serves the built frontend in production has its files.
func TestProductionServesPages(t *testing.T) {
	t.Parallel()
	const front = `{"scripts":{"start":"react-scripts start","build":"react-scripts build"},"dependencies":{"react-scripts":"5"}}`
	for _, row := range []struct {
		name string
		files
		want string
	}{
		{"in the root", files{"package.json": `{"scripts":{"build":"npm install && npm install --prefix frontend && npm run build --prefix frontend","start":"node backend/server"},"dependencies":{"express":"4"}}`, "backend/server.js": "app.use(express.static(path.join(__dirname, '/frontend/build')))", "frontend/package.json": front}, "frontend/build"},
		{"beside", files{"backend/package.json": express, "backend/server.js": "express.static(path.resolve(__dirname, '..', 'frontend', 'build'))", "frontend/package.json": front}, "../frontend/build"},
		{"no", files{"backend/package.json": express, "backend/server.js": "express.static('public')", "frontend/package.json": front}, ""},
	} {
		p, err := Join(row.files.fs(), Databases("shop"), Flags{Production: true})
		if err != nil {
			t.Fatal(row.name, err)
		}
		s, _ := p.Service("backend")
		got := ""
		for _, stage := range s.Build.Stages {
			got = stage.To
		}
		if got != row.want {
			t.Errorf("%s: %q, want %q; %v", row.name, got, row.want, p.Notes)
		}
		if apart := slices.Contains(s.Build.Ship.Copies[0].Without, "frontend"); apart != (row.name == "in the root") {
			t.Errorf("%s: the frontend's source is left out: %v", row.name, apart)
		}
	}
}
