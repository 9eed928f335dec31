package variables

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"dagger/stack/internal/spec"
)

// texts are files of a project: each begins with a line "-- NAME --".
func texts(t *testing.T, project string) []Text {
	t.Helper()
	files := fstest.MapFS{}
	for part := range strings.SplitSeq("\n"+strings.TrimLeft(project, "\n"), "\n-- ") {
		if name, text, found := strings.Cut(part, " --\n"); found {
			files[name] = &fstest.MapFile{Data: []byte(text)}
		}
	}
	found, _, err := Files(files)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// both is a stack that has everything.
var both = Stack{Database: "postgres", Cache: "redis", Backend: "backend", Frontend: "frontend"}

// decided is what becomes of a project's variables: a line each, then those that are missing, then the notes.
func decided(d Decision) (lines []string) {
	for _, v := range d.Env {
		text := v.Value.String()
		for _, part := range v.Value {
			if part.Secret != nil && part.Secret.Random != nil {
				text = fmt.Sprintf("made %s%d as %s", part.Secret.Random.Form, part.Secret.Random.Length, part.Secret.Name)
			}
		}
		if v.Unset {
			text = "unset"
		}
		lines = append(lines, v.Name+" = "+text)
	}
	for _, m := range d.Missing {
		lines = append(lines, "missing "+m.Name+" "+m.From+strings.TrimRight(" "+m.Why, " "))
	}
	return lines
}

const (
	login = "<user of postgres>:<password of postgres>@<host of postgres>:<port of postgres>/<database of postgres>"
	cache = "<login of redis><host of redis>:<port of redis>"
)

type row struct{ name, project, want string }

// rows checks the lines of want, and that there are no others.
func rows(t *testing.T, service Service, stack Stack, all []row) {
	t.Helper()
	if service.Dir == "" {
		service.Dir = "."
	}
	if service.Name == "" {
		service.Name = "backend"
	}
	for _, r := range all {
		var want []string
		for line := range strings.SplitSeq(r.want, "\n") {
			if line = strings.TrimSpace(line); line != "" {
				want = append(want, strings.NewReplacer("LOGIN", login, "CACHE", cache).Replace(line))
			}
		}
		if got := decided(Decide(service, texts(t, r.project), stack)); !slices.Equal(got, want) {
			t.Errorf("%s:\n got %s\nwant %s", r.name, strings.Join(got, "\n     "), strings.Join(want, "\n     "))
		}
	}
}

const sqlalchemy = "-- requirements.txt --\nsqlalchemy\n"

func TestDatabase(t *testing.T) {
	t.Parallel()
	rows(t, Service{Port: 8000}, both, []row{
		{"by parts", "-- a.py --\nimport os\nH = os.environ['POSTGRES_HOST']\nP = os.getenv('POSTGRES_PORT', '5432')\nu = os.environ.get(\"DB_USER\")\nDB_NAME=os.getenv('DB_NAME')\nx=os.getenv('SQL_PASSWORD','x')\n", `
			DB_NAME = <database of postgres>
			DB_USER = <user of postgres>
			POSTGRES_HOST = <host of postgres>
			POSTGRES_PORT = <port of postgres>
			SQL_PASSWORD = <password of postgres>`},
		{"an address of keywords, in a folder of settings", "-- go.mod --\nmodule x\nrequire github.com/lib/pq v1.10.0\n-- internal/config/config.go --\npackage config\ntype C struct {\n\tDSN string `mapstructure:\"DB_POSTGRE_DSN\"`\n}\n-- internal/config/.env.example --\nDB_POSTGRE_DSN=user=me password=x host=h port=5432 dbname=d sslmode=disable\n",
			"DB_POSTGRE_DSN = host=<host of postgres> port=<port of postgres> user=<user of postgres> password=<password of postgres> dbname=<database of postgres> sslmode=disable\nDATABASE_URL = postgresql://LOGIN?sslmode=disable"},
		{"libpq's names", "-- a.js --\nnew Pool({host: process.env.PGHOST, db: process.env.PGDATABASE})", "PGDATABASE = <database of postgres>\nPGHOST = <host of postgres>"},
		{"an asynchronous engine", sqlalchemy + "asyncpg\n-- a.py --\ne = create_async_engine(os.environ['DATABASE_URL'])\n", "DATABASE_URL = postgresql+asyncpg://LOGIN"},
		{"psycopg 3", sqlalchemy + "psycopg[binary]>=3\n-- a.py --\ne = create_engine(os.environ['DATABASE_URL'])\n", "DATABASE_URL = postgresql+psycopg://LOGIN"},
		{"psycopg2", sqlalchemy + "psycopg2-binary==2.9\n-- a.py --\ne = create_engine(os.environ['DATABASE_URL'])\n", "DATABASE_URL = postgresql://LOGIN"},
		{"two addresses", sqlalchemy + "asyncpg\npsycopg2\n-- a.py --\ne = create_async_engine(os.environ['DATABASE_ASYNC_URL']); s = os.environ['DATABASE_URL']\n",
			"DATABASE_ASYNC_URL = postgresql+asyncpg://LOGIN\nDATABASE_URL = postgresql://LOGIN"},
		{"one that the code changes", sqlalchemy + "psycopg\n-- a.py --\nu = os.environ['DATABASE_URL'].replace('postgresql://', 'postgresql+psycopg://')\n", "DATABASE_URL = postgresql://LOGIN"},
		{"the example's scheme", sqlalchemy + "asyncpg\n-- .env.example --\nMAIN_DB=postgresql+asyncpg://u:p@localhost/x\n", "MAIN_DB = postgresql+asyncpg://LOGIN"},
		{"the example's query", "-- package.json --\n{\"pg\":\"8\"}\n-- .env.example --\nDATABASE_URL=\"postgres://u:p@localhost:5432/x?schema=public&sslmode=require\"\n", "DATABASE_URL = postgres://LOGIN?schema=public&sslmode=disable"},
		{"a driver that insists", "-- go.mod --\nrequire (\n\tgithub.com/lib/pq v1.10.9\n)\n-- a.go --\ndsn := os.Getenv(\"DATABASE_URL\")\n", "DATABASE_URL = postgresql://LOGIN?sslmode=disable"},
		{"a driver that insists, read in a way of its own", "-- go.mod --\nrequire (\n\tgithub.com/lib/pq v1.10.9\n)\n-- a.go --\nvar options = map[string]string{\"DATABASE_URL\": \"\"}\n", "DATABASE_URL = postgresql://LOGIN?sslmode=disable"},
		{"key words", "-- a.go --\ndsn := getEnv(\"DB_DSN\", \"host=localhost user=x dbname=y\")\n", "DB_DSN = host=<host of postgres> port=<port of postgres> user=<user of postgres> password=<password of postgres> dbname=<database of postgres> sslmode=disable"},
		{"Prisma", "-- prisma/schema.prisma --\ndatasource db {\n  provider = \"postgresql\"\n  url = env(\"MY_URL\")\n  directUrl = env(\"DIRECT_URL\")\n}\n", "DIRECT_URL = postgresql://LOGIN\nMY_URL = postgresql://LOGIN"},
		{"Prisma with another", "-- prisma/schema.prisma --\ndatasource db {\n  provider = \"mysql\"\n  url = env(\"DATABASE_URL\")\n}\n", "missing DATABASE_URL prisma/schema.prisma:3 it means a MySQL, which the stack does not have: add one with with-service"},
		{"a switch of Django's between databases", "-- requirements.txt --\nDjango\npsycopg\n-- hc/settings.py --\nname = os.getenv('DB_NAME', 'hc.sqlite')\nif os.getenv('DB') == 'postgres':\n  host = os.getenv('DB_HOST', '')\nif os.getenv('DB') == 'mysql':\n  pass\n",
			"DB = postgres\nDB_HOST = <host of postgres>\nDB_NAME = <database of postgres>"},
		{"one with a default, of small letters", sqlalchemy + "psycopg2\n-- a.py --\nif os.environ.get('STORAGE', 'sqlite').lower() in ('postgresql', 'postgres'): pass\n", "STORAGE = postgresql"},
		{"one in JavaScript", "-- package.json --\n{\"pg\":\"8\"}\n-- a.js --\nconst db = process.env.STORE !== 'pg' ? sqlite() : postgres()\n", "STORE = pg"},
		{"a case in JavaScript", "-- package.json --\n{\"pg\":\"8\"}\n-- a.ts --\nswitch (process.env.DB_TYPE) {\n  case 'sqlite':\n    return lite()\n  case 'postgres':\n", "DB_TYPE = postgres"},
		{"a case in Go", "-- a.go --\nswitch os.Getenv(\"STORE\") {\ncase \"postgres\":\n", "STORE = postgres"},
		{"a name of a database, and what is no variable", "-- a.py --\nif os.getenv('DB_NAME') == 'postgres' or KIND == 'postgres': pass\n", "DB_NAME = <database of postgres>"},
		{"a switch in a comment", sqlalchemy + "psycopg2\n-- a.py --\nos.getenv('DB_KIND')\n# if os.getenv('DB_KIND') == 'postgres'\n", ""},
		{"a switch of tests", sqlalchemy + "psycopg2\n-- a.py --\nif os.getenv('TEST_DB') == 'postgres': pass\n", ""},
		{"no driver", sqlalchemy + "-- a.py --\nu = os.getenv('DATABASE_URL', 'sqlite:///x.db')\n", "DATABASE_URL = unset"},
		{"another database", "-- a.py --\na=os.getenv('MYSQL_DB_HOST'); b=os.getenv('TEST_DATABASE_URL'); c=os.getenv('MONGO_DB_NAME')\n", ""},
		{"Django", "-- requirements.txt --\ndjango\npsycopg2\n-- s.py --\nE=os.environ.get('SQL_ENGINE', 'django.db.backends.sqlite3')\n", "SQL_ENGINE = django.db.backends.postgresql"},
		{"the engine's word", "-- package.json --\n{\"pg\":\"8\"}\n-- .env.example --\nDATABASE_TYPE=mongodb\n-- env-example-b --\nDATABASE_TYPE=postgres\n-- a.ts --\nprocess.env.DATABASE_TYPE\n", "DATABASE_TYPE = postgres"},
		{"TLS", "-- a.ts --\nprocess.env.DB_SSL\nprocess.env.DB_SSLMODE\n-- .env.example --\nDB_SSL=true\n", "DB_SSL = false\nDB_SSLMODE = disable"},
		{"computed", "-- a.py --\nclass S(BaseSettings):\n    DB_HOST: str = 'x'\n    DB_URI: str = f\"{DB_HOST}/x\"\ns=S()\n", "DB_HOST = <host of postgres>"},
	})
	rows(t, Service{}, Stack{}, []row{{"no database", "-- a.py --\na=os.environ['DATABASE_URL']\nb=os.getenv('DB_HOST')\n", "missing DATABASE_URL a.py:1"}})
}

func TestCache(t *testing.T) {
	t.Parallel()
	rows(t, Service{Port: 8000}, both, []row{
		{"by parts", "-- a.py --\nos.getenv('REDIS_HOST', 'localhost'), os.getenv('REDIS_PORT', 6379), os.getenv('REDIS_PASSWORD'), os.getenv('REDIS_DB', 0)\n",
			"REDIS_HOST = <host of redis>\nREDIS_PASSWORD = <password of redis>\nREDIS_PORT = <port of redis>"},
		{"Celery", "-- requirements.txt --\ncelery[redis]\n-- a.py --\nos.environ['CELERY_BROKER_URL'], os.getenv('CELERY_RESULT_BACKEND', 'redis://localhost:6379/1')\n",
			"CELERY_BROKER_URL = redis://CACHE/0\nCELERY_RESULT_BACKEND = redis://CACHE/1"},
		{"another broker", "-- requirements.txt --\ncelery\n-- a.py --\nos.getenv('CELERY_BROKER_URL', 'amqp://guest@localhost')\n", ""},
		{"host and port", "-- a.go --\na := getEnv(\"REDIS_ADDR\", \"localhost:6379\"); b := os.Getenv(\"REDIS_URL\")\n", "REDIS_ADDR = <host of redis>:<port of redis>\nREDIS_URL = redis://CACHE/0"},
		{"a name of its own", "-- .env.example --\nWORKER_HOST=redis://redis:6379/3\n", "WORKER_HOST = redis://CACHE/3"},
		{"a user that is required", "-- a.py --\nos.environ['REDIS_USERNAME'], os.environ['REDIS_DB']\n", "REDIS_DB = 0\nREDIS_USERNAME = default"},
		{"not redis", "-- a.py --\nos.getenv('CACHE_URL', 'locmemcache://x'), os.getenv('CELERY_RESULT_BACKEND', 'django-db')\n", ""},
	})
}

func TestSecrets(t *testing.T) {
	t.Parallel()
	rows(t, Service{Port: 8000}, both, []row{
		{"forms", "-- .env.example --\nFERNET_KEY=x\nAPP_SECRET=\nSESSION_SECRET=0123456789abcdef0123456789abcdef\nADMIN_PASSWORD=changeme\n", `
			ADMIN_PASSWORD = made 48 as own-ADMIN_PASSWORD
			APP_SECRET = made 48 as own-APP_SECRET
			FERNET_KEY = made base64url32 as own-FERNET_KEY
			SESSION_SECRET = made hex32 as own-SESSION_SECRET`},
		{"of others", "-- a.ts --\nprocess.env.STRIPE_SECRET_KEY; process.env.GOOGLE_CLIENT_SECRET; process.env.API_KEY; process.env.AWS_SECRET_ACCESS_KEY; process.env.NEXT_PUBLIC_SECRET\n", ""},
		{"a prefix of the project", "-- a.py --\nclass S(BaseSettings):\n    model_config = SettingsConfigDict(env_prefix='SHOP_')\n    jwt_secret: str\nS()\n", "SHOP_JWT_SECRET = made 48 as own-SHOP_JWT_SECRET"},
	})
}

func TestAddresses(t *testing.T) {
	t.Parallel()
	const back, front = "http://<published address of backend>", "http://<published address of frontend>"
	rows(t, Service{Port: 8000}, both, []row{
		{"of a backend", "-- .env.example --\nFRONTEND_URL=http://localhost:5173\nCORS_ORIGINS=http://localhost:5173\nBACKEND_URL=http://localhost:5000/api\nSITE_URL=https://shop.example.com\n", `
			BACKEND_URL = ` + back + `/api
			CORS_ORIGINS = ` + front + `
			FRONTEND_URL = ` + front},
		{"a list", "-- a.py --\nclass S(BaseSettings):\n    BACKEND_CORS_ORIGINS: list[str] = ['http://localhost:5173']\n    ALLOWED_HOSTS: list[str] = ['*']\n    CORS_ALL: list[str] = ['*']\nS()\n",
			`BACKEND_CORS_ORIGINS = ["` + front + `"]`},
		{"where it listens", "-- a.ts --\nprocess.env.APP_PORT || 3000; process.env.SERVER_HOST || 'localhost'; process.env.GRPC_PORT || 9000; process.env.PORT\n", "APP_PORT = 8000\nSERVER_HOST = 0.0.0.0"},
	})
	rows(t, Service{Name: "frontend", Dir: "web", Others: []string{"api", "web"}, Port: 3000, Frontend: true}, both, []row{
		{"of a frontend", "-- web/a.ts --\nimport.meta.env.VITE_API_URL; process.env.NEXT_PUBLIC_WS_URL || 'ws://localhost:8000/ws'; process.env.API_URL ?? 'http://localhost:8000/v1'\n" +
			"process.env.NEXT_PUBLIC_POSTHOG_HOST || 'https://eu.posthog.com'; import.meta.env.VITE_BASE ?? '/api'; process.env.NEXTAUTH_URL\n-- web/.env.example --\nVITE_API_URL=http://localhost:8000/api\nNEXTAUTH_URL=http://localhost:3000\n-- .env.example --\nJWT_SECRET=x\n-- api/a.py --\nos.environ['X']\n", `
			API_URL = http://<host of backend>:<port of backend>/v1
			NEXTAUTH_URL = ` + front + `
			NEXT_PUBLIC_WS_URL = ws://<published address of backend>/ws
			VITE_API_URL = ` + back + `/api`},
	})
	rows(t, Service{Name: "frontend", Dir: "web", Build: ".", Others: []string{"api", "web"}, Port: 3000, Frontend: true, Has: []string{"BACKEND_URL"}}, both, []row{
		{"that has an address already", "-- web/a.ts --\nprocess.env.BACKEND_URL\n-- web/.env.example --\nBACKEND_URL=http://localhost:9999\n", ""},
		{"what another package insists on", "-- packages/pay/a.ts --\nrequireEnv('PAY_KEY')\n-- web/a.ts --\nrequireEnv('A_KEY')\n", "missing A_KEY web/a.ts:1"},
	})
}

func TestGivenFiles(t *testing.T) {
	t.Parallel()
	rows(t, Service{Port: 8000}, Stack{Database: "postgres", Given: map[string]string{"API_TOKEN": "x"}}, []row{
		{"they win", "-- .env --\nSECRET_KEY=mine\nOPENAI_API_KEY=k\nPORT=9\n-- a.py --\nos.environ['SECRET_KEY'], os.environ['OPENAI_API_KEY'], os.environ['PORT']\n", "OPENAI_API_KEY = k\nSECRET_KEY = mine"},
		{"not where the database is", "-- .env --\nDB_HOST=localhost\nDB_USER=me\n-- a.py --\nos.environ['DB_HOST'], os.environ['DB_USER']\n", "DB_HOST = <host of postgres>\nDB_USER = <user of postgres>"},
		{"a database elsewhere", "-- .env --\nDB_HOST=db.example.com\nDB_USER=me\n", "DB_HOST = db.example.com\nDB_USER = me"},
		{"the later one", "-- .env --\nX_KEY=a\n-- .env.local --\nX_KEY=b\n", "X_KEY = b"},
		{"what the user says", "-- a.py --\nos.environ['API_TOKEN']\n", ""},
	})
}

func TestExamples(t *testing.T) {
	t.Parallel()
	rows(t, Service{Port: 8000}, both, []row{
		{"what has no default", "-- .env.example --\nAPP_NAME=shop\nREGION=eu\nSENTRY_DSN=https://a@sentry.example.com/1\nN=3\nUNREAD=x\n-- a.ts --\nprocess.env.APP_NAME; process.env.REGION || 'us'; process.env.SENTRY_DSN; process.env.N\n", "APP_NAME = shop\nN = 3"},
		{"what only stands for a value", "-- .env.example --\nOPENAI_API_KEY=your-key-here\n-- a.py --\nos.environ['OPENAI_API_KEY']\n", "missing OPENAI_API_KEY a.py:1"},
		{"a server that is not there", "-- .env.example --\nRMQ_URL=amqp://guest:guest@localhost:5672\n-- a.py --\nos.environ['RMQ_URL']\n", "missing RMQ_URL a.py:1 it means a RabbitMQ, which the stack does not have: add one with with-service"},
		{"for other places", "-- .env.production.example --\nAPP_NAME=x\n-- a.ts --\nprocess.env.APP_NAME\n", ""},
		{"a file that cannot be read", "-- .env.example --\nA B=c\nAPP_NAME='x\n-- a.ts --\nprocess.env.APP_NAME\n", "APP_NAME = x"},
	})
}

func TestNotes(t *testing.T) {
	t.Parallel()
	d := Decide(Service{Name: "backend", Dir: "."}, texts(t, "-- a.py --\nos.environ['DB_HOST']\nos.environ['DB_USER']\nos.environ['JWT_SECRET']\n"), both)
	want := "[backend: made for this stack: JWT_SECRET (a.py:3) backend: the stack's postgres: DB_HOST (a.py:1) and DB_USER (a.py:2)]"
	if got := fmt.Sprint(d.Notes); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	late := Decide(Service{Name: "backend", Dir: "."}, texts(t, "-- a.py --\ndef f():\n    os.environ['A_KEY']\n"), both)
	if got := fmt.Sprint(late.Notes); got != "[backend: not set, and wanted only after the start: A_KEY (a.py:2)]" {
		t.Errorf("got %s", got)
	}
	if d.Env[0].From != "a.py:1" {
		t.Errorf("from %q", d.Env[0].From)
	}
}

// What git ignores gives variables, and nothing else of it counts.
func TestWith(t *testing.T) {
	t.Parallel()
	tracked := []Text{{"a.py", "x"}, {".env", "OLD=1"}, {".env.example", "A=1"}}
	found, err := With(tracked, fstest.MapFS{".env": {Data: []byte("NEW=1")}, "web/.env.local": {}, "a.py": {}, "b.py": {}, ".env.example": {}, ".env.production": {}})
	var names []string
	for _, file := range found {
		names = append(names, file.File+"="+file.Text)
	}
	if got := fmt.Sprint(names); err != nil || got != "[a.py=x .env.example=A=1 .env=NEW=1 web/.env.local=]" {
		t.Errorf("%s, %v", got, err)
	}
}

// selector hands out a part of its files.
type selector struct {
	fstest.MapFS
	asked []string
}

func (s *selector) Select(patterns []string, do func(fs.FS) error) error {
	s.asked = patterns
	return do(s.MapFS)
}

func TestFiles(t *testing.T) {
	t.Parallel()
	s := &selector{MapFS: fstest.MapFS{"a.py": {Data: []byte("x")}, "b.txt": {}, "c.min.js": {}, "d.d.ts": {}, "big.py": {Data: make([]byte, most+1)}, "web/.env.sample": {}}}
	found, _, err := Files(s)
	if err != nil || len(found) != 2 || found[0].File != "a.py" || found[1].File != "web/.env.sample" {
		t.Errorf("%v %v", found, err)
	}
	if !slices.Contains(s.asked, "**/*.py") || !slices.Contains(s.asked, "**/.env*") {
		t.Errorf("asked for %v", s.asked)
	}
}

// The code has other names for the stack's database and cache.
func TestAliases(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, project, want string }{
		{"in an address", "-- a.py --\nURL = \"postgresql+asyncpg://me:x@db:5432/app\"\nC = 'redis://cache:6379/0'\n", "db=postgres cache=redis"},
		{"without a login", "-- a.js --\nconst url = `postgres://database/app`;\n", "database=postgres"},
		{"in keywords", "-- a.go --\npackage a\nvar dsn = \"host=db user=me password=x dbname=app port=5432\"\n", "db=postgres"},
		{"in a call", "-- a.py --\nr = redis.Redis(host='cache', port=6379)\n", "cache=redis"},
		{"the name that it has", "-- a.py --\nURL = 'postgres://me@postgres/app'\n", ""},
		{"this machine, and other ones", "-- a.py --\nA = 'postgres://me@localhost/app'\nB = 'postgres://me@db.example.com/app'\nC = 'postgres://USER:PASSWORD@HOST/app'\n", ""},
		{"in a comment", "-- a.py --\n# postgres://me@db/app\n", ""},
		{"in an example", "-- .env.example --\nDATABASE_URL=postgres://me@db/app\n", ""},
	} {
		var got []string
		for _, host := range Decide(Service{Name: "backend", Dir: "."}, texts(t, c.project), both).Aliases {
			got = append(got, host.Name+"="+host.Service)
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// What TypeScript is told to be there, and is not, is named: the start may do without it.
func TestAsserted(t *testing.T) {
	t.Parallel()
	d := Decide(Service{Name: "backend", Dir: "."}, texts(t, "-- a.ts --\nconst s = new Stripe(process.env.STRIPE_KEY!, {});\nif (process.env.MODE_X !== 'a') {}\nconst o = process.env.OTHER! ?? 'x';\n"), both)
	if want := "backend: not set, and wanted only after the start: STRIPE_KEY (a.ts:1)"; len(d.Missing) > 0 || strings.Join(d.Notes, "\n") != want {
		t.Errorf("%q and %v, want %q", d.Notes, d.Missing, want)
	}
}

// What a service beside has under the same name is the login that it takes.
func TestBeside(t *testing.T) {
	t.Parallel()
	stack := both
	stack.Beside = []spec.Variable{spec.Env("MYSQL_USER", "shop"), spec.Env("MYSQL_PASSWORD", "s3cret-word"), spec.Env("MYSQL_DATABASE", "orders")}
	rows(t, Service{}, stack, []row{
		{"read", "-- a.ts --\nprocess.env.MYSQL_USER; process.env.MYSQL_PASSWORD\n", "MYSQL_PASSWORD = s3cret-word\nMYSQL_USER = shop"},
		{"shown", "-- a.ts --\nprocess.env.MYSQL_USER; process.env.MYSQL_PASSWORD\n-- .env.example --\nMYSQL_USER=root\nMYSQL_PASSWORD=changeme\n", "MYSQL_PASSWORD = s3cret-word\nMYSQL_USER = root"},
		{"not read, or with a default", "-- a.ts --\nprocess.env.MYSQL_USER || 'root'\n", ""},
	})
}

// A client that asks its company's servers gets the stack's address like any other, and a note says that this does not help.
func TestHostedClient(t *testing.T) {
	t.Parallel()
	const code = "-- lib/db.ts --\nexport const db = drizzle(neon(process.env.POSTGRES_URL!))\n"
	for _, c := range []struct {
		name, project string
		noted         bool
	}{
		{"alone", "-- package.json --\n{\"dependencies\": {\"@neondatabase/serverless\": \"^0.9.0\", \"drizzle-orm\": \"1\"}}\n" + code, true},
		{"beside one that reaches it", "-- package.json --\n{\"dependencies\": {\"@neondatabase/serverless\": \"^0.9.0\", \"postgres\": \"3\"}}\n" + code, false},
		{"led elsewhere by the code", "-- package.json --\n{\"dependencies\": {\"@vercel/postgres\": \"^0.9.0\"}}\n" + code + "neonConfig.wsProxy = host => host + ':5433/v1'\n", false},
		{"with an address of its own", "-- package.json --\n{\"dependencies\": {\"@neondatabase/serverless\": \"^0.9.0\"}}\n" + code + "-- .env --\nPOSTGRES_URL=postgres://me:x@ep-1.eu.aws.neon.tech/shop\n", false},
	} {
		d := Decide(Service{Name: "backend", Dir: "."}, texts(t, c.project), both)
		notes := strings.Join(d.Notes, "\n")
		if got := strings.Contains(notes, "(package.json) reaches a postgres at Neon alone") && strings.Contains(notes, "with --env POSTGRES_URL=ADDRESS"); got != c.noted {
			t.Errorf("%s: %s", c.name, notes)
		}
	}
}
