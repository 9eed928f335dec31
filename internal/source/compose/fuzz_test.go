package compose

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"dagger/stack/internal/project"
)

// FuzzLoad: whatever a compose file says, the reader makes a project that can be resolved or a sentence that names a file; it does
// not panic, does not speak of the place of its copy, and needs nothing but the project's files.
func FuzzLoad(f *testing.F) {
	for _, r := range append(append(append(imageRows, dataRows...), orderRows...), networkRows...) {
		files := tree(r.whole())
		f.Add(string(files["compose.yaml"].Data), "A=1")
	}
	f.Add("x-a: &a {isolation: 1.1.1.1}\nservices: {web: {<<: [*a], image: '${A:?}'}}", "A='$B'\nB=\"x\"")
	f.Fuzz(func(t *testing.T, yaml, env string) {
		p, err := Load(fstest.MapFS{
			"compose.yaml": {Data: []byte(yaml)}, ".env": {Data: []byte(env)}, "Dockerfile": {}, "base.yaml": {Data: []byte("services: {base: {image: a}}")},
		}, Options{})
		if err != nil {
			if text := err.Error(); text == "" || strings.Contains(text, "/up/up/") {
				t.Errorf("error %q", text)
			}
			return
		}
		if len(p.Services) == 0 {
			t.Error("a project without services")
		}
		for _, s := range p.Services {
			if err := project.CheckServiceName(s.Name); err != nil && s.InstanceOf == "" {
				t.Error(err)
			}
		}
		if text := fmt.Sprint(flat(p.Services), p.Notes, p.LeftOut); strings.Contains(text, "/up/up/") {
			t.Error(text)
		}
	})
}

// BenchmarkLoad reads a file of 40 services.
func BenchmarkLoad(b *testing.B) {
	var yaml strings.Builder
	yaml.WriteString("x-base: &base\n  restart: unless-stopped\n  logging: {options: {max-size: 10m}}\n  healthcheck: {test: [CMD, 'true'], interval: 5s}\nservices:\n")
	for i := range 40 {
		fmt.Fprintf(&yaml, "  service-%d:\n    <<: *base\n    image: example/app:${TAG:-1}\n    environment: {A: 1, B: '${B:-2}', NUMBER: %d}\n    ports: ['%d:80']\n    volumes: ['data-%d:/data', './conf:/conf:ro']\n", i, i, 8000+i, i)
		if i > 0 {
			fmt.Fprintf(&yaml, "    depends_on: {service-%d: {condition: service_healthy}}\n", i-1)
		}
	}
	yaml.WriteString("volumes:\n")
	for i := range 40 {
		fmt.Fprintf(&yaml, "  data-%d:\n", i)
	}
	files := fstest.MapFS{"compose.yaml": {Data: []byte(yaml.String())}}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Load(files, Options{}); err != nil {
			b.Fatal(err)
		}
	}
}
