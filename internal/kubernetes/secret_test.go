package kubernetes

import (
	"strings"
	"testing"

	"dagger/stack/internal/project"
	"dagger/stack/internal/spec"
)

// ofFiles is a stack whose passwords are in the project's files, as those of a compose file are.
func ofFiles() (project.Project, Options) {
	sensitive := func(name, text string) spec.Variable {
		v := spec.Env(name, text)
		v.Sensitive = true
		return v
	}
	p := project.Project{Name: "shop", Services: []spec.Service{
		{
			Name: "db", Build: spec.Build{Image: "postgres:15"}, Login: &spec.Login{Kind: spec.PostgresLogin},
			Process: spec.Process{Command: []string{"postgres"}, Env: []spec.Variable{sensitive("POSTGRES_PASSWORD", "packed & sent")}},
		},
		{
			Name: "api", Build: spec.Build{Image: "shop/api:1"}, Ports: []spec.Port{{Container: 8000}},
			Process: spec.Process{Command: []string{"serve"}, Env: []spec.Variable{
				sensitive("DATABASE_URL", "postgresql://shop:packed%20&%20sent@db/shop"), sensitive("PGPASSWORD", "packed & sent"),
				sensitive("BROKER_URL", "amqp://guest:rabbits@queue:5672/"), sensitive("STRIPE_KEY", "sk_test_1"),
			}},
		},
	}}
	concealed, texts := p.Conceal()
	o := options()
	o.Hosts, o.Texts = nil, texts
	return concealed, o
}

// A password that the project's files have is one secret, whoever holds it: who makes it anew makes it for all of them.
func TestSecretsOfFilesAreShared(t *testing.T) {
	t.Parallel()
	export, err := Write(ofFiles())
	if err != nil {
		t.Fatal(err)
	}
	all := objects(t, export)
	const env = "spec.template.spec.containers.0.env."
	for path, want := range map[string]string{
		env + "0.name":                       "STACK_VALUE_DB_POSTGRES_PASSWORD",
		env + "0.valueFrom.secretKeyRef.key": "value-db-POSTGRES_PASSWORD",
		env + "1.valueFrom.secretKeyRef.key": "value-api-BROKER_URL-password",
		env + "2.value":                      "postgresql://shop:$(STACK_VALUE_DB_POSTGRES_PASSWORD)@db/shop",
		env + "3.valueFrom.secretKeyRef.key": "value-db-POSTGRES_PASSWORD",
		env + "4.value":                      "amqp://guest:$(STACK_VALUE_API_BROKER_URL_PASSWORD)@queue:5672/",
		env + "5.valueFrom.secretKeyRef.key": "value-api-STRIPE_KEY",
	} {
		if got, _ := at(t, all["Deployment/api"], path).(string); got != want {
			t.Errorf("%s is %q, want %q", path, got, want)
		}
	}
	if all["NetworkPolicy/db"] == nil {
		t.Error("the address of db is no edge: nobody reaches it")
	}
	for _, want := range []string{
		"VALUE_DB_POSTGRES_PASSWORD=\"$(openssl rand -hex 24)\" # of db and api\n",
		": \"${VALUE_API_STRIPE_KEY:?set it first}\" # of api: as the project's files have it\n",
		": \"${VALUE_API_BROKER_URL_PASSWORD:?set it first}\" # of api: as the project's files have it\n",
	} {
		if !strings.Contains(export.Files["README.md"], want) {
			t.Errorf("%q is not in\n%s", want, export.Files["README.md"])
		}
	}
	for name, text := range export.Files {
		for _, secret := range []string{"packed", "rabbits", "sk_test"} {
			if strings.Contains(text, secret) {
				t.Errorf("%s has %s", name, secret)
			}
		}
	}
}

// A variable of a compose file that has the address of a service which is somebody else's is from the Secret of that service.
func TestExternalOfFiles(t *testing.T) {
	t.Parallel()
	p, o := ofFiles()
	o.External = map[string]string{"db": "shop-database"}
	export, err := Write(p, o)
	if err != nil {
		t.Fatal(err)
	}
	if got := at(t, objects(t, export)["Deployment/api"], "spec.template.spec.containers.0.env.1.valueFrom.secretKeyRef.name"); got != "shop-database" {
		t.Errorf("DATABASE_URL is from %v", got)
	}
}

func TestPasswordOf(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][3]string{
		"postgres://a:b@c/d":        {"postgres://a:", "b", "@c/d"},
		"redis://:p%40ss@cache:1/0": {"redis://:", "p@ss", "@cache:1/0"},
		"redis://cache":             {}, "b": {}, "a:b@c": {}, "postgres://a:@c": {}, "mysql://a:b@c@d/e": {},
	} {
		before, password, after, is := passwordOf(text)
		if is != (want[1] != "") || is && [3]string{before, password, after} != want {
			t.Errorf("%s: %q %q %q %v", text, before, password, after, is)
		}
	}
}

// A password in an argument, in a probe, or in the middle of a variable whose name tells nothing is in no file either.
func TestSecretsInTheMiddleAreHidden(t *testing.T) {
	t.Parallel()
	p, o := ofFiles()
	p.Services[0].Process.Command = []string{"postgres", "--password=packed & sent", "--cost=$(PWD)"}
	p.Services[0].Probe = &spec.Probe{Exec: []string{"/bin/sh", "-c", `ping -p 'packed & sent' -q "packed & sent" -r packed & sent $(date)`}}
	p.Services[1].Probe = &spec.Probe{Exec: []string{"ask", "it's", "--key=sk_test_1"}}
	p.Services[1].Process.Env = append(p.Services[1].Process.Env, spec.Env("CONNECTION", "Server=db;Pwd=packed & sent;"))
	export, err := Write(p, o)
	if err != nil {
		t.Fatal(err)
	}
	all := objects(t, export)
	const container = "spec.template.spec.containers.0."
	for path, want := range map[string]string{
		container + "command.1":                     "--password=$(STACK_VALUE_DB_POSTGRES_PASSWORD)",
		container + "command.2":                     "--cost=$$(PWD)",
		container + "env.1.name":                    "STACK_VALUE_DB_POSTGRES_PASSWORD",
		container + "readinessProbe.exec.command.2": `ping -p ''"${STACK_VALUE_DB_POSTGRES_PASSWORD}"'' -q "${STACK_VALUE_DB_POSTGRES_PASSWORD}" -r "${STACK_VALUE_DB_POSTGRES_PASSWORD}" $$(date)`,
	} {
		if got := at(t, all["Deployment/db"], path); got != want {
			t.Errorf("db: %s is %v, want %s", path, got, want)
		}
	}
	if got, want := at(t, all["Deployment/api"], container+"readinessProbe.exec.command.2"), `exec 'ask' 'it'\''s' '--key='"${STACK_VALUE_API_STRIPE_KEY}"`; got != want {
		t.Errorf("api: %v, want %s", got, want)
	}
	if !strings.Contains(export.Files["api.yaml"], "value: Server=db;Pwd=$(STACK_VALUE_DB_POSTGRES_PASSWORD);") {
		t.Errorf("CONNECTION: %s", export.Files["api.yaml"])
	}
	for name, text := range export.Files {
		if strings.Contains(text, "packed") || strings.Contains(text, "sk_test") {
			t.Errorf("%s has a secret:\n%s", name, text)
		}
	}
}

// A password that is also the name of a database stays where it may be the name.
func TestPasswordThatIsANameStays(t *testing.T) {
	t.Parallel()
	p, o := ofFiles()
	p.Services[1].Process.Env = append(p.Services[1].Process.Env, spec.Env("NAME", "sk_test_1"))
	p.Services[1].Process.Command = []string{"serve", "--database", "sk_test_1"}
	export, err := Write(p, o)
	if err != nil {
		t.Fatal(err)
	}
	if got := at(t, objects(t, export)["Deployment/api"], "spec.template.spec.containers.0.command.2"); got != "sk_test_1" {
		t.Errorf("the database is %v", got)
	}
}
