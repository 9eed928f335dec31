package spec

import (
	"reflect"
	"testing"
)

func TestProducts(t *testing.T) {
	t.Parallel()
	build := Build{Target: "/app", Folders: []string{"/home/app", "/opt/venv"}, Env: []BuildVariable{{"HOME", "/home/app"}}}
	if got, want := build.Products(), []Product{{"/app", false}, {"/home/app", true}, {"/opt/venv", false}}; !reflect.DeepEqual(got, want) {
		t.Errorf("packages: %v, want %v", got, want)
	}
	build.Compile = &Compile{Artifact: "/usr/local/bin/app"}
	if got, want := build.Products(), []Product{{"/usr/local/bin/app", false}}; !reflect.DeepEqual(got, want) {
		t.Errorf("a program: %v, want %v", got, want)
	}
}

func TestUnlike(t *testing.T) {
	t.Parallel()
	was := Source{Dir: "api", Path: "/app", Base: Base{Image: "python:3.11", Packages: []string{"gcc"}, Command: []string{"flask", "run"}}}
	for want, change := range map[string]func(s *Source){
		"": func(s *Source) { s.Inputs = []string{"requirements.txt"} },
		"its image would be python:3.12 now and was python:3.11":   func(s *Source) { s.Base.Image = "python:3.12" },
		"its packages of Debian would be none now and was gcc":     func(s *Source) { s.Base.Packages = nil },
		"its command would be python app.py now and was flask run": func(s *Source) { s.Base.Command = []string{"python", "app.py"} },
		"its source would be . now and was api":                    func(s *Source) { s.Dir = "." },
	} {
		now := was
		change(&now)
		if got := was.Unlike(now); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
