package kubernetes

import (
	"strings"
	"testing"

	"dagger/stack/internal/project"
	"dagger/stack/internal/spec"
)

// stateless is the shop with an api that keeps nothing.
func stateless() project.Project {
	p := shop()
	for i := range p.Services {
		if p.Services[i].InstanceOf == "api" {
			p.Services[i].Container.Mounts = nil
		}
	}
	return p
}

// A service gets more pods when it is busy; how many there are is then the autoscaler's word, and a drained node leaves one.
func TestAutoscale(t *testing.T) {
	t.Parallel()
	o := options()
	o.Autoscale = map[string]Range{"api": {3, 6}}
	export, err := Write(stateless(), o)
	if err != nil {
		t.Fatal(err)
	}
	all := objects(t, export)
	for path, want := range map[string]any{
		"spec.minReplicas": 3.0, "spec.maxReplicas": 6.0, "spec.scaleTargetRef.name": "api", "spec.metrics.0.resource.target.averageUtilization": 80.0,
	} {
		if got := at(t, all["HorizontalPodAutoscaler/api"], path); got != want {
			t.Errorf("%s is %v, want %v", path, got, want)
		}
	}
	if got := at(t, all["Deployment/api"], "spec.replicas"); got != nil {
		t.Errorf("the Deployment says %v replicas", got)
	}
	if all["PodDisruptionBudget/api"] == nil {
		t.Error("no PodDisruptionBudget")
	}
}

// A pod that is replaced serves until nobody sends it requests any more.
func TestPodsDrain(t *testing.T) {
	t.Parallel()
	export, err := Write(stateless(), options())
	if err != nil {
		t.Fatal(err)
	}
	api := objects(t, export)["Deployment/api"]
	if got := at(t, api, "spec.template.spec.containers.0.lifecycle.preStop.sleep.seconds"); got != 5.0 {
		t.Errorf("it sleeps %v", got)
	}
	if got := at(t, api, "spec.template.spec.terminationGracePeriodSeconds"); got != 13.0 {
		t.Errorf("it has %v s", got)
	}
}

func TestRoute(t *testing.T) {
	t.Parallel()
	o := options()
	o.Gateway = "infra/public"
	export, err := Write(shop(), o)
	if err != nil {
		t.Fatal(err)
	}
	all := objects(t, export)
	for path, want := range map[string]any{
		"spec.parentRefs.0.name": "public", "spec.parentRefs.0.namespace": "infra", "spec.hostnames.0": "shop.example.com",
		"spec.rules.0.backendRefs.0.name": "web", "spec.rules.0.backendRefs.0.port": 80.0, "metadata.namespace": "shop",
	} {
		if got := at(t, all["HTTPRoute/web"], path); got != want {
			t.Errorf("%s is %v, want %v", path, got, want)
		}
	}
	if all["Ingress/web"] != nil {
		t.Error("an Ingress, too")
	}
}

func TestScalesAndHostsAreRefused(t *testing.T) {
	t.Parallel()
	for want, change := range map[string]func(*Options){
		"autoscale api: it has data of its own":                          func(o *Options) { o.Autoscale = map[string]Range{"api": {2, 3}} },
		"autoscale web: an autoscaler counts how much of its CPU":        func(o *Options) { o.Autoscale = map[string]Range{"web": {2, 3}} },
		"autoscale migrate: it is a job":                                 func(o *Options) { o.Autoscale = map[string]Range{"migrate": {2, 3}} },
		`service "nope" is not part of the stack`:                        func(o *Options) { o.Autoscale = map[string]Range{"nope": {2, 3}} },
		`gateway "A/b/c": want the name of a Gateway, or NAMESPACE/NAME`: func(o *Options) { o.Gateway = "A/b/c" },
		`secret store "A b": want the name of a ClusterSecretStore`:      func(o *Options) { o.Store = "A b" },
		"host of migrate: no port of it is known":                        func(o *Options) { o.Hosts = map[string]string{"migrate": "a.example.com"} },
		"host of redis: it is external": func(o *Options) {
			o.Hosts, o.External = map[string]string{"redis": "a.example.com"}, map[string]string{"redis": "cache"}
		},
	} {
		o := options()
		change(&o)
		if _, err := Write(shop(), o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	for want, flags := range map[string]Flags{
		"--autoscale web=2: want SERVICE=MIN-MAX":           {Autoscale: []string{"web=2"}},
		"--autoscale web=3-2: want SERVICE=MIN-MAX":         {Autoscale: []string{"web=3-2"}},
		"--gateway says by which Gateway hosts are reached": {Gateway: "public"},
	} {
		if _, err := flags.Options(shop()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

// A worker that says nothing of restart is no job: docker compose runs it on.
func TestWorkerIsNoJob(t *testing.T) {
	t.Parallel()
	p := shop()
	worker := spec.Service{Name: "worker", Mode: spec.ModeContainer, Build: spec.Build{Image: "x:1"}, Restart: spec.Restart{Policy: spec.RestartNo, Unsaid: true}}
	once := worker
	once.Name, once.Restart.Unsaid = "once", false
	p.Services = append(p.Services, worker, once)
	export, err := Write(p, options())
	if err != nil {
		t.Fatal(err)
	}
	if all := objects(t, export); all["Deployment/worker"] == nil || all["Job/once"] == nil {
		t.Error("the worker is no Deployment, or what says restart: no is no Job")
	}
}
