package project

import (
	"errors"
	"strings"
	"testing"

	"dagger/stack/internal/spec"
)

func TestReferences(t *testing.T) {
	t.Parallel()
	refer := func(service string, field spec.Field, encoding spec.Encoding) spec.Value {
		return spec.Value{spec.Text("<"), spec.Refer(service, field, encoding), spec.Text(">")}
	}
	p := shop()
	p.Services[0].Login = &spec.Login{Kind: spec.PostgresLogin, User: "me@x", Password: spec.Value{spec.SecretPart("pw", spec.Plain)}, Database: "app"}
	p.Services[1].Login = &spec.Login{Kind: spec.RedisLogin}
	for _, row := range []struct {
		value spec.Value
		want  string
		err   string
	}{
		{value: refer("postgres", spec.HostField, spec.Plain), want: "<postgres>"},
		{value: refer("postgres", spec.PortField, spec.Plain), want: "<5432>"},
		{value: refer("postgres", spec.UserField, spec.Plain), want: "<me@x>"},
		{value: refer("postgres", spec.UserField, spec.URL), want: "<me%40x>"},
		{value: refer("postgres", spec.PasswordField, spec.URL), want: "<<secret pw>>"},
		{value: refer("postgres", spec.DatabaseField, spec.Plain), want: "<app>"},
		{value: refer("postgres", spec.URLField, spec.Plain), want: "<postgres:5432>"},
		{value: refer("postgres", spec.LoginField, spec.URL), want: "<me%40x:<secret pw>@>"},
		{value: refer("redis", spec.LoginField, spec.URL), want: "<>"},
		{value: refer("backend", spec.PortField, spec.Plain), want: "<9000>"},
		{value: refer("backend", spec.UserField, spec.Plain), err: "variable X: {backend.user}: the stack knows no user of backend: want one of host, port, url"},
		{value: refer("mail", spec.HostField, spec.Plain), err: "variable X: {mail.host} names the service mail, which the project does not have: the stack consists of postgres, redis, backend"},
	} {
		env, err := p.filled(p, []spec.Variable{{Name: "X", Value: row.value}})
		refused(t, err, row.err)
		if row.err == "" && env[0].Value.String() != row.want {
			t.Errorf("%s, want %s", env[0].Value, row.want)
		}
	}
	encoded, _ := p.refer(spec.Reference{Service: "postgres", Field: spec.PasswordField, Encoding: spec.URL})
	if encoded[0].Secret.Encoding != spec.URL || p.Services[0].Login.Password[0].Secret.Encoding != spec.Plain {
		t.Errorf("encodings: %+v, of %+v", encoded[0].Secret, p.Services[0].Login.Password[0].Secret)
	}
	part := spec.Refer("mail", spec.HostField, spec.Plain)
	part.Reference.Optional = true
	if env, err := p.filled(p, []spec.Variable{{Name: "X", Value: spec.Value{part}}}); err != nil || len(env) != 0 {
		t.Errorf("a service that is not there: %v, %v", env, err)
	}
	content := spec.Value{spec.Text("A="), spec.Refer("postgres", spec.HostField, spec.Plain), spec.Text(" B="), part}
	files, err := p.files(p, []spec.File{{Path: "/app/.env", Content: content}})
	if err != nil || files[0].Content.String() != "A=postgres B=" {
		t.Errorf("a file: %v, %v", files, err)
	}
}

func TestFaults(t *testing.T) {
	t.Parallel()
	p := shop()
	p.Missing = []Missing{{"backend", "API_KEY", "a.py:3", ""}, {"backend", "GIVEN", "a.py:4", ""}}
	wrong := errors.New("no frontend")
	given := func(p Project) (Project, error) {
		return p.Override(Override{Service: "backend", Env: []spec.Variable{spec.Env("GIVEN", "x")}})
	}
	refused(t, p.Faults(wrong, given), "no frontend\nvariables that have no default and that nobody gives:\n  --env API_KEY=…  for backend, read in a.py:3\ngive each with --env NAME=VALUE, with-env, or with-secret for what nobody may see, or in the project's .env")
	both := func(p Project) (Project, error) {
		p, err := given(p)
		return p, errors.Join(err, errors.New("no service web"))
	}
	if err := p.Faults(wrong, both); !errors.Is(err, wrong) || !strings.Contains(err.Error(), "API_KEY") {
		t.Errorf("with a flag that is wrong, too: %v", err)
	}
	p.Missing = nil
	refused(t, p.Faults(wrong, given), "no frontend")
}

func TestMissingVariables(t *testing.T) {
	t.Parallel()
	p := shop()
	p.Missing = []Missing{{"backend", "API_KEY", "a.py:3", ""}, {"backend", "MQ_URL", "a.py:4", "it means a RabbitMQ"}, {"frontend", "GONE", "b.ts:1", ""}}
	const end = "\ngive each with --env NAME=VALUE, with-env, or with-secret for what nobody may see, or in the project's .env"
	refused(t, p.CheckVariables(), "variables that have no default and that nobody gives:\n  --env API_KEY=…  for backend, read in a.py:3\n  --env MQ_URL=…  for backend, read in a.py:4: it means a RabbitMQ"+end)
	p, err := p.Override(Override{Service: "backend", Env: []spec.Variable{spec.Env("MQ_URL", "x")}})
	refused(t, err, "")
	refused(t, p.CheckVariables(), "variables that have no default and that nobody gives:\n  --env API_KEY=…  for backend, read in a.py:3"+end)
	p, err = p.Override(Override{Service: "backend", Env: []spec.Variable{{Name: "API_KEY", Value: spec.Value{spec.SecretPart("s", spec.Plain)}}}})
	refused(t, err, "")
	refused(t, p.CheckVariables(), "")
}
