package detect

import "testing"

// How a project's own tool brings the database up to date, found by the tool's files.
func TestMigrations(t *testing.T) {
	t.Parallel()
	alembic := files{
		"backend/requirements.txt": pip + "alembic\npsycopg[binary]\n", "backend/main.py": fastapi,
		"backend/alembic.ini": "[alembic]\nscript_location = %(here)s/alembic\n", "backend/alembic/versions/1_one.py": "",
	}
	django := files{"manage.py": "import django", "requirements.txt": "django\npsycopg2-binary\n", "shop/settings.py": ""}
	pkg := func(deps, scripts string) string {
		return `{"name":"api","scripts":{"start":"node server.js"` + scripts + `},"dependencies":{"express":"5"` + deps + `}}`
	}
	node := func(deps, scripts string, more files) files {
		return files{"backend/package.json": pkg(deps, scripts), "backend/package-lock.json": "{}", "backend/server.js": ""}.with(more)
	}
	check(t, []detection{
		{name: "alembic", files: alembic,
			want: "backend migrates by Alembic (backend/alembic.ini): python -m alembic upgrade heads in /app, reads backend/alembic.ini backend/alembic/**, needs ; "},
		{name: "alembic below", files: files{
			"requirements.txt": pip + "alembic\nasyncpg\n", "main.py": fastapi, "db/alembic.ini": "[alembic]\nscript_location=versions\n", "db/versions/versions/1.py": "",
		}, want: "backend migrates by Alembic (db/alembic.ini): python -m alembic upgrade heads in /app/db, reads db/alembic.ini db/versions/**, needs ; "},
		{name: "alembic without a version", files: api.with(files{"backend/requirements.txt": pip + "alembic\npsycopg\n", "backend/alembic.ini": "[alembic]\nscript_location = a\n", "backend/a/versions/__init__.py": ""}),
			not: "backend migrates"},
		{name: "alembic that nobody installs", files: alembic.with(files{"backend/requirements.txt": pip + "psycopg\n"}), not: "backend migrates"},
		{name: "alembic without a driver", files: alembic.with(files{"backend/requirements.txt": pip + "alembic\n"}),
			want: "backend migrates by Alembic (backend/alembic.ini): python -m alembic upgrade heads in /app, reads backend/alembic.ini backend/alembic/**, needs ; backend/requirements.txt names no driver of postgres, such as psycopg"},
		{name: "Django", files: django,
			want: "backend migrates by Django (manage.py): python manage.py migrate --noinput in /app, reads requirements.txt **/migrations/** **/settings*.py **/settings/**, needs ; "},
		{name: "Flask-Migrate", files: files{
			"requirements.txt": "flask\nflask-migrate\npsycopg2\n", "app.py": "from flask import Flask\napp = Flask(__name__)\n", "migrations/alembic.ini": "[alembic]\n",
		}, want: "backend migrates by Flask-Migrate (migrations): python -m flask --app app:app db upgrade in /app, reads migrations/**, needs ; "},
		{name: "Prisma", files: node(`,"prisma":"6","@prisma/client":"6"`, "", files{
			"backend/prisma/schema.prisma": "datasource db {\n  provider = \"postgresql\"\n}\n", "backend/prisma/migrations/1_init/migration.sql": "",
		}), want: "backend migrates by Prisma (backend/prisma/migrations): npx --no-install prisma migrate deploy in /app, reads backend/package.json backend/prisma/migrations/** backend/prisma/schema.prisma, needs ; "},
		{name: "Prisma with a schema elsewhere", files: files{
			"backend/package.json":                        `{"scripts":{"start":"node a.js"},"dependencies":{"express":"4","prisma":"6"},"prisma":{"schema":"./src/prisma/schema.prisma"}}`,
			"backend/src/prisma/schema.prisma":            "datasource db {\n  provider = \"postgresql\"\n}\n",
			"backend/src/prisma/migrations/1_init/up.sql": "", "backend/a.js": "",
		}, want: "backend step 1 [prisma/** *.prisma prisma.config.* package.json src/prisma/**] npx --no-install prisma generate\nbackend migrates by Prisma (backend/src/prisma/migrations): npx --no-install prisma migrate deploy"},
		{name: "Prisma with another database", files: node(`,"prisma":"6"`, "", files{
			"backend/prisma/schema.prisma": "datasource db {\n  provider = \"sqlite\"\n}\n", "backend/prisma/migrations/1_init/migration.sql": "",
		}), want: "backend migrates by Prisma (backend/prisma/migrations): npx --no-install prisma migrate deploy in /app, reads backend/package.json backend/prisma/migrations/** backend/prisma/schema.prisma, needs ; backend/package.json names no driver of postgres, such as pg, or prisma/schema.prisma another database"},
		{name: "Prisma without migrations", files: node(`,"prisma":"6"`, "", files{"backend/prisma/schema.prisma": ""}), not: "backend migrates"},
		{name: "Drizzle", files: node(`,"drizzle-kit":"0.30","pg":"8"`, "", files{
			"backend/drizzle.config.ts": `export default { dialect: "postgresql", out: "./db/out" }`, "backend/db/out/0000.sql": "",
		}), want: "backend migrates by Drizzle (backend/db/out): npx --no-install drizzle-kit migrate in /app, reads backend/package.json backend/db/out/** backend/drizzle.config.ts, needs ; "},
		{name: "Knex by its script", files: node(`,"knex":"3","pg":"8"`, `,"db:up":"knex migrate:latest --env dev2","db:back":"knex migrate:rollback"`, files{
			"backend/knexfile.js": "", "backend/migrations/1.js": "",
		}), want: "backend migrates by Knex (backend/migrations): npm run db:up in /app, reads backend/package.json backend/migrations/** backend/knexfile.js, needs ; "},
		{name: "Knex", files: node(`,"knex":"3","pg":"8"`, "", files{"backend/knexfile.js": "", "backend/db/migrations/1.js": ""}),
			want: "backend migrates by Knex (backend/db/migrations): npx --no-install knex migrate:latest in /app, reads backend/package.json backend/db/migrations/** backend/knexfile.js, needs ; "},
		{name: "TypeORM", files: node(`,"typeorm":"0.3","pg":"8"`, `,"migration:run":"typeorm migration:run -d dist/source.js"`, files{"backend/src/migrations/1.ts": ""}),
			want: "backend migrates by TypeORM (backend/src/migrations): npm run migration:run in /app, reads backend/package.json backend/src/migrations/**, needs ; "},
		{name: "TypeORM without a script", files: node(`,"typeorm":"0.3","pg":"8"`, "", files{"backend/src/migrations/1.ts": ""}),
			want: "backend migrates by TypeORM (backend/src/migrations):  in /app, reads backend/package.json backend/src/migrations/**, needs ; backend/package.json has no script that runs typeorm migration:run"},
		{name: "Sequelize", files: node(`,"sequelize-cli":"6","pg":"8"`, "", files{"backend/.sequelizerc": "", "backend/migrations/1.js": ""}),
			want: "backend migrates by Sequelize (backend/migrations): npx --no-install sequelize-cli db:migrate in /app, reads backend/package.json backend/migrations/** backend/.sequelizerc, needs ; "},
		{name: "a script", files: node(`,"pg":"8"`, `,"migrate":"node migrate.js"`, nil),
			want: "backend migrates by the script migrate (backend/package.json): npm run migrate in /app, reads , needs ; "},
		{name: "a script that does more", files: node(`,"pg":"8"`, `,"migrate":"node migrate.js create","db:migrate":"prisma migrate dev"`, nil), not: "backend migrates"},
		{name: "a script without a database", files: node("", `,"migrate":"node migrate.js"`, nil), not: "backend migrates"},
		{name: "goose as a library", files: files{"go.mod": "module x\n\nrequire github.com/pressly/goose/v3 v3.0.0\n", "main.go": "package main\n", "migrations/001_a.sql": "-- +goose Up\n"},
			want: "backend migrates by goose (migrations):  in , reads , needs ; the backend has goose as a library, and is expected to run them itself"},
		{name: "golang-migrate", files: files{"go.mod": "module x\n", "main.go": "package main\n", "db/migrations/001_a.up.sql": ""},
			want: "backend migrates by golang-migrate (db/migrations):  in , reads , needs ; the backend's image has no golang-migrate: build it from a Dockerfile that has it, and say --migrate COMMAND"},
		{name: "Flyway", files: api.with(files{"backend/sql/V1__a.sql": ""}),
			want: "backend migrates by Flyway (backend/sql):  in , reads , needs ; the backend's image has no flyway: build it from a Dockerfile that has it, and say --migrate COMMAND"},
		{name: "plain SQL", files: api.with(files{"backend/sql/schema.sql": "", "backend/migrations/1_a.sql": "SELECT 1"}), not: "backend migrates"},
		{name: "a Dockerfile", files: alembic.with(files{"backend/Dockerfile": "FROM python:3.11\nCOPY . .\nCMD [\"uvicorn\", \"main:app\"]\n"}),
			want: "backend migrates by Alembic (backend/alembic.ini): python -m alembic upgrade heads in ., reads backend/alembic.ini backend/alembic/**, needs alembic.ini; "},
		{name: "a Dockerfile that migrates", files: alembic.with(files{
			"backend/Dockerfile": "FROM python:3.11\nCOPY . .\nCMD [\"/app/start.sh\"]\n", "backend/start.sh": "alembic -c alembic.ini upgrade head\nexec uvicorn main:app",
		}), want: "backend migrates by Alembic (backend/alembic.ini): python -m alembic upgrade heads in ., reads backend/alembic.ini backend/alembic/**, needs alembic.ini; backend/Dockerfile runs them itself"},
	})
}
