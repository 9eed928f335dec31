package detect

import "testing"

// Frameworks that are served in other ways than most.
func TestPythonServers(t *testing.T) {
	t.Parallel()
	of := func(packages, name, text string) files {
		return files{"requirements.txt": packages + "\n", name: text + "\n"}
	}
	check(t, []detection{
		{name: "FastHTML", files: of("python-fasthtml", "main.py", "from fasthtml.common import *\napp, rt = fast_app(live=True)\nserve()"),
			want: "backend kind FastHTML (pip)\nbackend run python -m uvicorn main:app --host 0.0.0.0 --port 8000", not: "backend step 2"},
		{name: "APIFlask", files: of("apiflask", "app.py", "from apiflask import APIFlask\napp = APIFlask(__name__)"), want: "backend run python -m flask --app app:app run"},
		{name: "Sanic", files: of("sanic", "server.py", "from sanic import Sanic\napp = Sanic('x')"), want: "backend kind Sanic (pip)\nbackend run python -m sanic server:app --host 0.0.0.0 --port 8000 --single-process"},
		{name: "Streamlit", files: of("streamlit\npandas", "app.py", "import streamlit as st\nst.title('x')"),
			want: "backend kind Streamlit (pip)\nbackend run python -m streamlit run app.py --server.address 0.0.0.0 --server.port 8000 --server.headless true"},
		{name: "Streamlit in src", files: of("streamlit", "src/main.py", "import streamlit as st"), want: "backend run python -m streamlit run src/main.py"},
		{name: "Streamlit beside an API", files: of("streamlit\nfastapi", "main.py", "from fastapi import FastAPI\napp = FastAPI()").with(files{"app.py": "import streamlit"}), want: "backend run python -m uvicorn main:app"},
		{name: "Chainlit", files: of("chainlit", "app.py", "import chainlit as cl"), want: "backend run python -m chainlit run app.py --headless --host 0.0.0.0 --port 8000"},
		{name: "Gradio", files: of("gradio", "app.py", "import gradio as gr\ndemo = gr.Interface()\ndemo.launch()"),
			want: "backend run python app.py\nbackend env GRADIO_SERVER_NAME=0.0.0.0\nbackend env GRADIO_SERVER_PORT=8000"},
		{name: "a port of its own", files: of("aiohttp", "main.py", "web.run_app(app, host='0.0.0.0', port=9000)"), want: "backend run python main.py\nbackend port 9000\nbackend env PORT=9000", not: "note main.py has no application"},
		{name: "aiohttp's own port", files: of("aiohttp", "main.py", "if __name__ == '__main__':\n    web.run_app(app)"), want: "backend run python main.py\nbackend port 8080", not: "note main.py has no application"},
		{name: "a server's own port", files: of("nicegui", "main.py", "ui.label('x')\nui.run()"), want: "backend port 8080"},
		{name: "a program that reads PORT", files: of("aiohttp", "main.py", "web.run_app(app, port=int(os.environ.get('PORT', 9000)))"), want: "backend port 8000"},
	})
}

func TestPython(t *testing.T) {
	t.Parallel()
	check(t, []detection{
		{name: "FastAPI with requirements", files: files{"backend/requirements.txt": pip, "backend/app/main.py": fastapi, "backend/app/__init__.py": ""},
			want: `backend kind FastAPI (pip)
				backend why backend/requirements.txt and backend/app/main.py
				backend run python -m uvicorn app.main:app --host 0.0.0.0 --port 8000
				backend in /app
				backend build python:3.11-slim of backend to /app
				backend scratch true
				backend env HOME=/home/app
				backend env PORT=8000
				backend env PYTHONDONTWRITEBYTECODE=1
				backend env PYTHONUNBUFFERED=1
				backend env PATH=/opt/venv/bin:${PATH}
				backend env PIP_CACHE_DIR=/cache/pip
				backend cache pip /cache/pip
				backend folders /home/app /opt/venv
				backend step 0 [] python -m venv --system-site-packages /opt/venv
				backend step 1 [requirements.txt] pip install -r requirements.txt`,
			not: "backend step 2\nbackend env PYTHONPATH\nnote backend/requirements.txt"},
		{name: "requirements that include others",
			files: files{"backend/requirements.txt": "-r base.txt\n", "backend/base.txt": "--constraint=sub/c.txt\r\nfastapi[standard]==0.110 \\\n  --hash=sha256:1\n# x\n", "backend/sub/c.txt": "-r ../base.txt\n", "backend/main.py": fastapi},
			want:  "backend step 1 [requirements.txt base.txt sub/c.txt] pip install -r requirements.txt", not: "backend step 2"},
		{name: "requirements with a local package",
			files: files{"backend/requirements.txt": pip + "-e .\n", "backend/main.py": fastapi},
			want:  "backend step 1 [**] pip install -r requirements.txt\nnote backend/requirements.txt: it installs from ., so that packages are installed anew after every edit"},
		{name: "requirements with a local wheel and a repository",
			files: files{"backend/requirements.txt": pip + "x @ file:./wheels/x.whl ; python_version > '3'\n-e git+https://host/x.git#egg=x\ny @ https://host/y.whl\n", "backend/main.py": fastapi},
			want:  "backend step 1 [**]\nnote backend/requirements.txt: it installs from ./wheels/x.whl"},
		{name: "requirements outside", files: files{"backend/requirements.txt": "-r ../base.txt\n", "base.txt": ""},
			err: "cannot tell how the backend"},
		{name: "requirements beside the folder", files: files{"backend/requirements.txt": "-r ../base.txt\n", "base.txt": pip, "backend/main.py": fastapi},
			want: "backend build python:3.11-slim of . to\nbackend step 1 [backend/requirements.txt base.txt] in backend: pip install -r requirements.txt"},
		{name: "a local package beside the folder", files: files{"backend/requirements.txt": "../lib\nfastapi\n", "backend/main.py": fastapi, "lib/setup.py": ""},
			want: "backend build python:3.11-slim of . to\nbackend step 1 [**] in backend: pip install -r requirements.txt"},
		{name: "a local package outside of the root", files: files{"requirements.txt": "-e ../lib\n", "main.py": fastapi}, err: "requirements.txt needs ../lib, which is outside of the root of the project"},
		{name: "requirements in a folder", files: files{"backend/requirements/base.txt": "django", "backend/requirements/local.txt": "-r base.txt", "backend/manage.py": "import django"},
			want: "backend kind Django (pip)\nbackend step 1 [requirements/local.txt requirements/base.txt] pip install -r requirements/local.txt"},
		{name: "no server named", files: files{"backend/requirements.txt": "FastAPI>=0.1\n", "backend/main.py": fastapi},
			want: "backend step 2 [] python -m pip install uvicorn\nnote backend/requirements.txt names no server for FastAPI: uvicorn is installed with it"},
		{name: "a server by an extra", files: files{"backend/requirements.txt": "fastapi[standard]", "backend/main.py": fastapi}, not: "backend step 2\nnote backend/req"},
		{name: "packages that are compiled", files: api.with(files{"backend/requirements.txt": pip + "psycopg2==2.9"}),
			want: "backend build python:3.11 of\nnote backend/requirements.txt names psycopg2, which needs a compiler"},

		{name: "uv", files: files{"backend/pyproject.toml": "[project]\nname='x'\nrequires-python='>=3.12,<3.14'\ndependencies=['fastapi']\n[tool.uv]\nrequired-version='>=0.5'\n[dependency-groups]\ndev=['pytest']\n",
			"backend/uv.lock": "version = 1\n[[package]]\nname='uvicorn'\nsource={registry='x'}\n[[package]]\nname='x'\nsource={virtual='.'}\n", "backend/app/main.py": fastapi, "backend/requirements.txt": "flask"},
			want: `backend kind FastAPI (uv)
				backend why backend/uv.lock and backend/app/main.py
				backend build python:3.12-slim
				backend env UV_PROJECT_ENVIRONMENT=/opt/venv
				backend env UV_CACHE_DIR=/cache/uv
				backend cache uv /cache/uv
				backend folders /home/app /opt/venv /opt/tools
				backend step 1 [] python -m venv /opt/tools
				backend step 2 [] /opt/tools/bin/pip install uv>=0.5
				backend step 3 [pyproject.toml uv.lock] /opt/tools/bin/uv sync --no-install-project --frozen`, not: "backend step 4"},
		{name: "uv with a local package", files: files{"backend/pyproject.toml": "[project]\nname='x'\n[tool.uv]\nrequired-version='0.5.1'\n[tool.uv.workspace]\nmembers=['libs/*']\n", "backend/main.py": fastapi,
			"backend/uv.lock": "[[package]]\nname='uvicorn'\n[[package]]\nname='lib'\nsource={editable='libs/lib'}\n[[package]]\nname='x'\nsource={editable='.'}\n"},
			want: `backend step 2 [] /opt/tools/bin/pip install uv==0.5.1
				backend step 3 [pyproject.toml uv.lock **/pyproject.toml] /opt/tools/bin/uv sync --no-install-project --frozen --no-install-package lib
				backend step 4 [**] /opt/tools/bin/uv sync --no-install-project --frozen
				note backend/uv.lock: lib come from folders of the project`},
		{name: "uv with a package outside", files: files{"backend/pyproject.toml": "[project]\nname='x'\n", "backend/uv.lock": "[[package]]\nname='lib'\nsource={directory='../../lib'}\n"},
			err: "backend/uv.lock needs ../../lib, which is outside"},
		{name: "uv without a lockfile", files: files{"backend/pyproject.toml": "[project]\ndependencies=['fastapi','uvicorn']\n[tool.uv.sources]\nx={git='x'}\ny={path='libs/y'}\n", "backend/main.py": fastapi},
			want: "backend step 3 [**] /opt/tools/bin/uv sync --no-install-project\nnote backend/pyproject.toml has sources that only uv knows, and there is no uv.lock: versions are chosen anew\nnote backend/pyproject.toml: it depends on libs/y"},
		{name: "uv without a lockfile, outside", files: files{"backend/pyproject.toml": "[tool.uv.sources]\ny={path='../../y'}\n"}, err: "needs ../../y, which is outside"},
		{name: "uv workspace", files: files{"uv.lock": "[[package]]\nname='fastapi'\n[[package]]\nname='uvicorn'\n[[package]]\nname='core'\nsource={editable='backend'}\n[[package]]\nname='lib'\nsource={editable='libs/lib'}\n",
			"pyproject.toml": "[tool.uv.workspace]\nmembers=['backend','libs/*']\n", "backend/pyproject.toml": "[project]\nname='core'\n", "backend/app/main.py": fastapi},
			want: `backend dir backend
				backend in /app/backend
				backend build python:3.11-slim of . to /app
				backend step 3 [uv.lock pyproject.toml **/pyproject.toml] /opt/tools/bin/uv sync --frozen --package core --no-install-workspace
				backend step 4 [**] /opt/tools/bin/uv sync --frozen --package core --no-install-project
				note uv.lock: lib come from folders of the project`},
		{name: "uv workspace of one", files: files{"uv.lock": "[[package]]\nname='core'\nsource={virtual='backend'}\n", "pyproject.toml": "[tool.uv.workspace]\nmembers=['backend']\n",
			"backend/pyproject.toml": "[project]\nname='core'\n", "backend/src/main.py": fastapi}, want: "backend env PYTHONPATH=/app/backend/src\nbackend run python -m uvicorn main:app", not: "backend step 5\nbackend step 4 [**]"},
		{name: "uv.lock of a root that is no workspace", files: api.with(files{"uv.lock": "", "pyproject.toml": "[project]\nname='x'\n", "backend/pyproject.toml": ""}), want: "backend kind FastAPI (pip)"},
		{name: "uv workspace, no name", files: files{"uv.lock": "", "pyproject.toml": "[tool.uv.workspace]\nmembers=['*']\n", "backend/pyproject.toml": ""},
			err: "backend/pyproject.toml has no project.name"},

		{name: "poetry", files: files{"backend/pyproject.toml": "[tool.poetry]\nname='my-app'\n[tool.poetry.dependencies]\npython='^3.12'\nflask='*'\n", "backend/my_app/app.py": "from flask import Flask\napplication: Flask = Flask(__name__)\n",
			"backend/poetry.lock": "# This file is automatically @generated by Poetry 1.8.3 and should not be changed by hand.\n[[package]]\nname='flask'\n"},
			want: `backend kind Flask (poetry)
				backend build python:3.12-slim
				backend env POETRY_CACHE_DIR=/cache/poetry
				backend env VIRTUAL_ENV=/opt/venv
				backend step 2 [] /opt/tools/bin/pip install poetry==1.*
				backend step 3 [pyproject.toml poetry.lock] /opt/tools/bin/poetry install --no-root
				backend run python -m flask --app my_app.app:application run --host 0.0.0.0 --port 8000
				backend port 8000 /health /`},
		{name: "pipenv", files: files{"backend/Pipfile": "[packages]\nflask = '*'\n[requires]\npython_version = '3.12'\n", "backend/app.py": "app = Flask(__name__)",
			"backend/Pipfile.lock": `{"default": {"flask": {"version": "==3.1.0"}}, "develop": {}}`, "backend/requirements.txt": "x"},
			want: `backend kind Flask (pipenv)
				backend build python:3.12-slim
				backend env PIPENV_CACHE_DIR=/cache/pipenv
				backend step 2 [] /opt/tools/bin/pip install pipenv
				backend step 3 [Pipfile Pipfile.lock] /opt/tools/bin/pipenv sync --dev`},
		{name: "pipenv without a lockfile", files: files{"backend/Pipfile": "[packages]\nfastapi = {extras = ['standard'], version = '*'}\nlib = {path = './lib'}\n", "backend/main.py": fastapi},
			want: "backend step 3 [**] /opt/tools/bin/pipenv install --skip-lock --dev\nnote backend/Pipfile: there is no Pipfile.lock: versions are chosen anew\nbackend run python -m uvicorn main:app"},
		{name: "a broken Pipfile.lock", files: files{"backend/Pipfile": "", "backend/Pipfile.lock": "{", "backend/main.py": fastapi}, err: "cannot read backend/Pipfile.lock"},
		{name: "poetry without a lockfile", files: files{"backend/pyproject.toml": "[tool.poetry]\nrequires-poetry='>=2.0'\n[tool.poetry.dependencies]\nflask='*'\n", "backend/app.py": "app = Flask(__name__)"},
			want: "backend step 2 [] /opt/tools/bin/pip install poetry>=2.0\nnote backend/pyproject.toml: there is no poetry.lock"},
		{name: "poetry with a local package", files: files{"backend/pyproject.toml": "[tool.poetry.dependencies]\nuvicorn='*'\n", "backend/main.py": fastapi, "backend/poetry.lock": "[[package]]\nname='lib'\n[package.source]\ntype='directory'\nurl='lib'\n"},
			want: "backend step 3 [**] /opt/tools/bin/poetry install --no-root\nnote backend/poetry.lock: lib comes from lib"},
		{name: "poetry with a package outside", files: files{"backend/pyproject.toml": "", "backend/poetry.lock": "[[package]]\nname='lib'\n[package.source]\ntype='file'\nurl='../../lib.whl'\n"},
			err: "needs ../../lib.whl, which is outside"},

		{name: "pyproject alone", files: files{"backend/pyproject.toml": "[project]\nname='x'\ndependencies=['fastapi>=0.1', 'uvicorn[standard]']\n[dependency-groups]\ndev=['pytest', {include-group='lint'}]\nlint=['ruff', {include-group='dev'}]\n", "backend/main.py": fastapi},
			want: "backend kind FastAPI (pip)\nbackend step 1 [] pip install fastapi>=0.1 uvicorn[standard] pytest ruff"},
		{name: "pyproject with a local package", files: files{"backend/pyproject.toml": "[project]\ndependencies=['uvicorn','lib @ file:./lib']\n", "backend/main.py": fastapi}, want: "backend step 1 [**] pip install uvicorn lib @ file:./lib"},
		{name: "pyproject with a package outside", files: files{"backend/pyproject.toml": "[project]\ndependencies=['lib @ file:../../lib']\n"}, err: "which is outside"},
		{name: "pyproject with dynamic dependencies", files: files{"backend/pyproject.toml": "[project]\nname='x'\ndynamic=['dependencies']\n", "backend/main.py": fastapi},
			want: "backend step 1 [**] pip install .\nnote backend/pyproject.toml: its dependencies are dynamic"},
		{name: "no dependencies", files: files{"backend/manage.py": "import django"}, want: `note "backend": no requirements.txt and no dependencies in a pyproject.toml: nothing is installed for the backend`},

		{name: "command given", files: files{"backend/requirements.txt": "celery\nflask", "backend/x.py": ""}, opt: Options{BackendCommand: []string{"python", "x.py"}},
			want: "backend run python x.py\nbackend kind Flask (pip)"},
		{name: "command given, package in src", files: files{"backend/pyproject.toml": "[project]\nname='my-app'\ndependencies=['x']", "backend/src/my_app/x.py": ""}, opt: Options{BackendCommand: []string{"python", "-m", "my_app.x"}},
			want: "backend env PYTHONPATH=/app/src"},
		{name: "command given, nothing else", files: files{"backend/x.py": ""}, opt: Options{BackendCommand: []string{"python3", "x.py"}}, want: "backend run python3 x.py\nbackend kind Python (pip)\nbackend build python:3.11-slim"},
		{name: "command given, unknown", files: files{"backend/x.rb": ""}, opt: Options{BackendCommand: []string{"ruby", "x.rb"}},
			err: `cannot tell what "ruby" runs on in "backend": looked for Dockerfile, go.mod, requirements.txt, pyproject.toml, Pipfile, manage.py or package.json; found x.rb: add one of them, e.g. a Dockerfile`},
	})
}

func TestPythonApplications(t *testing.T) {
	t.Parallel()
	of := func(f files) files { return files{"backend/requirements.txt": pip}.with(f) }
	check(t, []detection{
		{name: "Django", files: files{"backend/requirements.txt": "Django==5.0\nuvicorn", "backend/manage.py": "os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'x')\nfrom django.core.management import x", "backend/main.py": fastapi},
			want: "backend kind Django (pip)\nbackend run python manage.py runserver 0.0.0.0:8000 --noreload"},
		{name: "Django in src", files: files{"backend/requirements.txt": "Django", "backend/src/manage.py": "import django"},
			want: "backend in /app/src\nbackend run python manage.py runserver 0.0.0.0:8000 --noreload"},
		{name: "Starlette", files: of(files{"backend/app.py": "from starlette.applications import Starlette\napp = Starlette(debug=True)"}), want: "backend kind Starlette (pip)\nbackend run python -m uvicorn app:app"},
		{name: "Litestar", files: files{"backend/requirements.txt": "litestar[standard]", "backend/app.py": "app = Litestar([index])"}, want: "backend kind Litestar (pip)\nbackend run python -m uvicorn app:app", not: "backend step 2"},
		{name: "Quart brings its server", files: files{"backend/requirements.txt": "quart", "backend/app.py": "app = Quart(__name__)"}, want: "backend run python -m hypercorn --bind 0.0.0.0:8000 app:app", not: "backend step 2"},
		{name: "Hypercorn and a factory", files: files{"backend/requirements.txt": "fastapi\nhypercorn", "backend/app.py": "def create_app(*, x=1):\n    return FastAPI()\n"},
			want: "backend run python -m hypercorn --bind 0.0.0.0:8000 app:create_app()"},
		{name: "factory", files: of(files{"backend/app/main.py": "from fastapi import FastAPI\ndef get_application() -> FastAPI:\n    app = FastAPI()\n    return app\n"}),
			want: "backend run python -m uvicorn app.main:get_application --host 0.0.0.0 --port 8000 --factory"},
		{name: "a factory that needs something is none", files: of(files{"backend/app/main.py": "def create_app(settings):\n    return FastAPI()\n"}), err: "cannot tell how the backend"},
		{name: "factory that is called", files: of(files{"backend/app/main.py": "from fastapi import FastAPI\ndef create_app(x):\n    return FastAPI()\n\napi = create_app(1)\n"}),
			want: "backend run python -m uvicorn app.main:api"},
		{name: "Flask factory in a package", files: files{"backend/requirements.txt": "flask", "backend/app/__init__.py": "from flask import Flask\ndef create_app(config=None):\n    return Flask(__name__)\n"},
			want: "backend run python -m flask --app app:create_app run --host 0.0.0.0 --port 8000"},
		{name: "an object in a later file is better than a factory", files: files{"backend/requirements.txt": "flask", "backend/app/__init__.py": "def create_app():\n    return Flask(__name__)\n", "backend/wsgi.py": "from app import create_app\napp = create_app()\n"},
			want: "backend run python -m flask --app wsgi:app run"},
		{name: "of two, that called app", files: of(files{"backend/main.py": "admin = FastAPI()\napp = FastAPI()\n"}), want: "backend run python -m uvicorn main:app"},
		{name: "of two, the first", files: of(files{"backend/main.py": "one = fastapi.FastAPI()\ntwo = FastAPI()\n"}), want: "backend run python -m uvicorn main:one"},
		{name: "a folder that is a package itself", files: files{"backend/requirements.txt": "fastapi\nuvicorn\n", "backend/models.py": "", "backend/main.py": "from backend.models import X\nfrom fastapi import FastAPI\napp = FastAPI()\n"},
			want: "backend in /app/backend\nbackend env PYTHONPATH=/app\nbackend build python:3.11-slim of . to /app\nbackend step 1 [backend/requirements.txt] in backend: pip install -r requirements.txt"},
		{name: "one that has another of the same name", files: files{"backend/requirements.txt": "fastapi\nuvicorn\n", "backend/backend/models.py": "", "backend/main.py": "from backend.models import X\nfrom fastapi import FastAPI\napp = FastAPI()\n"},
			want: "backend build python:3.11-slim of backend to /app"},
		{name: "FLASK_APP", files: files{"backend/requirements.txt": "flask", "backend/.flaskenv": "FLASK_DEBUG=1\nFLASK_APP=src/web.py\n"}, want: "backend run python -m flask --app src.web run"},
		{name: "FastAPI's entry point", files: files{"backend/pyproject.toml": "[project]\ndependencies=['fastapi[standard]']\n[tool.fastapi]\nentrypoint='core.http:api'\n"}, want: "backend run python -m uvicorn core.http:api --host"},
		{name: "src is searched", files: of(files{"backend/src/main.py": "from routers import x\n" + fastapi, "backend/src/routers.py": ""}),
			want: "backend run python -m uvicorn main:app\nbackend env PYTHONPATH=/app/src"},
		{name: "src is the package", files: of(files{"backend/src/main.py": "from .routers import x\n" + fastapi}), want: "backend run python -m uvicorn src.main:app", not: "backend env PYTHONPATH"},
		{name: "src is imported", files: of(files{"backend/src/api/main.py": "from src.api.routers import x\n" + fastapi}), want: "backend run python -m uvicorn src.api.main:app", not: "backend env PYTHONPATH"},
		{name: "a package in src", files: of(files{"backend/pyproject.toml": "[project]\nname='my.app'\n", "backend/src/aaa/main.py": fastapi, "backend/src/my_app/main.py": "from my_app.x import y\n" + fastapi}),
			want: "backend run python -m uvicorn my_app.main:app\nbackend env PYTHONPATH=/app/src"},
		{name: "modules beside the file", files: of(files{"backend/app/main.py": "import routers.users\n" + fastapi, "backend/app/routers/users.py": ""}),
			want: "backend run python -m uvicorn app.main:app\nbackend env PYTHONPATH=/app/app"},
		{name: "modules beside the file and above it", files: of(files{"backend/app/main.py": "import db\n" + fastapi, "backend/app/db.py": "", "backend/db.py": ""}), want: "backend run python -m uvicorn app.main:app", not: "backend env PYTHONPATH"},
		{name: "a program with a server of its own", files: files{"backend/requirements.txt": "tornado", "backend/main.py": "import handlers\n\nif __name__ == '__main__':\n    asyncio.run(handlers.serve())\n"},
			want: "backend kind Python (pip)\nbackend run python main.py\nbackend why backend/requirements.txt and backend/main.py\nnote backend/main.py has no application that is known and is run as a program: it has to listen on 0.0.0.0:8000, as HOST and PORT say"},
		{name: "a server of the standard library", files: files{"backend/requirements.txt": "", "backend/server.py": "http.server.HTTPServer(address, Handler).serve_forever()"}, want: "backend run python server.py"},
		{name: "an application before a program", files: of(files{"backend/server.py": "uvicorn.run(x)", "backend/app/main.py": fastapi}), want: "backend run python -m uvicorn app.main:app"},
		{name: "an application in tests is none", files: of(files{"backend/tests/main.py": fastapi, "backend/x.py": ""}),
			err: `cannot tell how the backend in "backend" is started: looked for manage.py and for an application such as app = FastAPI() or app = Flask(…) in main.py, app.py, app/main.py and src/main.py; found tests/, requirements.txt and x.py: name its command with --backend-command`},
		{name: "an application in a function is none", files: of(files{"backend/main.py": "def f(x):\n    app = FastAPI()\n"}), err: "app = Flask(…) in main.py; found"},
		{name: "a package.json with a server after all", files: files{"backend/requirements.txt": "pandas", "backend/package.json": express, "backend/server.js": ""}, want: "backend kind Express (npm)"},
		{name: "a package.json without one", files: files{"backend/requirements.txt": "flask", "backend/package.json": `{"devDependencies":{"tailwindcss":"4"}}`}, err: "cannot tell how the backend"},
		{name: "broken pyproject.toml", files: files{"backend/pyproject.toml": "[project"}, err: "cannot read backend/pyproject.toml: toml:"},
		{name: "broken uv.lock", files: files{"backend/pyproject.toml": "", "backend/uv.lock": "["}, err: "cannot read backend/uv.lock: toml:"},
		{name: "broken poetry.lock", files: files{"backend/pyproject.toml": "", "backend/poetry.lock": "["}, err: "cannot read backend/poetry.lock: toml:"},
		{name: "broken uv.lock of a workspace", files: files{"pyproject.toml": "[tool.uv.workspace]\nmembers=['*']\n", "backend/pyproject.toml": "[project]\nname='x'", "uv.lock": "["}, err: "cannot read uv.lock: toml:"},
	})
}
