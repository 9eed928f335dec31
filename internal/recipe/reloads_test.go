package recipe

import (
	"strings"
	"testing"
)

func TestReloads(t *testing.T) {
	t.Parallel()
	for command, want := range map[string]bool{
		"uvicorn app:app --reload": true,
		"uvicorn app:app":          false,
		"/bin/sh -c 'alembic upgrade head && uvicorn app:app --reload'": true,
		"npm run dev":                           true,
		"docker-entrypoint.sh yarn dev --host":  true,
		"npm start":                             false,
		"node server.js":                        false,
		"node --watch server.js":                true,
		"node_modules/.bin/nodemon server.js":   true,
		"vite --host 0.0.0.0":                   true,
		"vite preview":                          false,
		"next start":                            false,
		"python manage.py runserver 0.0.0.0:80": true,
		"python manage.py runserver --noreload": false,
		"python manage.py migrate":              false,
		"nginx -g daemon off;":                  false,
		"docker-php-entrypoint php-fpm":         true,
		"":                                      false,
	} {
		if got := Reloads(strings.Fields(command)); got != want {
			t.Errorf("%q: %v", command, got)
		}
	}
}
