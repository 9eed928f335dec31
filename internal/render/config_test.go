package render

import (
	"strings"
	"testing"

	"dagger/stack/internal/project"
	"dagger/stack/internal/spec"
)

// What is concealed is shown nowhere: not in arguments either, where the text itself has to stay.
func TestConfigShowsNoSecret(t *testing.T) {
	password := spec.Env("PASSWORD", "hunter2")
	password.Sensitive = true
	p := project.Project{Services: []spec.Service{{
		Name: "redis",
		Process: spec.Process{
			Env: []spec.Variable{password}, Command: []string{"redis-server", "--requirepass", "hunter2"},
		},
		Probe: &spec.Probe{Exec: []string{"redis-cli", "-a", "hunter2", "ping"}},
	}}}
	p, texts := p.Conceal()
	for _, format := range []string{"yaml", "json"} {
		text, err := Config(p, texts, format)
		if err != nil || strings.Contains(text, "hunter2") || strings.Count(text, "value-redis-PASSWORD") != 3 {
			t.Errorf("%s, %v", text, err)
		}
	}
	if got := p.Services[0].Process.Command[2]; got != "hunter2" {
		t.Errorf("the command itself has %q", got)
	}
}
