package detect

import (
	"strings"
	"testing"

	"dagger/stack/internal/project"
	"dagger/stack/internal/recipe"
)

// What of postgres' extensions the official image lacks decides the image.
func TestExtensions(t *testing.T) {
	t.Parallel()
	const vector, gis, plain = "pgvector/pgvector:pg15", "postgis/postgis:15-3.5-alpine", "postgres:15-alpine"
	for _, row := range []struct{ name, file, text, image, why string }{
		{"requirements", "backend/requirements.txt", "fastapi\npgvector>=0.3\n", vector, "backend/requirements.txt:2 uses pgvector: the default image of postgres is pgvector/pgvector:pg15, which has it"},
		{"a comment of requirements", "backend/requirements.txt", "# pgvector\n", plain, ""},
		{"a manifest", "backend/pyproject.toml", "[project]\ndependencies = [\n  \"fastapi\", \"pgvector>=0.3\",\n]\n", vector, "backend/pyproject.toml:3 uses"},
		{"Poetry's", "backend/pyproject.toml", "[tool.poetry.dependencies]\npgvector = \"^0.3\"\n", vector, ""},
		{"npm's", "package.json", `{"dependencies": {"pgvector": "^0.2"}}`, vector, ""},
		{"Go's", "go.mod", "module x\n\nrequire github.com/pgvector/pgvector-go v0.3.0\n", vector, ""},
		{"another package", "package.json", `{"name": "pgvector-demo"}`, plain, ""},
		{"code", "backend/app/models.py", "from pgvector.sqlalchemy import Vector\n", vector, ""},
		{"a variable", "backend/app/vecs.py", "vecs = [vector]\n", plain, ""},
		{"SQL", "db/init.sql", "-- CREATE EXTENSION postgis;\ncreate extension if not exists \"vector\" with schema public;\n", vector, "db/init.sql:2 uses pgvector"},
		{"a migration of Alembic", "backend/alembic/versions/1_x.py", "op.execute('CREATE EXTENSION IF NOT EXISTS vector')\n", vector, ""},
		{"a migration of Django", "shop/migrations/0001_x.py", "operations = [CreateExtension('vector')]\n", vector, ""},
		{"a migration of a test", "tests/migrations/1.sql", "CREATE EXTENSION vector;\n", plain, ""},
		{"Prisma", "prisma/schema.prisma", "datasource db {\n  provider = \"postgresql\"\n  extensions = [pg_trgm, vector]\n}\n", vector, ""},
		{"Drizzle", "src/schema.ts", "import { pgTable, vector } from 'drizzle-orm/pg-core'\n", vector, ""},
		{"GeoAlchemy", "requirements.txt", "GeoAlchemy2==0.15\n", gis, "requirements.txt:1 uses PostGIS"},
		{"Django", "shop/settings.py", "INSTALLED_APPS = ['django.contrib.gis']\n", gis, ""},
		{"time", "db/1.sql", "SELECT create_hypertable('ticks', 'time');\n", "timescale/timescaledb:latest-pg15", ""},
		{"an extension of the official image", "db/1.sql", "CREATE EXTENSION pg_trgm;\n", plain, ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			p, err := Join(files{"backend/main.py": fastapi}.with(api, files{row.file: row.text}).fs(), Databases("shop"), Flags{})
			if err != nil {
				t.Fatal(err)
			}
			if got := serviceOf(t, p, "postgres"); got.Build.Image != row.image || got.Kind != row.image {
				t.Errorf("the image is %s (%s), want %s", got.Build.Image, got.Kind, row.image)
			}
			if notes := strings.Join(p.Notes, "\n"); !strings.Contains(notes, row.why) || strings.Contains(notes, "--postgres-image") != (row.image != plain) {
				t.Errorf("the notes are\n%s\nwant %q", notes, row.why)
			}
		})
	}
}

func TestExtensionsOfOthers(t *testing.T) {
	t.Parallel()
	uses := files{"db/1.sql": "CREATE EXTENSION vector;\nCREATE EXTENSION postgis;\n"}.with(api).fs()
	both, err := Join(uses, Databases("shop"), Flags{})
	if err != nil {
		t.Fatal(err)
	}
	const want = "db/1.sql:1 uses pgvector and db/1.sql:2 uses PostGIS: the default image of postgres is pgvector/pgvector:pg15, which has only the first: name one that has all with --postgres-image"
	if notes := strings.Join(both.Notes, "\n"); !strings.Contains(notes, want) {
		t.Errorf("the notes are\n%s\nwant %q", notes, want)
	}
	described := recipe.Postgres("postgres", "postgres:16")
	described.Described = true
	composed, err := Join(uses, project.Project{Name: "shop", Services: append(Databases("shop").Services[1:], described)}, Flags{})
	if err != nil {
		t.Fatal(err)
	}
	same(t, "the image of a compose file", serviceOf(t, composed, "postgres").Build.Image, "postgres:16")
	without, err := Join(uses, Databases("shop"), Flags{Without: []string{"postgres"}})
	if err != nil {
		t.Fatal(err)
	}
	if notes := strings.Join(without.Notes, "\n"); strings.Contains(notes, "pgvector") {
		t.Errorf("without the database the notes are\n%s", notes)
	}
}
