package project

import (
	"encoding/json"
	"strings"
	"testing"

	"dagger/stack/internal/spec"
)

// What looks like a secret is nowhere in a service that travels, but in arguments; a value says the same as before.
func TestConceal(t *testing.T) {
	const password, token = "hunter2 & more", "line one\nline two\n"
	secret := func(name, text string) spec.Variable {
		v := spec.Env(name, text)
		v.Sensitive = true
		return v
	}
	p := Project{Services: []spec.Service{{
		Name: "db",
		Process: spec.Process{Env: []spec.Variable{
			secret("PASSWORD", password), spec.Env("COPY", "is "+password+", twice "+password), spec.Env("MODE", "plain"),
			secret("URL", "postgres://app:"+inURL(password)+"@db/app"),
		}, Command: []string{"serve", "--password", password}},
		Files:  []spec.File{{Path: "/run/secrets/token", Content: spec.Value{spec.Text(token)}, Sensitive: true}, {Path: "/etc/conf", Content: spec.Value{spec.Text("open")}}},
		Backup: &spec.Backup{Env: []spec.Variable{spec.Env("PGPASSWORD", password)}},
		Probe:  &spec.Probe{URL: spec.Value{spec.Text("postgres://app:" + inURL(password) + "@"), spec.OwnAddress}},
	}, {Name: "web", Process: spec.Process{Env: []spec.Variable{secret("PASSWORD", "another one")}}}}}
	got, texts := p.Conceal()

	want := map[string]string{
		"value-db-PASSWORD": password, "value-db-URL": "postgres://app:" + inURL(password) + "@db/app", "value-db-token": "line one\nline two",
		"value-web-PASSWORD": "another one",
	}
	if len(texts) != len(want) {
		t.Errorf("concealed %q", texts)
	}
	for name, text := range want {
		if texts[name] != text {
			t.Errorf("%s is %q, want %q", name, texts[name], text)
		}
	}
	render := func(v spec.Value) (text string) {
		for _, part := range v {
			switch {
			case part.Secret == nil:
				text += part.Text
			case part.Secret.Encoding == spec.URL:
				text += inURL(texts[part.Secret.Name])
			default:
				text += texts[part.Secret.Name]
			}
		}
		return text
	}
	for i, s := range got.Services {
		before, after := p.Services[i].Values(), s.Values()
		for j := range before {
			if a, b := render(before[j]), render(after[j]); a != b {
				t.Errorf("%s says %q, and said %q", s.Name, b, a)
			}
		}
		s.Process.Command = nil
		text, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		for _, leaked := range []string{"hunter2", "line two", "another one"} {
			if strings.Contains(string(text), leaked) {
				t.Errorf("%s travels with %q: %s", s.Name, leaked, text)
			}
		}
	}
	if got.Services[0].Process.Env[2].Value.String() != "plain" || got.Services[0].Files[1].Content.String() != "open" {
		t.Errorf("what is no secret is changed: %+v", got.Services[0])
	}
}

// Names are those of files, and no two texts of a service have one.
func TestConcealedNames(t *testing.T) {
	file := func(path, text string) spec.File {
		return spec.File{Path: path, Content: spec.Value{spec.Text(text)}, Sensitive: true}
	}
	p := Project{Services: []spec.Service{{Name: "a", Files: []spec.File{
		file("/one/key", "first"), file("/two/key", "second"), file("/three/key", "first"), file("/k ü", "third"), file("/none", "\n"),
	}}}}
	_, texts := p.Conceal()
	want := map[string]string{"value-a-key": "first", "value-a-key-2": "second", "value-a-k__": "third"}
	for name, text := range want {
		if texts[name] != text {
			t.Errorf("%s is %q, want %q", name, texts[name], text)
		}
	}
	if len(texts) != len(want) {
		t.Errorf("%q", texts)
	}
}
