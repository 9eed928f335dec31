package detect

import (
	"strings"
	"testing"

	"dagger/stack/internal/project"
	"dagger/stack/internal/source/detect/variables"
)

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
	const pgx = "module x\n\nrequire github.com/jackc/pgx/v5 v5.7.0\n"
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
		{name: "Prisma in a package of the workspace", files: files{
			"package.json": `{"private":true,"workspaces":["apps/*","packages/*"]}`, "package-lock.json": "{}", "apps/api/main.ts": "",
			"apps/api/package.json":            `{"name":"api","scripts":{"dev":"tsx main.ts"},"dependencies":{"express":"5","@shop/db":"*"}}`,
			"packages/db/package.json":         `{"name":"@shop/db","dependencies":{"@prisma/client":"6"},"devDependencies":{"prisma":"6"}}`,
			"packages/db/prisma/schema.prisma": "datasource db {\n  provider = \"postgresql\"\n}\n", "packages/db/prisma/migrations/1_init/migration.sql": "",
		}, want: "backend migrates by Prisma (packages/db/prisma/migrations): npx --no-install prisma migrate deploy in /app/packages/db, reads packages/db/package.json packages/db/prisma/migrations/** packages/db/prisma/schema.prisma, needs ; "},
		{name: "Prisma in a package that another service is made of", files: files{
			"package.json": `{"private":true,"workspaces":["apps/*","packages/*"]}`, "package-lock.json": "{}", "apps/api/main.ts": "",
			"apps/api/package.json":            `{"name":"api","scripts":{"dev":"tsx main.ts"},"dependencies":{"express":"5"}}`,
			"packages/db/package.json":         `{"name":"@shop/db","dependencies":{"@prisma/client":"6"},"devDependencies":{"prisma":"6"}}`,
			"packages/db/prisma/schema.prisma": "datasource db {\n  provider = \"postgresql\"\n}\n", "packages/db/prisma/migrations/1_init/migration.sql": "",
		}, not: "backend migrates"},
		{name: "Drizzle in a package of a pnpm workspace", files: files{
			"package.json": `{"private":true}`, "pnpm-lock.yaml": "lockfileVersion: '9.0'\n", "pnpm-workspace.yaml": "packages:\n  - apps/*\n  - packages/*\n", "apps/api/main.ts": "",
			"apps/api/package.json":         `{"name":"api","scripts":{"dev":"tsx main.ts"},"dependencies":{"hono":"4","@shop/db":"workspace:*"}}`,
			"packages/db/package.json":      `{"name":"@shop/db","dependencies":{"drizzle-orm":"1","pg":"8"},"devDependencies":{"drizzle-kit":"1"}}`,
			"packages/db/drizzle.config.ts": `export default { dialect: "postgresql", out: "./drizzle" }`, "packages/db/drizzle/0000.sql": "",
		}, want: "backend migrates by Drizzle (packages/db/drizzle): pnpm exec drizzle-kit migrate in /app/packages/db"},
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
			want: "backend migrates by TypeORM (backend/src/migrations):  in /app, reads backend/package.json backend/src/migrations/**, needs ; backend/package.json has no script that runs typeorm migration:run, and no data-source.ts beside ts-node was found"},
		{name: "TypeORM by its data source", files: node(`,"typeorm":"0.3","pg":"8","ts-node":"10"`, "", files{"backend/src/migrations/1.ts": "", "backend/src/data-source.ts": "export default new DataSource({})"}),
			want: "backend migrates by TypeORM (backend/src/migrations): npx --no-install typeorm-ts-node-commonjs migration:run -d src/data-source.ts in /app, reads backend/package.json backend/src/migrations/** backend/src/data-source.ts, needs ; "},
		{name: "TypeORM by the project's script for its program", files: node(`,"typeorm":"0.3","pg":"8","ts-node":"10"`, `,"typeorm":"typeorm-ts-node-commonjs"`, files{"backend/src/migrations/1.ts": "", "backend/src/data-source.ts": "export default new DataSource({})"}),
			want: "backend migrates by TypeORM (backend/src/migrations): npm run typeorm -- migration:run -d src/data-source.ts in /app, reads backend/package.json backend/src/migrations/** backend/src/data-source.ts, needs ; "},
		{name: "TypeORM by a script that names the data source", files: node(`,"typeorm":"0.3","pg":"8","ts-node":"10"`, `,"typeorm":"typeorm-ts-node-commonjs -d src/data-source.ts"`, files{"backend/src/migrations/1.ts": "", "backend/src/data-source.ts": "export default new DataSource({})"}),
			want: "backend migrates by TypeORM (backend/src/migrations): npm run typeorm -- migration:run in /app, "},
		{name: "TypeORM's data source without ts-node", files: node(`,"typeorm":"0.3","pg":"8"`, "", files{"backend/src/migrations/1.ts": "", "backend/src/data-source.ts": "export default new DataSource({})"}),
			want: "backend migrates by TypeORM (backend/src/migrations):  in /app, reads backend/package.json backend/src/migrations/**, needs ; backend/package.json has no script that runs typeorm migration:run, and no data-source.ts beside ts-node was found"},
		{name: "make migrate in an entrypoint", files: node(`,"typeorm":"0.3","pg":"8","ts-node":"10"`, "", files{"backend/src/migrations/1.ts": "", "backend/src/data-source.ts": "export default new DataSource({})",
			"backend/Dockerfile": "FROM node:22\nCOPY entrypoint.sh /\nENTRYPOINT [\"/entrypoint.sh\"]\n", "backend/entrypoint.sh": "make migrate\nexec \"$@\"\n"}),
			want: "backend migrates by TypeORM (backend/src/migrations): npx --no-install typeorm-ts-node-commonjs migration:run -d src/data-source.ts in ., reads backend/package.json backend/src/migrations/** backend/src/data-source.ts, needs src/data-source.ts node_modules/.bin/typeorm-ts-node-commonjs; backend/Dockerfile runs them itself"},
		{name: "Sequelize", files: node(`,"sequelize-cli":"6","pg":"8"`, "", files{"backend/.sequelizerc": "", "backend/migrations/1.js": ""}),
			want: "backend migrates by Sequelize (backend/migrations): npx --no-install sequelize-cli db:migrate in /app, reads backend/package.json backend/migrations/** backend/.sequelizerc, needs ; "},
		{name: "a script", files: node(`,"pg":"8"`, `,"migrate":"node migrate.js"`, nil),
			want: "backend migrates by the script migrate (backend/package.json): npm run migrate in /app, reads , needs ; "},
		{name: "a script that does more", files: node(`,"pg":"8"`, `,"migrate":"node migrate.js create","db:migrate":"prisma migrate dev"`, nil), not: "backend migrates"},
		{name: "a script without a database", files: node("", `,"migrate":"node migrate.js"`, nil), not: "backend migrates"},
		{name: "goose", files: files{"go.mod": pgx + "require github.com/pressly/goose/v3 v3.20.0\n", "main.go": "package main\n", "migrations/001_a.sql": "-- +goose Up\n"},
			want: `backend migrates by goose v3.20.0 (migrations): sh -c /opt/bin/goose -dir . postgres "postgres://${DATABASE_URL#*://}" up in /app, reads migrations/**, needs ;
				backend migrates in golang:1.26-alpine of migrations on alpine:3, by go install -tags no_clickhouse,`},
		{name: "golang-migrate that go.mod does not name", files: files{"backend/go.mod": pgx, "backend/main.go": "package main\n", "backend/db/migrations/001_a.up.sql": ""},
			want: `backend migrates by golang-migrate v4.19.1 (backend/db/migrations): sh -c /opt/bin/migrate -path . -database "postgres://${DATABASE_URL#*://}" up in /app, reads backend/db/migrations/**, needs ;
				backend migrates in golang:1.26-alpine of backend/db/migrations on alpine:3, by go install -tags postgres github.com/golang-migrate/migrate/v4/cmd/migrate@v4.19.1`},
		{name: "golang-migrate in the project's root", files: files{"backend/go.mod": pgx, "backend/main.go": "package main\n", "migrations/001_a.up.sql": ""},
			want: "backend migrates by golang-migrate v4.19.1 (migrations): "},
		{name: "golang-migrate with another database", files: files{"go.mod": "module x\n", "main.go": "package main\n", "db/migrations/001_a.up.sql": ""},
			want: "backend migrates by golang-migrate (db/migrations):  in , reads , needs ; go.mod names no driver of postgres, such as github.com/jackc/pgx/v5"},
		{name: "goose beside Python", files: api.with(files{"backend/migrations/1_a.sql": "-- +goose Up\n"}), want: "backend migrates by goose v3.26.0 (backend/migrations): sh -c /opt/bin/goose"},
		{name: "goose in internal/migrations", files: files{"go.mod": pgx, "main.go": "package main\n", "internal/migrations/1_a.sql": "-- +goose Up\n"}, want: "backend migrates by goose v3.26.0 (internal/migrations): sh -c /opt/bin/goose"},
		{name: "goose of a Dockerfile", files: files{"go.mod": pgx, "main.go": "package main\n", "migrations/1_a.sql": "-- +goose Up\n", "Dockerfile": "FROM scratch\nCOPY x /\nCMD [\"/x\"]\n", "x": ""},
			want: "backend migrates by goose v3.26.0 (migrations): sh -c /opt/bin/goose -dir . postgres \"postgres://${DATABASE_URL#*://}\" up in /app, reads migrations/**, needs ; "},
		{name: "golang-migrate of a Dockerfile that migrates", files: files{"go.mod": pgx, "main.go": "package main\n", "db/migration/1_a.up.sql": "",
			"Dockerfile": "FROM alpine\nCOPY start.sh .\nENTRYPOINT [\"/start.sh\"]\n", "start.sh": "/app/migrate -path /app/migration -database \"$DB_SOURCE\" -verbose up\n"},
			want: "backend migrates by golang-migrate v4.19.1 (db/migration): sh -c /opt/bin/migrate -path . -database \"postgres://${DATABASE_URL#*://}\" up in /app, reads db/migration/**, needs ; Dockerfile runs them itself"},
		{name: "Atlas", files: files{"go.mod": pgx, "main.go": "package main\n", "atlas.hcl": "", "migrations/1_a.sql": "", "migrations/atlas.sum": ""},
			want: "backend migrates by Atlas (migrations):  in , reads , needs ; the backend's image has no atlas: build it from a Dockerfile that has it, and say --migrate COMMAND; or run them in an image that has it and them, by with-job --name migrate --container IMAGE --command COMMAND --needs postgres --before backend"},
		{name: "Flyway", files: api.with(files{"backend/sql/V1__a.sql": ""}),
			want: "backend migrates by Flyway (backend/sql):  in , reads , needs ; the backend's image has no flyway: build it from a Dockerfile that has it, and say --migrate COMMAND; or "},
		{name: "plain SQL", files: api.with(files{"backend/sql/schema.sql": "", "backend/migrations/1_a.sql": "SELECT 1"}), not: "backend migrates"},
		{name: "a Dockerfile", files: alembic.with(files{"backend/Dockerfile": "FROM python:3.11\nCOPY . .\nCMD [\"uvicorn\", \"main:app\"]\n"}),
			want: "backend migrates by Alembic (backend/alembic.ini): python -m alembic upgrade heads in ., reads backend/alembic.ini backend/alembic/**, needs alembic.ini; "},
		{name: "a Dockerfile that migrates", files: alembic.with(files{
			"backend/Dockerfile": "FROM python:3.11\nCOPY . .\nCMD [\"/app/start.sh\"]\n", "backend/start.sh": "alembic -c alembic.ini upgrade head\nexec uvicorn main:app",
		}), want: "backend migrates by Alembic (backend/alembic.ini): python -m alembic upgrade heads in ., reads backend/alembic.ini backend/alembic/**, needs alembic.ini; backend/Dockerfile runs them itself"},
	})
}

// A program in Go that has a tool as a library runs the migrations by itself, one beside it does not.
func TestMigratesInCode(t *testing.T) {
	t.Parallel()
	const by = "the backend has it as a library (%), and is expected to run them itself"
	text := func(imports ...string) string {
		text := "package x\n"
		for _, name := range imports {
			text += "import _ \"" + name + "\"\n"
		}
		return text
	}
	for name, c := range map[string]struct {
		files files
		by    string // "": the code does not
	}{
		"in main":               {files{"api/cmd/api/main.go": text("github.com/pressly/goose/v3")}, "api/cmd/api"},
		"a part of the library": {files{"api/cmd/api/main.go": text("github.com/pressly/goose/v3/database")}, "api/cmd/api"},
		"far from main":         {files{"api/cmd/api/main.go": text("x/internal/app"), "api/internal/app/a.go": text("fmt", "x/internal/db"), "api/internal/db/db.go": text("github.com/pressly/goose/v3")}, "api/internal/db"},
		"packages in a circle":  {files{"api/cmd/api/main.go": text("x/a"), "api/a/a.go": text("x/b"), "api/b/b.go": text("x/a")}, ""},
		"another program":       {files{"api/cmd/api/main.go": text("x/internal/app"), "api/cmd/migrate/main.go": text("github.com/pressly/goose/v3")}, ""},
		"the tool":              {files{"api/cmd/api/main.go": text("github.com/pressly/goose/v3/cmd/goose")}, ""},
		"behind a tag":          {files{"api/cmd/api/main.go": text("fmt"), "api/cmd/api/migrate.go": "// Migrations.\n\n//go:build migrate\n\n" + text("github.com/pressly/goose/v3")}, ""},
		"behind a platform":     {files{"api/cmd/api/main.go": "//go:build linux && go1.20 && !windows\n\n" + text("github.com/pressly/goose/v3")}, "api/cmd/api"},
		"a file with a mistake": {files{"api/cmd/api/main.go": "package"}, ""},
		"another library":       {files{"api/cmd/api/main.go": text("github.com/pressly/goose/v3x")}, ""},
	} {
		var texts []variables.Text
		for file, text := range c.files.with(files{"api/go.mod": "module x\n"}) {
			texts = append(texts, variables.Text{File: file, Text: text})
		}
		found := Result{Backend: &Service{Dir: "api", Program: "api/cmd/api", Migration: project.Migration{Tool: "goose v3.26.0"}}}
		found.migratesInCode(texts)
		want := ""
		if c.by != "" {
			want = strings.ReplaceAll(by, "%", c.by)
		}
		if got := found.Backend.Migration.Missing; got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}
