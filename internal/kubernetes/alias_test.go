package kubernetes

import (
	"slices"
	"strings"
	"testing"

	"dagger/stack/internal/spec"
)

// Of the names that a service finds others by, those that the project gives are Services, and those that Docker gives everybody are not.
func TestNamesOfOthers(t *testing.T) {
	t.Parallel()
	p := shop()
	p.Services[5].Container.Hosts = []spec.Host{
		{Name: "redis", Service: "redis"}, {Name: "redis.shop_default", Service: "redis"}, {Name: "shop-redis-1", Service: "redis"}, {Name: "cache", Service: "redis"},
		{Name: "my_cache", Service: "redis"}, {Name: "api", Service: "redis"},
	}
	p.Services[5].Process.Env = []spec.Variable{spec.Env("CACHE", "cache:6379")}
	export, err := Write(p, options())
	if err != nil {
		t.Fatal(err)
	}
	all := objects(t, export)
	if all["Service/redis.shop_default"] != nil || all["Service/shop-redis-1"] != nil {
		t.Error("names that Docker gives everybody are Services")
	}
	if got := all["Service/cache"]["spec"].(map[string]any)["selector"].(map[string]any)["app.kubernetes.io/name"]; got != "redis" {
		t.Errorf("cache leads to %v", got)
	}
	if all["Service/my_cache"] != nil || !slices.Contains(export.Notes, "redis is called redis in the cluster, and not my_cache, as some of its networks call it") {
		t.Errorf("said: %q", export.Notes)
	}
	if !slices.Contains(export.Notes, "api is what some networks call redis: in the cluster a name is everybody's, and that one leads to another") {
		t.Errorf("said: %q", export.Notes)
	}
	// Who names an alias uses the service.
	if got := at(t, all["NetworkPolicy/redis"], "spec.ingress.0.from.0.podSelector.matchLabels"); got == nil || got.(map[string]any)["app.kubernetes.io/name"] != "web" {
		t.Errorf("redis is reached by %v", got)
	}
}

// A service with the name of a file of the whole stack loses nothing.
func TestNamesOfFiles(t *testing.T) {
	t.Parallel()
	p := shop()
	for _, name := range []string{"network", "secrets", "namespace", "volumes"} {
		p.Services = append(p.Services, spec.Service{Name: name, Build: spec.Build{Image: "x:1"}, Ports: []spec.Port{{Container: 80}}})
	}
	o := options()
	o.Store = "vault"
	export, err := Write(p, o)
	if err != nil {
		t.Fatal(err)
	}
	all := objects(t, export)
	for _, name := range []string{"Deployment/network", "Deployment/secrets", "Deployment/namespace", "Deployment/volumes", "NetworkPolicy/shop-deny", "ExternalSecret/shop-secrets", "Namespace/shop"} {
		if all[name] == nil {
			t.Errorf("there is no %s", name)
		}
	}
	p.Services = append(p.Services, spec.Service{Name: "kustomization", Build: spec.Build{Image: "x:1"}})
	if _, err := Write(p, o); err == nil {
		t.Error("a service takes the place of kustomization.yaml")
	}
}

// A file says where its service comes from.
func TestOrigin(t *testing.T) {
	t.Parallel()
	p := shop()
	p.Source = "compose.yaml"
	p.Services[5].Kind = "nginx:1"
	export, err := Write(p, options())
	if err != nil || !strings.HasPrefix(export.Files["web.yaml"], "---\n# The service web (nginx:1) of compose.yaml.\n") {
		t.Errorf("%v\n%s", err, export.Files["web.yaml"])
	}
}
