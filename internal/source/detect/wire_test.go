package detect

import (
	"strings"
	"testing"

	"dagger/stack/internal/project"
	"dagger/stack/internal/spec"
)

// reading is a project whose backend reads variables.
func reading(lines ...string) files {
	return api.with(files{"backend/settings.py": "import os\n" + strings.Join(lines, "\n") + "\n"})
}

func joined(t *testing.T, f files, flags Flags) project.Project {
	t.Helper()
	p, err := Join(f.fs(), Databases("shop"), flags)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// What the backend reads is set, unless the user takes out the service that it means; what is missing is kept for the end.
func TestWire(t *testing.T) {
	t.Parallel()
	f := reading("os.environ['DB_HOST']", "os.environ['JWT_SECRET']", "os.environ['STRIPE_KEY']")
	p := joined(t, f, Flags{Env: []string{"LEVEL=debug"}})
	resolved, err := p.Resolve()
	if err != nil {
		t.Fatal(err)
	}
	env := environment(serviceOf(t, resolved, "backend"))
	for name, want := range map[string]string{"DB_HOST": "postgres", "JWT_SECRET": "<own-JWT_SECRET>", "LEVEL": "debug"} {
		if env[name] != want {
			t.Errorf("%s is %q, want %q", name, env[name], want)
		}
	}
	same(t, "missing", p.Missing, []project.Missing{{Service: "backend", Name: "STRIPE_KEY", From: "backend/settings.py:4"}})
	without := joined(t, f, Flags{Without: []string{"postgres"}, Env: []string{"STRIPE_KEY=k"}})
	same(t, "without postgres", without.Missing, []project.Missing{{Service: "backend", Name: "DB_HOST", From: "backend/settings.py:2"}})
	if _, err := Join(f.fs(), Databases("shop"), Flags{Env: []string{"A-B=1"}}); err == nil || !strings.Contains(err.Error(), `variable name "A-B"`) {
		t.Errorf("a bad name: %v", err)
	}
}

// A service that reads where redis is and no password cannot log in.
func TestOpenedRedis(t *testing.T) {
	t.Parallel()
	open := func(p project.Project) bool {
		s := serviceOf(t, p, "redis")
		return s.Login.Password == nil && s.Ports[0] == spec.Port{Container: 6379}
	}
	host := reading("os.environ['REDIS_HOST']")
	p := joined(t, host, Flags{})
	if !open(p) {
		t.Errorf("redis wants a password: %+v", serviceOf(t, p, "redis").Login)
	}
	const note = "redis wants no password, because backend reads REDIS_HOST (backend/settings.py:2) and no password: its port is not published; --redis-password gives it one"
	if !strings.Contains(strings.Join(p.Notes, "\n"), note) {
		t.Errorf("notes %q", p.Notes)
	}
	for name, p := range map[string]project.Project{
		"with a password": joined(t, reading("os.environ['REDIS_HOST']", "os.getenv('REDIS_PASSWORD')"), Flags{}),
		"with an address": joined(t, reading("os.environ['REDIS_HOST']", "os.getenv('REDIS_URL')"), Flags{}),
		"the user's":      joined(t, host, Flags{RedisPassword: true}),
		"no redis":        joined(t, reading("1"), Flags{}),
	} {
		if open(p) {
			t.Errorf("%s: redis is open", name)
		}
	}
}

// A program in Go that reads a file of variables, which a clone does not have, gets the file.
func TestEnvFile(t *testing.T) {
	t.Parallel()
	of := func(load string, more ...files) files {
		return files{
			"go.mod": "module x\n\nrequire github.com/jackc/pgx/v5 v5.7.0\n", "main.go": "package main\n" + load + "\nvar host = os.Getenv(\"DB_HOST\")\n",
			".env.example": "DB_HOST=127.0.0.1\nMAIL_FROM=me@example.com\nPORT=3000\nEMPTY=\n",
		}.with(more...)
	}
	const whole = "DB_HOST='<host of postgres>'\nMAIL_FROM='me@example.com'\nPORT='8000'\n"
	for _, c := range []struct {
		name, path, content string
		files               files
		flags               Flags
	}{
		{"by its usual name", "/app/.env", whole, of("func main() { godotenv.Load() }"), Flags{}},
		{"by name", "/app/config/dev.env", whole, of("func main() { godotenv.Read(`config/dev.env`) }"), Flags{}},
		{"by a variable", "/app/.env.local", whole, of("func main() { name := \".env.local\"; godotenv.Overload(name) }"), Flags{}},
		{"by viper's file", "/app/.env", whole, of("func main() { viper.SetConfigFile(\".env\") }"), Flags{}},
		{"by viper's name and type", "/app/app.env", whole, of("func main() { viper.SetConfigName(\"app\"); viper.SetConfigType(\"env\") }"), Flags{}},
		{"with what the user says", "/app/.env", "DB_HOST='db'\nMAIL_FROM='me@example.com'\nPORT='8000'\n", of("func main() { godotenv.Load() }"), Flags{Env: []string{"DB_HOST=db"}}},
		{"that is there", "", "", of("func main() { godotenv.Load() }", files{".env": "A=b\n"}), Flags{}},
		{"outside of the project", "", "", of("func main() { godotenv.Load(\"../.env\") }"), Flags{}},
		{"of another kind", "", "", of("func main() { viper.SetConfigFile(\"config.yaml\") }"), Flags{}},
		{"in a comment", "", "", of("// godotenv.Load()\nfunc main() {}"), Flags{}},
		{"not read", "", "", of("func main() {}"), Flags{}},
	} {
		backend := serviceOf(t, joined(t, c.files, c.flags), "backend")
		got, path := "", ""
		for _, file := range backend.Files {
			path = file.Link
			for _, part := range file.Content {
				if part.Reference != nil {
					got += "<" + string(part.Reference.Field) + " of " + part.Reference.Service + ">"
				}
				got += part.Text
			}
		}
		if path != c.path || got != c.content {
			t.Errorf("%s: %s with\n%s\nwant %s with\n%s", c.name, path, got, c.path, c.content)
		}
	}
}
