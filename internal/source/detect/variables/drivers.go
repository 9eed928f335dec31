package variables

import (
	"regexp"
	"strings"

	"dagger/stack/internal/lazyregexp"
)

// drivers are packages, by what a service that has them talks to or how it does that.
var drivers = []struct {
	what     string
	packages []string
}{
	{"postgres", []string{"asyncpg", "psycopg", "psycopg-binary", "psycopg2", "psycopg2-binary", "pg8000", "aiopg", "pg", "postgres", "pg-promise", "slonik",
		"@neondatabase/serverless", "@vercel/postgres", "github.com/lib/pq", "github.com/jackc/pgx", "github.com/jackc/pgx/v4", "github.com/jackc/pgx/v5",
		"gorm.io/driver/postgres", "github.com/uptrace/bun/driver/pgdriver", "github.com/go-pg/pg/v10"}},
	{"mysql", []string{"pymysql", "mysqlclient", "aiomysql", "asyncmy", "mysql2", "mysql", "mariadb", "mysql-connector-python", "github.com/go-sql-driver/mysql", "gorm.io/driver/mysql"}},
	{"sqlite", []string{"aiosqlite", "better-sqlite3", "sqlite3", "@libsql/client", "github.com/mattn/go-sqlite3", "modernc.org/sqlite", "gorm.io/driver/sqlite"}},
	{"mongodb", []string{"pymongo", "motor", "beanie", "mongoengine", "mongoose", "mongodb", "go.mongodb.org/mongo-driver", "go.mongodb.org/mongo-driver/v2"}},
	{"redis", []string{"redis", "ioredis", "aioredis", "celery", "rq", "arq", "bullmq", "bull", "django-redis", "channels-redis", "fastapi-cache2", "github.com/redis/go-redis/v9",
		"github.com/go-redis/redis/v8", "github.com/gomodule/redigo", "github.com/hibiken/asynq", "dramatiq", "fastapi-limiter", "connect-redis", "@upstash/redis", "valkey", "iovalkey"}},
	{"sqlalchemy", []string{"sqlalchemy", "sqlmodel", "flask-sqlalchemy", "alembic", "alchemical", "advanced-alchemy"}},
	{"asyncpg", []string{"asyncpg"}},
	{"pymysql", []string{"pymysql"}},
	{"aiomysql", []string{"aiomysql"}},
	{"asyncmy", []string{"asyncmy"}},
	{"psycopg2", []string{"psycopg2", "psycopg2-binary"}},
	{"psycopg3", []string{"psycopg", "psycopg-binary"}},
	{"lib/pq", []string{"github.com/lib/pq", "github.com/golang-migrate/migrate/v4"}},
	{"django", []string{"django"}},
}

// mentions are patterns for the packages in a manifest, by what they are a driver of.
var mentions = func() map[string]*lazyregexp.Regexp {
	patterns := map[string]*lazyregexp.Regexp{}
	for _, d := range drivers {
		var names []string
		for _, name := range d.packages {
			names = append(names, regexp.QuoteMeta(name))
		}
		patterns[d.what] = lazyregexp.New(`(?im)(?:^|["'\s])(?:` + strings.Join(names, "|") + `)(?:$|["'\[\s=<>~!;@,^])`)
	}
	return patterns
}()

// traits are what is known of a service's code besides its variables.
type traits map[string]bool

var (
	asyncEngine = lazyregexp.New(`create_async_engine|async_engine_from_config|AsyncEngine`)
	rewrites    = lazyregexp.New(`\.replace\(\s*["']?(?:postgres|scheme)|startswith\(\s*["']postgres|set\(drivername|postgresql\+\w+://\{`)
)

func traitsOf(texts []Text) traits {
	found := traits{}
	for _, t := range texts {
		found["go"] = found["go"] || golang(t.File)
		if Manifest(t.File) {
			for what, pattern := range mentions {
				found[what] = found[what] || pattern.MatchString(t.Text)
			}
		}
		if python(t.File) {
			found["async engine"] = found["async engine"] || asyncEngine.MatchString(t.Text)
			found["rewrites"] = found["rewrites"] || rewrites.MatchString(t.Text)
		}
		if prisma(t.File) {
			if match := prismaProvider.FindStringSubmatch(t.Text); match != nil {
				found[providers[match[1]]] = true
			}
		}
	}
	return found
}

// providers are Prisma's words.
var providers = map[string]string{"postgresql": "postgres", "postgres": "postgres", "mysql": "mysql", "sqlite": "sqlite", "mongodb": "mongodb"}

// Databases are those beside postgres that a service has a client of, and no client of postgres: "mysql" and "mongodb".
func (s Service) Databases(texts []Text) (kinds []string) {
	found := traitsOf(s.Of(texts))
	for _, kind := range []string{"mysql", "mongodb"} {
		if found[kind] && (kind == "mongodb" || !found["postgres"]) {
			kinds = append(kinds, kind)
		}
	}
	return kinds
}

// usesPostgres says whether the service can talk to a postgres: it has a driver, or nothing is known of it.
func (t traits) usesPostgres() bool {
	return t["postgres"] || !t["mysql"] && !t["sqlite"] && !t["mongodb"] && !t["django"] && !t["sqlalchemy"]
}

// scheme is that of the addresses of a postgres, as the service's driver wants it. shown is the scheme of an example.
func (t traits) scheme(name, shown string) string {
	shown = strings.TrimPrefix(shown, "db+") // Celery's word for SQLAlchemy
	base, driver, hasDriver := strings.Cut(shown, "+")
	if hasDriver && strings.HasPrefix(base, "postgres") && t.has(driver) {
		return shown
	}
	async := t["async engine"]
	if strings.Contains(name, "ASYNC") {
		async = true
	} else if strings.Contains(name, "SYNC") || t["async name"] {
		async = false
	}
	switch {
	case !t["sqlalchemy"] || t["rewrites"]:
	case async && t["asyncpg"]:
		return "postgresql+asyncpg"
	case async && t["psycopg3"], !t["psycopg2"] && t["psycopg3"]:
		return "postgresql+psycopg"
	case !async && (t["psycopg2"] || t["async name"]):
		return "postgresql"
	case t["asyncpg"] && !t["psycopg2"]:
		return "postgresql+asyncpg"
	}
	if strings.HasPrefix(base, "postgres") && !t["sqlalchemy"] { // SQLAlchemy knows no postgres://
		return base
	}
	return "postgresql"
}

// has says whether the driver of an address is there.
func (t traits) has(driver string) bool {
	switch driver {
	case "psycopg":
		return t["psycopg3"]
	case "asyncpg", "psycopg2":
		return t[driver]
	}
	return true
}
