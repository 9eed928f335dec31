package e2e

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// A stack becomes Kubernetes objects, with its images published. That a kube-apiserver takes the objects is tested by make kube.
func TestKubernetes(t *testing.T) {
	t.Parallel()
	s := plain(t)
	if text := s.fails("kubernetes", "--project-path", s.project, "entries"); !strings.Contains(text,
		"a cluster needs the images of backend from a registry: publish them with --registry, or name them with --image backend=REFERENCE") {
		t.Errorf("without images: %s", text)
	}
	if text := s.fails("kubernetes", "--project-path", s.project, "--registry", "nowhere", "entries"); !strings.Contains(text, `registry "nowhere"`) {
		t.Errorf("a registry that is none: %s", text)
	}
	folder := filepath.Join(t.TempDir(), "k8s")
	// The mirror that the engine of the tests has its images from takes others, too.
	s.ok("kubernetes", "--project-path", s.project, "--registry", "127.0.0.1:5000/e2e/"+s.name, "--namespace", "shop", "--host", "shop.example.com",
		"--external", "redis=shop-cache", "export", "--path", folder)
	file := func(name string) string {
		text, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	for name, want := range map[string]string{
		"backend.yaml":       `(?s)kind: Deployment.*image: 127\.0\.0\.1:5000/e2e/` + s.name + `/backend:latest@sha256:[0-9a-f]{64}\n.*runAsUser: 1000`,
		"postgres.yaml":      `(?s)kind: StatefulSet.*key: db-password.*runAsUser: [1-9]`,
		"network.yaml":       `(?s)kind: Ingress.*host: shop\.example\.com`,
		"namespace.yaml":     `enforce: restricted`,
		"kustomization.yaml": `- backend\.yaml\n`,
		"README.md":          "(?s)create secret generic " + s.name + "-secrets.*`shop-cache` is yours",
	} {
		if text := file(name); !regexp.MustCompile(want).MatchString(text) {
			t.Errorf("%s: %s is not in\n%s", name, want, text)
		}
	}
	if _, err := os.Stat(filepath.Join(folder, "redis.yaml")); err == nil {
		t.Error("redis is external, and written")
	}

	image := "backend=registry.example.com/shop/backend:1"
	if text := s.fails("kubernetes", "--project-path", s.project, "--image", image, "--autoscale", "postgres=2-4", "entries"); !strings.Contains(text,
		"autoscale postgres: it has data of its own") {
		t.Errorf("an autoscaler of a database: %s", text)
	}
	s.ok("kubernetes", "--project-path", s.project, "--image", image, "--host", "shop.example.com", "--gateway", "infra/public",
		"--autoscale", "backend=2-4", "--secret-store", "vault", "--helm", "export", "--path", folder, "--wipe")
	for name, want := range map[string]string{
		"Chart.yaml":             `apiVersion: v2`,
		"values.yaml":            `(?s)backend:.*host: shop\.example\.com.*image: registry\.example\.com/shop/backend:1.*maxReplicas: 4`,
		"templates/backend.yaml": `(?s)kind: Deployment.*kind: HorizontalPodAutoscaler`,
		"templates/network.yaml": `(?s)kind: HTTPRoute.*namespace: infra`,
		"templates/secrets.yaml": `kind: ExternalSecret`,
	} {
		if text := file(name); !regexp.MustCompile(want).MatchString(text) {
			t.Errorf("%s: %s is not in\n%s", name, want, text)
		}
	}
}
