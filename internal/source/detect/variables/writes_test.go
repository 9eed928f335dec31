package variables

import "testing"

// Where code makes files beside itself.
func TestWrites(t *testing.T) {
	t.Parallel()
	for project, want := range map[string]string{
		"-- a.ts --\nimport fs from 'fs'\nfs.mkdirSync(dir)\n":                                  "a.ts:2",
		"-- a.js --\nconst up = multer({ dest: 'uploads/' })\n":                                 "a.js:1",
		"-- a.py --\n# os.makedirs('x')\nh = RotatingFileHandler('logs/a.log')\n":               "a.py:2",
		"-- a.py --\nwith open('out.json', 'w') as f: pass\n":                                   "a.py:1",
		"-- a.py --\nopen('settings.json')\nopen(path, 'w')\nopen('/tmp/x', 'w')\n":             "",
		"-- main.go --\npackage main\nfunc main() { os.MkdirAll(\"uploads\", 0o755) }\n":        "main.go:2",
		"-- tests/a.ts --\nfs.mkdirSync(dir)\n-- README.md --\nfs.mkdirSync(dir)\n-- a.ts --\n": "",
	} {
		if got := Writes(Service{Dir: "."}.Of(texts(t, project))); got != want {
			t.Errorf("%s: %q, want %q", project, got, want)
		}
	}
}
