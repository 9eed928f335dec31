package kubernetes

import (
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"sigs.k8s.io/yaml"
)

// A chart has what an installation may say otherwise as values, and the project's own texts as they are. That Helm reads it is tested by
// make kube.
func TestChart(t *testing.T) {
	t.Parallel()
	o := options()
	o.Helm, o.Store = true, "vault"
	o.Project = fstest.MapFS{"nginx.conf": {Data: []byte("log {{ .Time }}\n")}, "site/index.html": {Data: []byte("hello")}}
	export, err := Write(shop(), o)
	if err != nil {
		t.Fatal(err)
	}
	for file, wants := range map[string][]string{
		"Chart.yaml": {"apiVersion: v2\nname: shop\n"},
		"templates/api.yaml": {
			`  replicas: {{ index .Values.services "api" "replicas" }}`, `        image: {{ index .Values.services "api" "image" }}`,
			`        resources: {{- index .Values.services "api" "resources" | toYaml | nindent 10 }}`,
			`        image: {{ index .Values.services "migrate" "image" }}`, `              name: {{ .Values.secret }}`,
			`          value: https://{{ index .Values.services "web" "host" }}/x`, `          storage: {{ .Values.storage }}`,
		},
		"templates/web.yaml":     {`    log {{ "{{" }} .Time }}`},
		"templates/network.yaml": {`  - host: {{ index .Values.services "web" "host" }}`, `# https://{{ index .Values.services "web" "host" }} is web.`},
		"templates/secrets.yaml": {`    name: {{ .Values.secretStore }}`},
		"README.md":              {"kubectl label namespace shop pod-security.kubernetes.io/enforce=baseline\n", "helm upgrade --install --namespace shop shop .\n"},
	} {
		for _, want := range wants {
			if !strings.Contains(export.Files[file], want) {
				t.Errorf("%s: %q is not in\n%s", file, want, export.Files[file])
			}
		}
	}
	for name, text := range export.Files {
		if strings.Contains(text, "chart-mark") || strings.HasPrefix(name, "templates/") && regexp.MustCompile(`(?m)^  namespace:`).MatchString(text) {
			t.Errorf("%s:\n%s", name, text)
		}
	}
	var values struct {
		Secret, SecretStore, Storage string
		Services                     map[string]struct {
			Image, Host string
			Replicas    int
			Resources   struct{ Limits, Requests map[string]string }
		}
	}
	if err := yaml.UnmarshalStrict([]byte(export.Files["values.yaml"]), &values); err != nil {
		t.Fatal(err)
	}
	if api := values.Services["api"]; api.Image != "shop/api:1" || api.Replicas != 2 || api.Resources.Limits["memory"] != "256Mi" ||
		values.Services["web"].Host != "shop.example.com" || values.Secret != "shop-secrets" || values.SecretStore != "vault" || values.Storage != "10Gi" {
		t.Errorf("%+v", values)
	}
	if export.Files["kustomization.yaml"] != "" || export.Files["templates/namespace.yaml"] != "" {
		t.Error("a chart has a kustomization, or a namespace")
	}
}
