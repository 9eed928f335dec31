package recipe

import (
	"io/fs"
	"strings"
	"testing"
)

// A command may be a script that says what is run in the end.
func TestReloadsByScript(t *testing.T) {
	t.Parallel()
	files := map[string]string{
		"package.json": `{"scripts": {"start": "react-scripts start", "serve-it": "node server.js", "a": "npm run b", "b": "npm run a", "watchful": "npm run inner", "inner": "NODE_ENV=development nodemon ."}}`,
		"./start.sh":   "#!/bin/sh\n# nodemon would be an idea\nset -e\nexec uvicorn app:app --reload\n",
		"/once.sh":     "# nodemon\nexec gunicorn app:app\n",
		"/bin/program": "\x7fELF nodemon",
	}
	read := func(name string) ([]byte, error) {
		if text, found := files[name]; found {
			return []byte(text), nil
		}
		return nil, fs.ErrNotExist
	}
	for command, want := range map[string]bool{
		"npm start": true, "npm run serve-it": false, "yarn watchful": true, "npm run a": false, "npm run none": false, "npm": false,
		"./start.sh": true, "sh -c ./start.sh": true, "bash /once.sh": false, "/bin/program": false, "docker-entrypoint.sh npm start": true,
	} {
		if got := ReloadsBy(strings.Fields(command), read); got != want {
			t.Errorf("%q: %v", command, got)
		}
	}
}

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
