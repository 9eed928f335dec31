package variables

import "testing"

func TestSettings(t *testing.T) {
	t.Parallel()
	rows(t, Service{Port: 8000}, both, []row{
		{"fields", `
-- a.py --
class Settings(BaseSettings):
    """Text: is no field"""
    model_config = SettingsConfigDict(env_prefix="APP_")
    database_url: PostgresDsn
    secret_key: str = Field(
        min_length=64,
    )
    api_token: str
    debug: bool = False
    other: str | None
    named: str = Field(..., alias="OPENAI_API_KEY")
    level: str = Field(default="x")

    def method(self):
        local: str
settings = Settings()
`, `
			APP_DATABASE_URL = postgresql://LOGIN
			APP_SECRET_KEY = made 64 as own-APP_SECRET_KEY
			missing APP_API_TOKEN a.py:8
			missing OPENAI_API_KEY a.py:11`},
		{"of a class of their own", "-- base.py --\nclass Base(BaseSettings):\n    pass\n-- a.py --\nclass Redis(Base):\n    model_config = {'env_prefix': 'REDIS_'}\n    host: str\n    port: int = 6379\nr = Redis()\n", "REDIS_HOST = <host of redis>\nREDIS_PORT = <port of redis>"},
		{"nested", "-- a.py --\nclass DB(BaseModel):\n    host: str\n    name: str = 'x'\nclass S(BaseSettings):\n    model_config = SettingsConfigDict(env_nested_delimiter='__')\n    db: DB\ns = S()\n", "DB__HOST = <host of postgres>\nDB__NAME = <database of postgres>"},
		{"a class that nobody uses", "-- a.py --\nclass S(BaseSettings):\n    TOKEN_OF_X: str\n", ""},
		{"not from the environment", "-- a.py --\nclass S(BaseModel):\n    TOKEN_OF_X: str\ns = S()\n", ""},
	})
}

func TestPythonReads(t *testing.T) {
	t.Parallel()
	rows(t, Service{Port: 8000}, both, []row{
		{"django-environ", `
-- settings.py --
import environ
env = environ.Env(DEBUG=(bool, False))
DEBUG = env("DEBUG")
SECRET_KEY = env.str("DJANGO_SECRET_KEY")
DATABASES = {"default": env.db()}
HOSTS = env.list("DJANGO_ALLOWED_HOSTS")
X = env("X_KEY", default="x")
# Y = env("Y_KEY")
`, `
			DATABASE_URL = postgresql://LOGIN
			DJANGO_ALLOWED_HOSTS = localhost,127.0.0.1,[::1],backend
			DJANGO_SECRET_KEY = made 48 as own-DJANGO_SECRET_KEY`},
		{"in a function that nothing calls at the start", `
-- a.py --
import os
def client():
    return Stripe(os.environ["STRIPE_KEY"])

@app.get("/x")
async def answer(
    a: int,
) -> str:
    return os.environ["OPENAI_API_KEY"]

def token():
    return os.environ["API_TOKEN"]
print(token())
`, "missing API_TOKEN a.py:12"},
		{"in a function that begins", "-- a.py --\ndef create_app():\n    return App(os.environ['A_KEY'])\n@app.on_event('startup')\nasync def init():\n    os.environ['B_KEY']\nclass C:\n    def __init__(self):\n        os.environ['C_KEY']\n",
			"missing A_KEY a.py:2\nmissing B_KEY a.py:5\nmissing C_KEY a.py:8"},
		{"in a function that the manifest names", "-- pyproject.toml --\n[project.scripts]\nx = 'a:serve'\n-- a.py --\ndef serve():\n    os.environ['A_KEY']\n", "missing A_KEY a.py:2"},
		{"a function of its own with a default", "-- a.py --\ndef envsecret(s: str, default: str | None = None) -> str | None:\n    return os.getenv(s, default)\ndef env(s):\n    return os.environ[s]\nA = envsecret('A_KEY')\nB = env('B_KEY')\n", "missing B_KEY a.py:6"},
		{"decouple", "-- settings.py --\nfrom decouple import config, Csv\na = config('STRIPE_KEY')\nb = config('SECRET_KEY')\nc = config('ALLOWED_HOSTS', cast=Csv())\nd = config('N', default=1, cast=int)\n", `
			ALLOWED_HOSTS = localhost,127.0.0.1,[::1],backend
			SECRET_KEY = made 48 as secret-key
			missing STRIPE_KEY settings.py:2`},
		{"code that is a string, and text with quotes", `
-- settings.py --
from decouple import config  # it's """ here
"""
X = config('X_KEY')
"""
TEXT = """
X = """ + "it\\"s"
A = config('A_KEY')
'''config("B_KEY")'''
B = config('C_KEY', cast=str)
`, "missing A_KEY settings.py:7\nmissing C_KEY settings.py:9"},
		{"a switch that must be set", "-- settings.py --\nfrom decouple import config\nDEBUG = config('DEBUG', cast=bool)\n", "DEBUG = true"},
		{"Django's mail", "-- requirements.txt --\nDjango==5\n-- settings.py --\nfrom decouple import config\nEMAIL_BACKEND = config('EMAIL_BACKEND')\nEMAIL_PORT = config('EMAIL_PORT', cast=int)\n",
			"EMAIL_BACKEND = django.core.mail.backends.console.EmailBackend\nEMAIL_PORT = 25"},
		{"Django's mail by a server", "-- requirements.txt --\nDjango==5\n-- settings.py --\nfrom decouple import config\nEMAIL_HOST = config('EMAIL_HOST')\n", "missing EMAIL_HOST settings.py:2"},
		{"another function called config", "-- settings.py --\nconfig('STRIPE_KEY')\n", ""},
		{"a list by spaces", "-- s.py --\nH = os.environ.get('DJANGO_ALLOWED_HOSTS').split(' ')\n", "DJANGO_ALLOWED_HOSTS = localhost 127.0.0.1 [::1] backend"},
		{"or", "-- s.py --\nS = os.environ.get('SECRET_KEY') or 'dev'\nT = os.environ.get('JWT_SECRET_KEY', 'x')\n", ""},
		{"an assignment", "-- s.py --\nos.environ['X'] = 'y'\n", ""},
		{"settings of production", "-- config/settings/production.py --\nX = os.environ['X']\n-- tests/a.py --\nos.environ['Z']\n-- migrations/a.py --\nos.environ['Z']\n", ""},
	})
}

func TestJavaScriptReads(t *testing.T) {
	t.Parallel()
	rows(t, Service{Port: 8000}, both, []row{
		{"zod", `
-- env.ts --
export const env = createEnv({
  server: {
    DATABASE_URL: z.string().url(),
    AUTH_SECRET: process.env.NODE_ENV === "production" ? z.string() : z.string().optional(),
    JWT_SECRET: z.string().min(64),
    ENCRYPTION_KEY: z.string().length(32),
    COOKIE_KEY: z.string().regex(/^[0-9a-f]{64}$/),
    STRIPE_SECRET_KEY: z.string().min(1),
    LEVEL: z.string().default("info"),
    NODE_ENV: z.enum(["a", "b"]),
  },
  runtimeEnv: { DATABASE_URL: process.env.DATABASE_URL, AUTH_SECRET: process.env.AUTH_SECRET },
})
`, `
			AUTH_SECRET = made 48 as own-AUTH_SECRET
			COOKIE_KEY = made hex32 as own-COOKIE_KEY
			DATABASE_URL = postgresql://LOGIN
			ENCRYPTION_KEY = made 32 as own-ENCRYPTION_KEY
			JWT_SECRET = made 64 as own-JWT_SECRET
			missing STRIPE_SECRET_KEY env.ts:8`},
		{"envalid", "-- env.js --\ncleanEnv(process.env, {\n  SESSION_SECRET: str(),\n  MAIL_KEY: str(),\n  N: num({ default: 1 }),\n})\n", "SESSION_SECRET = made 48 as own-SESSION_SECRET\nmissing MAIL_KEY env.js:3"},
		{"Joi", "-- env.ts --\nJoi.object({\n  DB_HOST: Joi.string().required(),\n  A_KEY: Joi.string(),\n  B_KEY: Joi.string().required(),\n})\n", "DB_HOST = <host of postgres>\nmissing B_KEY env.ts:4"},
		{"a schema that insists on NODE_ENV", "-- env.ts --\nEnv.create(x, {\n  NODE_ENV: Env.schema.enum(['development', 'test'] as const),\n  PORT: Env.schema.number(),\n})\n-- .env.example --\nNODE_ENV=development\nPORT=3333\nTZ=UTC\n", "NODE_ENV = development"},
		{"fields of an object that only reads", "-- env.ts --\nexport const ENV = {\n  URL: process.env.APP_NAME ?? 'x',\n  PASSWORD: process.env.MAIL_WORD ?? '',\n}\n", ""},
		{"Sequelize's dialect", "-- a.js --\nmodule.exports = { dialect: process.env.DB_DIALECT }\n-- package.json --\n{\"dependencies\": {\"pg\": \"8\"}}\n", "DB_DIALECT = postgres"},
		{"a JSON schema", "-- env.ts --\nimport env from '@fastify/env'\nconst schema = { type: 'object', required: ['DB_HOST', 'A_KEY', 'N'],\n properties: {\n  DB_HOST: { type: 'string' },\n  A_KEY: { type: 'string' },\n  B_KEY: { type: 'string' },\n  N: {\n type: 'number', default: 1 }\n } }\n", "DB_HOST = <host of postgres>\nmissing A_KEY env.ts:5"},
		{"class-validator", "-- env.ts --\nimport {IsString} from 'class-validator'\nclass V {\n  @IsString()\n  A_KEY: string;\n\n  @ValidateIf((v) =>\n    v.X,\n  )\n  @IsString()\n  B_KEY: string;\n\n  @IsString()\n  @IsOptional()\n  C_KEY: string;\n}\n", "missing A_KEY env.ts:4"},
		{"destructured", "-- a.js --\nconst { DB_HOST, JWT_SECRET, N = '1' } = process.env\n", "DB_HOST = <host of postgres>\nJWT_SECRET = made 48 as own-JWT_SECRET"},
		{"defaults and assignments", "-- a.js --\nprocess.env.JWT_SECRET || 'x'; process.env['COOKIE_SECRET'] ?? 'y'; process.env.HASH_SALT = 'z'\n", ""},
		{"a service of settings", "-- a.ts --\nthis.config.getOrThrow<string>('A_KEY'); configService.get('DB_HOST'); requireEnv('B_KEY')\n", "DB_HOST = <host of postgres>\nmissing A_KEY a.ts:1\nmissing B_KEY a.ts:1"},
		{"a service of settings, where another one is on", "-- a.ts --\nconst id = enabled\n  ? this.config.getOrThrow<string>('A_KEY')\n  : 'off'; const b = config.get('B') ?? config.getOrThrow('C_KEY'); config.getOrThrow('D_KEY')\n", "missing D_KEY a.ts:3"},
		{"a comment in the place of a value", "-- a.ts --\nprocess.env.APP_ID; process.env.B_ID\n-- .env.example --\nAPP_ID=     # the same as B\nB_ID=b#c # d\n", "B_ID = b#c"},
		{"an address of a database that the stack does not have", "-- a.py --\nos.getenv('DATABASE_URL')\n-- requirements.txt --\nmysqlclient\n-- .env.example --\nDATABASE_URL=mysql+mysqldb://root@127.0.0.1:3307/x\n", ""},
		{"comments", "-- a.ts --\n// process.env.DB_HOST\n/*\n * process.env.DB_USER\n */\n", ""},
		{"tests", "-- a.test.ts --\nprocess.env.DB_HOST\n-- __tests__/a.ts --\nprocess.env.DB_HOST\n-- node_modules/x/a.js --\nprocess.env.DB_HOST\n", ""},
	})
}

func TestGoReads(t *testing.T) {
	t.Parallel()
	rows(t, Service{Port: 8000}, both, []row{
		{"tags", "-- c.go --\ntype Config struct {\n\tName string `env:\"APP_NAME,required\"`\n\tPort string `env:\"HTTP_PORT\" env-default:\"8080\"`\n\tURL string `envconfig:\"PG_URL\" required:\"true\"`\n\tJWT string `env:\"JWT_SECRET, required\"`\n\tN int `env:\"N,required\" envDefault:\"1\"`\n}\n-- .env.example --\nAPP_NAME=shop\n", `
			APP_NAME = shop
			HTTP_PORT = 8000
			JWT_SECRET = made 48 as own-JWT_SECRET
			PG_URL = postgresql://LOGIN`},
		{"a prefix", "-- a.go --\ntype Config struct {\n\tDB DB `envPrefix:\"DB_\"`\n}\n-- b.go --\ntype DB struct {\n\tHost string `env:\"HOST,notEmpty\"`\n}\n", "DB_HOST = <host of postgres>"},
		{"a prefix of all", "-- c.go --\ntype C struct {\n\tDSN string `yaml:\"dsn\" env:\"DSN,secret\"`\n\tKey string `env:\"JWT_SIGNING_KEY\"`\n}\nenv.New(\"APP_\", nil)\n", "APP_DSN = postgresql://LOGIN\nAPP_JWT_SIGNING_KEY = made 48 as own-APP_JWT_SIGNING_KEY"},
		{"calls", "-- a.go --\na := os.Getenv(\"DB_HOST\")\nb := mustGetenv(\"API_TOKEN\")\nc := env.GetString(\"ADDR\", \":8080\")\nos.Setenv(\"X\", \"y\")\n", "ADDR = :8000\nDB_HOST = <host of postgres>\nmissing API_TOKEN a.go:2"},
		{"viper", "-- a.go --\ntype C struct {\n\tDBSource string `mapstructure:\"DB_SOURCE\"`\n}\nviper.GetString(\"REDIS_HOST\")\n", "DB_SOURCE = postgresql://LOGIN\nREDIS_HOST = <host of redis>"},
		{"tests", "-- a_test.go --\nos.Getenv(\"DB_HOST\")\n", ""},
	})
}

// What the image's ENV sets is read, too: the database and the addresses of the stack take its place, and other defaults stay.
func TestDockerfileReads(t *testing.T) {
	t.Parallel()
	const image = "-- Dockerfile --\nFROM python\nARG HOST_OF=db\nENV DB_HOST=$HOST_OF LEVEL=info \\\n    REDIS_URL=redis://cache:6379/2\n-- Dockerfile.frontend --\nFROM node\nENV DB_USER=x\n"
	rows(t, Service{Dockerfile: "Dockerfile"}, both, []row{{"its own", image, "DB_HOST = <host of postgres>\nREDIS_URL = redis://CACHE/2"}})
	rows(t, Service{}, both, []row{{"none", image, ""}})
}
