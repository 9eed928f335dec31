//go:build kube

package kubernetes

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	"dagger/stack/internal/project"
	"dagger/stack/internal/source"
	"dagger/stack/internal/source/compose"
	"dagger/stack/internal/spec"
)

// A kube-apiserver takes every object of every stack that there is a compose file or an example of, with strict validation, and every pod in
// a namespace of the level that the export says. A chart renders to the same objects.
func TestAccepted(t *testing.T) {
	c := newCluster(t)
	c.defines(filepath.Join(os.Getenv("KUBE_PROGRAMS"), "crds"))
	for _, level := range []podSecurity{restricted, baseline, privileged} {
		c.namespace(string(level), string(level))
	}
	outside := os.Getenv("KUBE_COMPOSE")
	check := func(t *testing.T, dir string, p project.Project, o Options) {
		t.Helper()
		c := &cluster{t, c.url, c.client}
		export, err := Write(p, o)
		if err != nil {
			if outside == "" || !strings.HasPrefix(dir, outside) {
				t.Errorf("not written: %v", err)
			}
			t.Logf("does not convert: %v", err)
			return
		}
		all := objects(t, export)
		for _, why := range c.refuses(all, "restricted", o.Namespace) {
			t.Error(why)
		}
		o.Helm = true
		if export, err = Write(p, o); err != nil {
			t.Errorf("no chart: %v", err)
			return
		}
		rendered := rendered(t, export, o.Namespace)
		delete(all, "Namespace/"+o.Namespace)
		for _, object := range all {
			delete(object["metadata"].(map[string]any), "namespace")
		}
		if want, got := inYAML(t, all), inYAML(t, rendered); got != want {
			t.Errorf("the chart renders to\n%s\nwant\n%s", got, want)
		}
	}
	t.Run("shop", func(t *testing.T) {
		check(t, "", shop(), options())
		o := options()
		o.Gateway, o.Store, o.Autoscale = "infra/public", "vault", map[string]Range{"api": {2, 4}}
		check(t, "", stateless(), o)
	})
	t.Run("wrong", func(t *testing.T) { // the server is asked, indeed
		o := options()
		o.Gateway, o.Store, o.Autoscale = "public", "vault", map[string]Range{"api": {2, 4}}
		for kind, change := range map[string]func(object map[string]any){
			"Deployment/web":              func(object map[string]any) { object["spec"].(map[string]any)["nonsense"] = true },
			"HTTPRoute/web":               func(object map[string]any) { object["spec"].(map[string]any)["nonsense"] = true },
			"ExternalSecret/shop-secrets": func(object map[string]any) { object["spec"].(map[string]any)["data"] = "nonsense" },
			"HorizontalPodAutoscaler/api": func(object map[string]any) { object["spec"].(map[string]any)["maxReplicas"] = 0 },
			"Service/web":                 func(object map[string]any) { object["metadata"].(map[string]any)["name"] = "1_web" },
			"NetworkPolicy/web":           func(object map[string]any) { object["spec"].(map[string]any)["policyTypes"] = []any{"Both"} },
			"Deployment/api": func(object map[string]any) { // which is taken, and its pods are not
				container := object["spec"].(map[string]any)["template"].(map[string]any)["spec"].(map[string]any)["containers"].([]any)[0].(map[string]any)
				container["securityContext"].(map[string]any)["privileged"] = true
			},
		} {
			export, err := Write(stateless(), o)
			if err != nil {
				t.Fatal(err)
			}
			all := objects(t, export)
			if all[kind] == nil {
				t.Fatalf("there is no %s", kind)
			}
			change(all[kind])
			if whys := (&cluster{t, c.url, c.client}).refuses(all, "restricted", o.Namespace); len(whys) == 0 || !strings.Contains(strings.Join(whys, " "), kind) {
				t.Errorf("%s is wrong, and the server says %q", kind, whys)
			}
		}
	})
	projects, taken := composeProjects(t), 0
	for _, dir := range projects {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			if p, o, read := readProject(t, dir); read {
				taken++
				check(t, dir, p, o)
				o.Gateway, o.Store, o.Hosts = "infra/public", "vault", map[string]string{}
				for i, s := range p.Services {
					if s.Mode != spec.ModeJob && len(s.Ports) > 0 {
						o.Hosts[Source(s)] = fmt.Sprintf("host-%d.example.com", i)
					}
				}
				check(t, dir, p, o)
			}
		})
	}
	t.Logf("%d of %d projects are read without an engine", taken, len(projects))
}

// composeProjects are the folders of the tests with a compose file, and those of KUBE_COMPOSE, which a user brings.
func composeProjects(t *testing.T) (dirs []string) {
	t.Helper()
	dirs, err := filepath.Glob("../../tests/compose/cases/*")
	if err != nil || len(dirs) < 60 {
		t.Fatalf("%d cases, %v", len(dirs), err)
	}
	patterns := []string{"../../tests/fixtures/compose/*/compose.y*ml", "../../tests/fixtures/compose/*/docker-compose.y*ml", "../../examples/*/compose.y*ml"}
	if more := os.Getenv("KUBE_COMPOSE"); more != "" {
		patterns = append(patterns, filepath.Join(more, "*", "compose.y*ml"), filepath.Join(more, "*", "docker-compose.y*ml"))
	}
	for _, pattern := range patterns {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 && !strings.Contains(pattern, "docker-") {
			t.Fatalf("%s: %d files, %v", pattern, len(files), err)
		}
		for _, file := range files {
			if dir := filepath.Dir(file); !slices.Contains(dirs, dir) {
				dirs = append(dirs, dir)
			}
		}
	}
	return dirs
}

// refuses asks the server to take objects, each workload's pod too, in a namespace of a level, or of the one that their own namespace says, and
// tells what it refuses.
func (c *cluster) refuses(all map[string]map[string]any, level, own string) (whys []string) {
	if namespace := all["Namespace/"+own]; namespace != nil {
		level = namespace["metadata"].(map[string]any)["labels"].(map[string]any)["pod-security.kubernetes.io/enforce"].(string)
	}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		object := maps.Clone(all[name])
		object["metadata"] = maps.Clone(object["metadata"].(map[string]any))
		if metadata := object["metadata"].(map[string]any); metadata["namespace"] != nil {
			metadata["namespace"] = level
		}
		if why := c.accepts(level, object); why != "" {
			whys = append(whys, name+": "+why)
		}
		template, is := at(c.T, object, "spec.template").(map[string]any)
		if !is {
			continue
		}
		spec := maps.Clone(template["spec"].(map[string]any))
		if claims, is := at(c.T, object, "spec.volumeClaimTemplates").([]any); is {
			volumes, _ := spec["volumes"].([]any)
			for _, claim := range claims { // as a StatefulSet does
				name := at(c.T, claim, "metadata.name")
				volumes = append(slices.Clip(volumes), map[string]any{"name": name, "persistentVolumeClaim": map[string]any{"claimName": name}})
			}
			spec["volumes"] = volumes
		}
		pod := map[string]any{"apiVersion": "v1", "kind": "Pod", "metadata": map[string]any{"name": "pod", "labels": at(c.T, template, "metadata.labels")}, "spec": spec}
		if why := c.accepts(level, pod); why != "" {
			whys = append(whys, fmt.Sprintf("the pod of %s in a namespace of the level %s: %s", name, level, why))
		}
	}
	return whys
}

// rendered are the objects that Helm makes of a chart, which it finds nothing wrong with.
func rendered(t *testing.T, export Export, namespace string) map[string]map[string]any {
	t.Helper()
	dir := t.TempDir()
	for name, text := range export.Files {
		file := filepath.Join(dir, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o700), os.WriteFile(file, []byte(text), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	helm := func(args ...string) string {
		cmd := exec.Command(filepath.Join(os.Getenv("KUBE_PROGRAMS"), "helm"), args...)
		cmd.Env = append(os.Environ(), "HELM_CACHE_HOME="+t.TempDir())
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("helm %v: %v\n%s", args, err, out)
		}
		return string(out)
	}
	helm("lint", "--strict", "--namespace", namespace, dir)
	return objects(t, Export{Files: map[string]string{"rendered.yaml": helm("template", "release", dir, "--namespace", namespace)}})
}

func inYAML(t *testing.T, value any) string {
	t.Helper()
	text, err := yaml.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// readProject is a compose project as it is when its images have been read: each says the same here. False: it is refused, or wants what a test has
// not.
func readProject(t *testing.T, dir string) (p project.Project, o Options, read bool) {
	t.Helper()
	files := os.DirFS(dir)
	p, err := source.Read(files, files, "shop", source.Options{Kind: source.Compose, Compose: compose.Options{Name: "shop", Profiles: []string{"*"}}})
	if err != nil {
		return p, o, false
	}
	o = Options{Namespace: "shop", Storage: "1Gi", Command: "dagger call kubernetes", Project: files, Images: map[string]string{}, Users: map[string]User{}}
	for _, name := range p.Unread() {
		if p, err = p.Read(name, project.Image{Entrypoint: []string{"/entrypoint"}, Cmd: []string{"serve"}, User: "1000:1000"}); err != nil {
			return p, o, false
		}
	}
	if p, err = p.Resolve(); err != nil {
		return p, o, false
	}
	for _, name := range o.ToBuild(p) {
		o.Images[name] = "registry.example.com/shop/" + objectName(name) + ":1"
	}
	p, _ = p.Conceal()
	for _, s := range p.Services {
		o.Users[Source(s)] = User{UID: 1000, GID: 1000}
		if s.Process.Root {
			o.Users[Source(s)] = User{}
		}
	}
	return p, o, true
}
