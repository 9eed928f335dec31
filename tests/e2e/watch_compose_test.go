package e2e

import (
	"crypto/sha256"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// edits is how many edits are made thrice: while watch runs, while none does, and while another one does. By hand, with more:
//
//	hack/engine/with go -C tests test ./e2e -run TestWatchCompose -count=1 -edits 350
var edits = flag.Int("edits", 100, "how many random edits TestWatchCompose makes, thrice")

// What develop.watch of a compose file says is done, for a project in a git worktree, from a subfolder of it; also after a build that
// fails, while a batch is under way, and when watch was killed meanwhile.
func TestWatchCompose(t *testing.T) {
	t.Parallel()
	s := composed(t, "watched", "web:8000")
	s.project = worktree(t, s.project)
	s.upAll()
	watch := s.watchFrom("src")
	serves := func(path, want string) {
		t.Helper()
		watch.until(path+" is "+want, func() bool { _, body := s.get("web", path); return strings.TrimSpace(body) == want })
	}
	printed := func(text string) {
		t.Helper()
		watch.until("watch prints "+text, func() bool { return strings.Contains(watch.printed(), text) })
	}
	printed("web: src/page.txt added") // initial_sync

	s.edit("src/ignored.log", "no")
	s.edit("src/page.txt", "page two")
	serves("/src/page.txt", "page two")
	if err := os.Symlink("page.txt", filepath.Join(s.project, "src/link.txt")); err != nil {
		t.Fatal(err)
	}
	serves("/src/link.txt", "page two")
	if status, _ := s.get("web", "/src/ignored.log"); status != 404 {
		t.Errorf("what is ignored was brought: %d", status)
	}
	s.edit("settings.json", `{"new": true}`)
	printed("web: settings.json changed")
	printed("web restarted: pid ")
	serves("/settings.json", `{"new": true}`)
	s.edit("static/b.txt", "b")
	serves("/kept/joined.txt", "a\nb")
	printed("web: static/b.txt added; ran sh -c cat static/* > kept/joined.txt")

	s.edit("version.txt", "-no-option")
	printed("web: build failed")
	printed("web goes on as it was")
	s.edit("src/page.txt", "page three")
	serves("/src/page.txt", "page three")
	s.edit("version.txt", "two")
	printed("web: version.txt changed; built anew")
	s.edit("src/page.txt", "page four") // while the service is restarted
	serves("/src/page.txt", "page four")
	serves("/version.txt", "two")
	serves("/kept/joined.txt", "a\nb")
	if status, _ := s.get("web", "/versions/one/"); status != 404 {
		t.Errorf("what the new image has not is still there: %d", status)
	}
	if got := strings.Count(watch.printed(), "web: builds"); got != 2 {
		t.Errorf("%d builds, want one for each version:\n%s", got, tail(watch.printed()))
	}

	s.scramble("src/many", *edits, 1)
	watch.kill()
	s.scramble("src/many", *edits, 2)
	watch = s.watchFrom("src")
	s.scramble("src/many", *edits, 3)
	s.edit("src/last.txt", "the last")
	serves("/src/last.txt", "the last")
	if got, want := s.ok("exec", "--service", "web", "--command", listing), listed(t, filepath.Join(s.project, "src")); got != want {
		t.Errorf("the container has\n%s\nand the project\n%s", got, want)
	}
	watch.end()
	if got := s.states(); got != "web healthy running" {
		t.Errorf("after Ctrl-C: %s", got)
	}
}

// watchFrom begins to watch in a folder of the project.
func (s *stack) watchFrom(folder string) *session {
	s.Helper()
	watch := s.start(command(s.T.Context(), filepath.Join(s.project, folder), s.args("watch", "--project-path", "..")...))
	watch.until("watch has begun", func() bool { return strings.Contains(watch.printed(), "watching .. for stack") })
	return watch
}

// worktree is a git worktree with a folder of those files in it.
func worktree(t *testing.T, files string) string {
	t.Helper()
	repository, tree := filepath.Join(t.TempDir(), "repository"), filepath.Join(t.TempDir(), "tree")
	if err := os.CopyFS(filepath.Join(repository, "apps/shop"), os.DirFS(files)); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{
		{"init", "-q"}, {"add", "."}, {"-c", "user.name=t", "-c", "user.email=t@example.com", "commit", "-qm", "all"}, {"worktree", "add", "-q", tree},
	} {
		if out, err := exec.Command("git", append([]string{"-C", repository}, args...)...).CombinedOutput(); err != nil {
			t.Fatalf("git %s: %v\n%s", args, err, out)
		}
	}
	return filepath.Join(tree, "apps/shop")
}

// listing is a command that prints what a folder has as listed does.
const listing = `python -c "
import hashlib, os
lines = []
for top, _, names in os.walk('src'):
    for name in (n for n in names if not n.endswith('.log')):
        at = os.path.join(top, name)
        link = os.path.islink(at)
        text = os.readlink(at).encode() if link else open(at, 'rb').read()
        mode = 0 if link else os.stat(at).st_mode & 0o777
        lines.append('%s 0o%o %s' % (os.path.relpath(at, 'src'), mode, hashlib.sha256(text).hexdigest()))
print(chr(10).join(sorted(lines)))
"`

// listed is what a folder has, but for what is ignored: a line for each file and link, with the permissions that it has in a stack.
func listed(t *testing.T, folder string) string {
	t.Helper()
	var lines []string
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || strings.HasSuffix(path, ".log") {
			return err
		}
		var text []byte
		mode := fs.FileMode(0)
		if entry.Type()&fs.ModeSymlink != 0 {
			target, err := os.Readlink(path)
			if err != nil {
				return err
			}
			text = []byte(target)
		} else {
			info, err := entry.Info()
			if err != nil {
				return err
			}
			if text, err = os.ReadFile(path); err != nil {
				return err
			}
			if mode = info.Mode().Perm() | 0o444; mode&0o100 != 0 { // what its owner may read, all may
				mode |= 0o111
			}
		}
		name, err := filepath.Rel(folder, path)
		lines = append(lines, fmt.Sprintf("%s 0o%o %x\n", name, mode, sha256.Sum256(text)))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(lines)
	return strings.Join(lines, "")
}
