package kubernetes

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"sigs.k8s.io/yaml"

	"dagger/stack/internal/project"
	"dagger/stack/internal/recipe"
	"dagger/stack/internal/spec"
)

// shop is a stack of each kind of workload.
func shop() project.Project {
	return project.Project{Name: "shop", Services: []spec.Service{
		recipe.Postgres("postgres", "postgres:15-alpine"),
		recipe.Redis("redis", "redis:7-alpine"),
		{
			Name: "migrate", Mode: spec.ModeJob, Build: spec.Build{Image: "shop/api:1"},
			Process:   spec.Process{Command: []string{"alembic", "upgrade", "head"}, User: "1000:1000", Env: []spec.Variable{database()}},
			DependsOn: []spec.Dependency{{Service: "postgres"}},
		},
		api("api-1"), api("api-2"),
		{
			Name: "web", Build: spec.Build{Image: "nginx:1"}, Described: true,
			Process:   spec.Process{Command: []string{"nginx", "-g", "echo $(date)"}, User: "0", Root: true, Capabilities: spec.DefaultCapabilities, StopSignal: "SIGQUIT"},
			Ports:     []spec.Port{{Container: 80, Published: 8080}},
			DependsOn: []spec.Dependency{{Service: "api-1"}, {Service: "api-2"}},
			Container: spec.Container{Mounts: []spec.Mount{
				{Type: spec.MountBind, Source: "nginx.conf", Target: "/etc/nginx/nginx.conf", File: true, ReadOnly: true},
				{Type: spec.MountBind, Source: "site", Target: "/site", ReadOnly: true},
				{Type: spec.MountTmpfs, Target: "/tmp", Size: 1 << 20},
			}},
		},
	}}
}

func api(name string) spec.Service {
	return spec.Service{
		Name: name, InstanceOf: "api", Build: spec.Build{Image: "shop/api:1"},
		Process: spec.Process{Command: []string{"uvicorn", "app:app"}, User: "1000:1000", Env: []spec.Variable{
			database(), spec.Env("PRICE", "$(PWD)"), spec.Env("ORIGIN", "http://localhost:8080/x"),
			{Name: "SECRET_KEY", Value: spec.Value{spec.SecretPart("secret-key", spec.Plain)}},
			{Name: "MEMORY", Value: spec.Value{spec.NumberPart(spec.Number{Of: []spec.Measure{{Limit: spec.Memory, Percent: 50}}})}},
		}},
		Ports:     []spec.Port{{Container: 8000}},
		DependsOn: []spec.Dependency{{Service: "postgres"}, {Service: "migrate", Condition: spec.Completed}},
		Probe:     &spec.Probe{HTTP: &spec.HTTPGet{Port: 8000, Paths: []string{"/health"}}, Interval: spec.Duration(10 * time.Second)},
		Limits:    spec.Limits{CPUs: 0.5, Memory: 256 << 20, Pids: 64},
		Container: spec.Container{Mounts: []spec.Mount{{Type: spec.MountVolume, Source: "uploads", Target: "/uploads"}}},
	}
}

func database() spec.Variable {
	return spec.Variable{Name: "DATABASE_URL", Value: spec.Value{spec.Text("postgresql://postgres:"), spec.SecretPart("db-password", spec.URL), spec.Text("@postgres:5432/app")}}
}

func options() Options {
	return Options{
		Namespace: "shop", Storage: "10Gi", Command: "dagger call kubernetes", Hosts: map[string]string{"web": "shop.example.com"},
		Users: map[string]User{
			"postgres": {UID: 70, GID: 70}, "redis": {UID: 999, GID: 1000}, "migrate": {UID: 1000, GID: 1000}, "api": {UID: 1000, GID: 1000}, "web": {},
		},
		Project: fstest.MapFS{"nginx.conf": {Data: []byte("events {}\n")}, "site/a/index.html": {Data: []byte("hello")}, "site/logo.png": {Data: []byte{0xff, 0xd8}}},
	}
}

// objects are those of an export, each by KIND/NAME.
func objects(t *testing.T, export Export) map[string]map[string]any {
	t.Helper()
	all := map[string]map[string]any{}
	for _, name := range slices.Sorted(maps.Keys(export.Files)) {
		if !strings.HasSuffix(name, ".yaml") || name == "kustomization.yaml" {
			continue
		}
		for _, document := range strings.Split(export.Files[name], "---\n")[1:] {
			var object map[string]any
			if err := yaml.Unmarshal([]byte(document), &object); err != nil {
				t.Fatalf("%s: %v\n%s", name, err, document)
			}
			key := object["kind"].(string) + "/" + object["metadata"].(map[string]any)["name"].(string)
			if all[key] != nil {
				t.Errorf("%s is there twice", key)
			}
			all[key] = object
		}
	}
	return all
}

// at is what an object has in a place: fields with dots between them, and numbers for items.
func at(t *testing.T, value any, path string) any {
	t.Helper()
	for _, step := range strings.Split(path, ".") {
		switch inside := value.(type) {
		case map[string]any:
			value = inside[step]
		case []any:
			if i := int(step[0] - '0'); i < len(inside) {
				value = inside[i]
				continue
			}
			t.Fatalf("%s: there are %d", path, len(inside))
		default:
			return nil
		}
	}
	return value
}

func TestWrite(t *testing.T) {
	t.Parallel()
	export, err := Write(shop(), options())
	if err != nil {
		t.Fatal(err)
	}
	all := objects(t, export)
	pod := "spec.template.spec."
	for _, row := range []struct {
		object, path string
		want         any
	}{
		{"StatefulSet/postgres", pod + "containers.0.env.2.valueFrom.secretKeyRef.key", "db-password"},
		{"StatefulSet/postgres", pod + "containers.0.lifecycle.preStop.exec.command.2", "kill -2 1"},
		{"StatefulSet/postgres", pod + "containers.0.readinessProbe.exec.command.0", "pg_isready"},
		{"StatefulSet/postgres", pod + "securityContext.fsGroup", 70.0},
		{"StatefulSet/postgres", "spec.volumeClaimTemplates.0.spec.resources.requests.storage", "10Gi"},
		{"StatefulSet/postgres", "spec.serviceName", "postgres"},
		{"Service/postgres", "spec.clusterIP", "None"},
		{"StatefulSet/redis", pod + "volumes.0.secret.items.0.key", "file-redis-redis.conf"},
		{"StatefulSet/api", "spec.replicas", 2.0},
		{"StatefulSet/api", pod + "containers.0.volumeMounts.0.subPath", "data"},
		{"StatefulSet/api", pod + "initContainers.0.name", "migrate"},
		{"StatefulSet/api", pod + "containers.0.env.0.name", "STACK_DB_PASSWORD"},
		{"StatefulSet/api", pod + "containers.0.env.1.value", "postgresql://postgres:$(STACK_DB_PASSWORD)@postgres:5432/app"},
		{"StatefulSet/api", pod + "containers.0.env.2.value", "$$(PWD)"},
		{"StatefulSet/api", pod + "containers.0.env.5.value", "134217728"},
		{"StatefulSet/api", pod + "containers.0.env.3.value", "https://shop.example.com/x"},
		{"StatefulSet/api", pod + "containers.0.readinessProbe.httpGet.path", "/health"},
		{"StatefulSet/api", pod + "containers.0.readinessProbe.periodSeconds", 10.0},
		{"StatefulSet/api", pod + "containers.0.resources.limits.memory", "256Mi"},
		{"StatefulSet/api", pod + "containers.0.resources.requests.cpu", "500m"},
		{"StatefulSet/api", pod + "containers.0.securityContext.runAsNonRoot", true},
		{"StatefulSet/api", pod + "containers.0.securityContext.capabilities.drop.0", "ALL"},
		{"StatefulSet/api", pod + "containers.0.securityContext.allowPrivilegeEscalation", false},
		{"PodDisruptionBudget/api", "spec.maxUnavailable", 1.0},
		{"NetworkPolicy/postgres", "spec.ingress.0.from.0.podSelector.matchLabels.app\\.name", nil},
		{"NetworkPolicy/shop-deny", "spec.policyTypes.0", "Ingress"},
		{"NetworkPolicy/shop-deny", "spec.ingress", nil},
		{"Deployment/web", pod + "containers.0.command.2", "echo $$(date)"},
		{"Deployment/web", pod + "containers.0.lifecycle.preStop.exec.command.2", "sleep 5; kill -3 1"},
		{"Deployment/web", pod + "containers.0.securityContext.runAsUser", 0.0},
		{"Deployment/web", pod + "containers.0.readinessProbe.tcpSocket.port", 80.0},
		{"ConfigMap/web-files", "data.0-nginx\\.conf", nil},
		{"Ingress/web", "spec.rules.0.host", "shop.example.com"},
		{"Ingress/web", "spec.rules.0.http.paths.0.backend.service.port.number", 80.0},
		{"Namespace/shop", "metadata.name", "shop"},
	} {
		object := all[row.object]
		if object == nil {
			t.Errorf("there is no %s: %v", row.object, slices.Sorted(maps.Keys(all)))
			continue
		}
		if got := at(t, object, row.path); got != row.want {
			t.Errorf("%s: %s is %v, want %v", row.object, row.path, got, row.want)
		}
	}
	if level := all["Namespace/shop"]["metadata"].(map[string]any)["labels"].(map[string]any)["pod-security.kubernetes.io/enforce"]; level != "baseline" {
		t.Errorf("level %v: nginx is root", level)
	}
	data := all["ConfigMap/web-files"]["data"].(map[string]any)
	if data["0-nginx.conf"] != "events {}\n" || data["1-site_a_index.html"] != "hello" || all["ConfigMap/web-files"]["binaryData"] == nil {
		t.Errorf("ConfigMap: %v", all["ConfigMap/web-files"])
	}
	if all["Job/migrate"] != nil {
		t.Error("the migration is a Job and an init container")
	}
	for name, text := range export.Files {
		if strings.Contains(text, "creationTimestamp") || strings.Contains(text, "status:") || strings.Contains(text, because) {
			t.Errorf("%s:\n%s", name, text)
		}
	}
}

// The same project gives the same files.
func TestWriteIsTheSameEachTime(t *testing.T) {
	t.Parallel()
	first, err := Write(shop(), options())
	if err != nil {
		t.Fatal(err)
	}
	for range 20 {
		if again, err := Write(shop(), options()); err != nil || !maps.Equal(first.Files, again.Files) || !slices.Equal(first.Notes, again.Notes) {
			t.Fatalf("another time, %v", err)
		}
	}
}

func TestReadme(t *testing.T) {
	t.Parallel()
	export, err := Write(shop(), options())
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"kubectl apply -f namespace.yaml\n",
		"DB_PASSWORD=\"$(openssl rand -hex 24)\" # of postgres, api and migrate\n",
		"requirepass \"${REDIS_PASSWORD}\"\n",
		"--from-literal=secret-key=\"$SECRET_KEY\"", "--from-file=file-redis-redis.conf",
		"level **baseline**, and ask for 2.5 CPUs and 3Gi of memory together", "| api | `shop/api:1` | `api.yaml` |", "| migrate | `shop/api:1` | an init container of api |",
		"- web is root in its image",
	} {
		if !strings.Contains(export.Files["README.md"], want) {
			t.Errorf("%q is not in\n%s", want, export.Files["README.md"])
		}
	}
	o := options()
	o.Store = "vault"
	if export, err = Write(shop(), o); err != nil {
		t.Fatal(err)
	}
	text := export.Files["README.md"]
	if strings.Contains(text, "create secret") || objects(t, export)["ExternalSecret/shop-secrets"] == nil {
		t.Errorf("with a store:\n%s", text)
	}
	for _, want := range []string{
		"The store `vault` has these", "- `shop/db-password`, of postgres, api and migrate: anything, e.g. `openssl rand -hex 24`\n",
		"- `shop/file-redis-redis.conf`, of redis: this text, with the secrets in the place of their names\n\n```\n", "requirepass \"${REDIS_PASSWORD}\"\n",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in\n%s", want, text)
		}
	}
}

// A service that is somebody else's is left out, and those that use it read their variables from a Secret of the user's.
func TestExternal(t *testing.T) {
	t.Parallel()
	o := options()
	o.External = map[string]string{"postgres": "shop-database"}
	export, err := Write(shop(), o)
	if err != nil {
		t.Fatal(err)
	}
	all := objects(t, export)
	if all["StatefulSet/postgres"] != nil || all["Service/postgres"] != nil {
		t.Error("postgres is there")
	}
	if got := at(t, all["StatefulSet/api"], "spec.template.spec.containers.0.env.0.valueFrom.secretKeyRef.name"); got != "shop-database" {
		t.Errorf("DATABASE_URL is from %v", got)
	}
	if want := "The Secret `shop-database` is yours: api and migrate read its key `DATABASE_URL`"; !strings.Contains(export.Files["README.md"], want) {
		t.Errorf("%s", export.Files["README.md"])
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	for want, change := range map[string]func(*project.Project, *Options){
		`storage "much": want a quantity as Kubernetes writes it, e.g. 10Gi`: func(_ *project.Project, o *Options) { o.Storage = "much" },
		`namespace "Shop": want at most 63 of a-z, 0-9 and "-"`:              func(_ *project.Project, o *Options) { o.Namespace = "Shop" },
		`service "nope" is not part of the stack: want one of postgres, redis, migrate, api, web`: func(_ *project.Project, o *Options) {
			o.Images = map[string]string{"nope": "x"}
		},
		`host "a b" of web: want the name of a host`: func(_ *project.Project, o *Options) { o.Hosts = map[string]string{"web": "a b"} },
		`external postgres: "A_B" cannot be the name of a Secret`: func(_ *project.Project, o *Options) {
			o.External = map[string]string{"postgres": "A_B"}
		},
		`a cluster needs the images of web from a registry: publish them with --registry, or name them with --image web=REFERENCE`: func(p *project.Project, _ *Options) {
			p.Services[5].Build = spec.Build{Docker: &spec.DockerBuild{Context: "."}}
		},
		`services "web" and "WEB" would both be called "web" in Kubernetes: rename one of them`: func(p *project.Project, _ *Options) {
			p.Services = append(p.Services, spec.Service{Name: "WEB", Build: spec.Build{Image: "x"}})
		},
		`web: the bind mount of ./site at /site: more than the 1 MB that a ConfigMap holds`: func(_ *project.Project, o *Options) {
			o.Project.(fstest.MapFS)["site/large"] = &fstest.MapFile{Data: make([]byte, configMax)}
		},
	} {
		p, o := shop(), options()
		change(&p, &o)
		if _, err := Write(p, o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}
