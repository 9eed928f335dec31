package compose

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"dagger/stack/internal/spec"
)

// A bind of a link is a bind of what the link leads to, as with Docker: in a bind of the folder that the link is in it stays a link.
func TestBindOfALink(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	const text = "services:\n  web:\n    image: a\n    volumes: ['./p:/p', './p/file:/file', './p/twice:/twice', './p/folder:/folder', './p/out:/out', './p/loop:/loop', './p/none:/none']\n"
	err := errors.Join(os.MkdirAll(filepath.Join(dir, "conf"), 0o755), os.MkdirAll(filepath.Join(dir, "p"), 0o755),
		os.WriteFile(filepath.Join(dir, "conf/a.conf"), nil, 0o644), os.WriteFile(filepath.Join(dir, "compose.yaml"), []byte(text), 0o644))
	for name, target := range map[string]string{"file": "../conf/a.conf", "twice": "file", "folder": "../conf", "out": "../../x", "loop": "loop", "none": "nothing"} {
		err = errors.Join(err, os.Symlink(target, filepath.Join(dir, "p", name)))
	}
	if err != nil {
		t.Fatal(err)
	}
	p, err := Load(os.DirFS(dir), Options{})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, m := range service(t, p, "web").Container.Mounts {
		kind := map[bool]string{true: "file", false: "folder"}[m.File]
		if m.Missing {
			kind = "missing"
		}
		if m.Type == spec.MountBind {
			got = append(got, m.Target+"="+m.Source+":"+kind)
		}
	}
	const want = "/p=p:folder /file=conf/a.conf:file /twice=conf/a.conf:file /folder=conf:folder /out=p/out:file /loop=p/loop:file /none=p/nothing:missing"
	if text := strings.Join(got, " "); text != want {
		t.Errorf("%s\nwant %s", text, want)
	}
}
