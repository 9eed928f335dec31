package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// planted are secrets in a project's folder that no image may have: by the files that have them.
var planted = map[string]string{
	".env":           "STRIPE_SECRET_KEY=sk_live_planted_1\n",
	".env.local":     "TOKEN=planted_token_2\n",
	"server.key":     "-----BEGIN PRIVATE KEY-----\nplanted_key_3\n-----END PRIVATE KEY-----\n",
	".git/HEAD":      "ref: refs/heads/main\n",
	".git/hooks/run": "planted_4\n",
	".git/config":    "[remote \"origin\"]\n\turl = https://me:planted_5@git.example.com/other.git\n",
	".npmrc":         "# planted_6\n",
}

// noImage are paths that no image has, and ofCode those of what is not the image's that it is made on.
var (
	noImage = regexp.MustCompile(`/\.git(/|$)|/\.env($|\.)|/\.npmrc$|/id_(rsa|ed25519|ecdsa)$|^/(cache|root/\.cache|root/\.npm|home/app/\.(cache|npm))/.|/node_modules/\.cache/|^/opt/tools/|^/var/lib/apt/lists/.|^/tmp/.`)
	ofCode  = regexp.MustCompile(`^/(app|srv|home|opt)/`)
)

// projectOf writes a project of its own for a test, or copies an example, and plants secrets in it.
func (s *stack) projectOf(example string, files map[string]string) {
	s.Helper()
	s.project = s.TempDir()
	if example != "" {
		if err := os.CopyFS(s.project, os.DirFS(filepath.Join(root, example))); err != nil {
			s.Fatal(err)
		}
	}
	for _, dir := range []string{".", "backend", "frontend"} {
		if _, err := os.Stat(filepath.Join(s.project, dir)); err != nil {
			continue
		}
		for name, text := range planted {
			s.put(filepath.Join(dir, name), text)
		}
	}
	for name, text := range files {
		s.put(name, text)
	}
}

func (s *stack) put(name, text string) {
	s.Helper()
	path := filepath.Join(s.project, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		s.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil { // whatever rights a file has, the service's user reads it
		s.Fatal(err)
	}
}

// produced publishes a project's images, and looks through every layer of each.
func (s *stack) produced() map[string]image {
	s.Helper()
	images := map[string]image{}
	var published map[string]string
	said := s.ok("publish", "--project-path", s.project, "--registry", mirror+"/e2e/"+s.name, "--tag", "1.2", "--format", "json")
	if err := json.Unmarshal([]byte(said), &published); err != nil {
		s.Fatalf("%v in %s", err, said)
	}
	for service, reference := range published {
		image := s.pulled(reference)
		images[service] = image
		for _, file := range image.files {
			if noImage.MatchString(file.name) {
				s.Errorf("%s: its image has %s", service, file.name)
			}
			if file.leaks {
				s.Errorf("%s: its image has a planted secret in %s", service, file.name)
			}
			if ofCode.MatchString(file.name) && file.private {
				s.Errorf("%s: its image has a secret in %s", service, file.name)
			}
		}
		if image.Config.User != "1000:1000" {
			s.Errorf("%s: its image's user is %q", service, image.Config.User)
		}
		for _, variable := range image.Config.Env {
			if strings.Contains(variable, "/cache") || strings.Contains(variable, "planted") {
				s.Errorf("%s: its image has the variable %s", service, variable)
			}
		}
		s.Logf("%s: %.1f MB, %s", service, float64(image.size)/1e6, strings.Join(image.Config.Cmd, " "))
	}
	return images
}

// has tells whether an image has a file whose name matches.
func (i image) has(pattern string) bool {
	name := regexp.MustCompile(pattern)
	for _, file := range i.files {
		if name.MatchString(file.name) {
			return true
		}
	}
	return false
}

// notRoot checks that a service's processes are not root's.
func (s *stack) notRoot(service string) {
	s.Helper()
	if uid := strings.TrimSpace(s.ok("exec", "--service", service, "--command", "id -u")); uid != "1000" {
		s.Errorf("%s runs as %s", service, uid)
	}
}

func TestProductionShop(t *testing.T) {
	t.Parallel()
	s := newStack(t, "", "--source", "detect", "--production")
	s.projectOf("examples/shop", map[string]string{"frontend/.env": "VITE_GREETING=hello-from-the-build\n", "backend/test_secret.py": "planted_7 = 1\n"})
	session := s.up()
	response, err := http.Post(fmt.Sprintf("http://127.0.0.1:%d/api/orders", s.ports["frontend"]), "application/json", strings.NewReader(`{"item": "tea"}`))
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode != http.StatusCreated {
		t.Errorf("an order through the file server: %s", response.Status)
	}
	s.eventually("the worker packs", func() bool {
		_, body := s.get("backend", "/api/orders")
		return strings.Contains(body, `"item":"tea","state":"packed"`)
	})
	_, page := s.get("frontend", "/some/page")
	script := regexp.MustCompile(`src="(/assets/[^"]+\.js)"`).FindStringSubmatch(page)
	if script == nil {
		t.Fatalf("a page of the application has no script:\n%s", page)
	}
	answer, err := http.Get(fmt.Sprintf("http://127.0.0.1:%d%s", s.ports["frontend"], script[1]))
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if got := answer.Header; !answer.Uncompressed || got.Get("Cache-Control") != "public, max-age=31536000, immutable" || got.Get("ETag") == "" {
		t.Errorf("the script: %v", got)
	}
	if text := s.fails("sync", "--project-path", s.project); !strings.Contains(text, "for production") {
		t.Errorf("sync: %s", text)
	}
	s.notRoot("backend")
	s.notRoot("frontend")
	commit := strings.Repeat("0123456789", 4)
	s.put(".git/refs/heads/main", commit+"\n")
	s.put(".git/FETCH_HEAD", commit+"\t\tbranch 'main' of https://me:planted_7@git.example.com/shop\n")
	images := s.produced()
	labels := "map[org.opencontainers.image.revision:" + commit + " org.opencontainers.image.source:https://git.example.com/shop org.opencontainers.image.title:backend org.opencontainers.image.version:1.2]"
	if got := fmt.Sprint(images["backend"].Config.Labels); got != labels {
		t.Errorf("labels: %s", got)
	}
	if front := images["frontend"]; front.has(`/node_modules/|\.jsx$|\.map$|/package\.json$`) || !front.has(`^/srv/www/assets/.*\.js\.gz$`) || front.size > 40e6 {
		t.Errorf("the frontend's image has more than its files: %d bytes", front.size)
	}
	if back := images["backend"]; back.has(`^/app/test_|^/app/.*\.key$`) || !back.has(`^/app/app/main\.py$`) {
		t.Error("the backend's image has more than what runs, or less")
	}
	session.end()
}

func TestProductionDjango(t *testing.T) {
	t.Parallel()
	s := newStack(t, "", "--production")
	settings, err := os.ReadFile(filepath.Join(root, "examples/django/guestbook/settings.py"))
	if err != nil {
		t.Fatal(err)
	}
	s.projectOf("examples/django", map[string]string{
		"guestbook/settings.py": strings.Replace(string(settings), `INSTALLED_APPS = [`, `INSTALLED_APPS = ["django.contrib.staticfiles", `, 1) +
			"\nSTATIC_URL = 'static/'\nSTATIC_ROOT = '/app/collected'\nMIDDLEWARE = ['whitenoise.middleware.WhiteNoiseMiddleware']\n",
		"requirements.txt":           "django>=5.2,<6\npsycopg[binary]>=3.2\nwhitenoise\n",
		"guestbook/static/hello.css": "body { color: red }\n",
	})
	delete(s.ports, "frontend")
	session := s.up()
	s.answers("backend", "/?name=ada", `{"guests": ["ada"]}`)
	s.answers("backend", "/static/hello.css", "body { color: red }")
	s.notRoot("backend")
	if back := s.produced()["backend"]; !back.has(`^/app/collected/hello\.css$`) || !back.has(`/gunicorn/`) {
		t.Error("the image has no static files, or no server")
	}
	session.end()
}

func TestProductionNext(t *testing.T) {
	t.Parallel()
	s := newStack(t, "", "--production")
	s.projectOf("examples/next", map[string]string{"public/robots.txt": "User-agent: *\n"})
	delete(s.ports, "frontend")
	session := s.up()
	if status, body := s.get("backend", "/"); status != http.StatusOK || !regexp.MustCompile(`id="visits">\d+<`).MatchString(body) {
		t.Errorf("%d %s", status, body)
	}
	s.answers("backend", "/robots.txt", "User-agent: *")
	s.notRoot("backend")
	if back := s.produced()["backend"]; !back.has(`^/app/server\.js$`) || back.has(`^/app/app/|^/app/\.next/cache/.|/node_modules/typescript/|/node_modules/@swc/core`) {
		t.Error("the image is not the standalone server alone")
	}
	session.end()
}

// A server in Node loses what is for development alone, and one in Go its source.
func TestProductionServers(t *testing.T) {
	t.Parallel()
	t.Run("node", func(t *testing.T) {
		s := newStack(t, "", "--production")
		s.projectOf("", map[string]string{
			"package.json": `{"name": "api", "scripts": {"dev": "nodemon server.js", "build": "mkdir -p dist && cp server.js dist/", "start": "node dist/server.js"},
				"dependencies": {"express": "^5.0.0"}, "devDependencies": {"nodemon": "^3.0.0"}}`,
			"server.js": "const express = require('express'), app = express();\napp.get('/', (_, r) => r.send(process.env.NODE_ENV));\n" +
				"app.use(express.static(require('path').join(__dirname, '../frontend/dist')));\napp.listen(process.env.PORT, '0.0.0.0');\n",
			"frontend/package.json": `{"name": "web", "scripts": {"dev": "vite", "build": "vite build"}, "devDependencies": {"vite": "^8.0.0"}}`,
			"frontend/index.html":   "<title>from the build</title>",
		})
		session := s.up()
		s.answers("backend", "/", "production")
		for _, service := range []string{"backend", "frontend"} { // whose code serves the pages in production
			if _, body := s.get(service, "/index.html"); !strings.Contains(body, "from the build") {
				t.Errorf("the page of the %s: %s", service, body)
			}
		}
		s.notRoot("backend")
		if back := s.produced()["backend"]; !back.has(`/node_modules/express/`) || back.has(`/node_modules/nodemon/`) {
			t.Error("the image has what is for development, or not what is needed")
		}
		session.end()
	})
	t.Run("go", func(t *testing.T) {
		s := newStack(t, "", "--production")
		s.projectOf("", map[string]string{
			"go.mod": "module example.com/hello\n\ngo 1.26\n", "page.html": "from a file",
			"main.go": "package main\n\nimport (\n\t\"net/http\"\n\t\"os\"\n)\n\nfunc main() {\n\thttp.HandleFunc(\"/\", func(w http.ResponseWriter, r *http.Request) { http.ServeFile(w, r, \"page.html\") })\n\tpanic(http.ListenAndServe(\":\"+os.Getenv(\"PORT\"), nil))\n}\n",
		})
		delete(s.ports, "frontend")
		session := s.up()
		s.answers("backend", "/", "from a file")
		s.notRoot("backend")
		if back := s.produced()["backend"]; back.has(`\.go$|/go\.mod$`) || !back.has(`^/app/page\.html$`) || back.size > 40e6 {
			t.Error("the image has source, or not what the program reads")
		}
		session.end()
	})
}
