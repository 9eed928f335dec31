//go:build kube

package kubernetes

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"dagger/stack/internal/project"
	"dagger/stack/internal/source"
	"dagger/stack/internal/source/compose"
)

// A kube-apiserver takes every object of every stack that there is a compose file or an example of, with strict validation, and every pod in
// a namespace of the level that the export says.
func TestAccepted(t *testing.T) {
	c := newCluster(t)
	for _, level := range []podSecurity{restricted, baseline, privileged} {
		c.namespace(string(level), string(level))
	}
	check := func(t *testing.T, p project.Project, o Options) {
		t.Helper()
		c := &cluster{t, c.url, c.client}
		export, err := Write(p, o)
		if err != nil {
			t.Errorf("not written: %v", err)
			return
		}
		level := "restricted"
		all := objects(t, export)
		if namespace := all["Namespace/"+o.Namespace]; namespace != nil {
			level = namespace["metadata"].(map[string]any)["labels"].(map[string]any)["pod-security.kubernetes.io/enforce"].(string)
		}
		for _, name := range slices.Sorted(maps.Keys(all)) {
			object := all[name]
			if metadata := object["metadata"].(map[string]any); metadata["namespace"] != nil {
				metadata["namespace"] = level
			}
			if why := c.accepts(level, object); why != "" {
				t.Errorf("%s: %s", name, why)
			}
			template, is := at(t, object, "spec.template").(map[string]any)
			if !is {
				continue
			}
			pod := map[string]any{"apiVersion": "v1", "kind": "Pod", "metadata": map[string]any{"name": "pod", "labels": at(t, template, "metadata.labels")}, "spec": template["spec"]}
			if claims, is := at(t, object, "spec.volumeClaimTemplates").([]any); is {
				volumes, _ := at(t, template, "spec.volumes").([]any)
				for _, claim := range claims { // as a StatefulSet does
					name := at(t, claim, "metadata.name")
					volumes = append(volumes, map[string]any{"name": name, "persistentVolumeClaim": map[string]any{"claimName": name}})
				}
				template["spec"].(map[string]any)["volumes"] = volumes
			}
			if why := c.accepts(level, pod); why != "" {
				t.Errorf("the pod of %s in a namespace of the level %s: %s", name, level, why)
			}
		}
	}
	t.Run("shop", func(t *testing.T) { check(t, shop(), options()) })
	t.Run("wrong", func(t *testing.T) { // the server is asked, indeed
		c := &cluster{t, c.url, c.client}
		export, err := Write(shop(), options())
		if err != nil {
			t.Fatal(err)
		}
		object := objects(t, export)["Deployment/web"]
		object["spec"].(map[string]any)["nonsense"] = true
		if why := c.accepts("baseline", object); !strings.Contains(why, "nonsense") {
			t.Errorf("an unknown field: %q", why)
		}
	})
	projects, err := filepath.Glob("../../tests/compose/cases/*")
	if err != nil {
		t.Fatal(err)
	}
	more, err := filepath.Glob("../../tests/fixtures/*/compose.y*ml")
	if err != nil || len(projects) < 60 {
		t.Fatalf("%d cases, %v", len(projects), err)
	}
	for _, file := range more {
		projects = append(projects, filepath.Dir(file))
	}
	taken := 0
	for _, dir := range projects {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			if p, o, read := readProject(t, dir); read {
				taken++
				check(t, p, o)
			}
		})
	}
	t.Logf("%d of %d projects are read without an engine", taken, len(projects))
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
