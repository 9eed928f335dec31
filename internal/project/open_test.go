package project

import (
	"testing"

	"dagger/stack/internal/recipe"
	"dagger/stack/internal/spec"
)

func TestOpen(t *testing.T) {
	t.Parallel()
	p := shop()
	_, err := p.Open()
	refused(t, err, "--redis-no-password: the stack has no redis that is known")
	p.Services[1] = recipe.Redis("redis", "redis:7-alpine")
	open, err := p.Open()
	refused(t, err, "")
	s := open.Services[1]
	if secrets := s.Secrets(); len(secrets) != 0 || s.Login.Password != nil {
		t.Errorf("secrets %v, login %+v", secrets, s.Login)
	}
	same(t, "address", s.Exports[0].Value, spec.Value{spec.Text("redis://"), spec.Text("redis"), spec.Text(":6379/0")})
	if text := s.Files[0].Content.String(); text == "" || p.Services[1].Login.Password == nil {
		t.Errorf("settings %q; before: %+v", text, p.Services[1].Login)
	}
	p.Services[1].Described = true
	_, err = p.Open()
	refused(t, err, "--redis-no-password: redis is a service of the compose file, which says whether it wants a password: change its command there")
	refused(t, CheckOpen(true, true), "--redis-no-password and --redis-password: give one of them")
	refused(t, CheckOpen(true, false), "")
}
