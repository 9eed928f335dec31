package e2e

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Each edit reaches the running service as it is saved, also after a mistake, and when watch was killed meanwhile.
func TestWatch(t *testing.T) {
	t.Parallel()
	s := plain(t)
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(s.project)); err != nil {
		t.Fatal(err)
	}
	s.project = dir
	s.edit(".gitignore", "*.tmp\n")
	s.up()
	source, err := os.ReadFile(filepath.Join(dir, "backend/main.py"))
	if err != nil {
		t.Fatal(err)
	}
	answering := func(answer string) string {
		return strings.Replace(string(source), `else 200, "ok")`, `else 200, "`+answer+`")`, 1)
	}
	serves := func(answer string) {
		t.Helper()
		s.eventually("the backend answers "+answer, func() bool { _, body := s.get("backend", "/"); return body == answer })
	}
	watch := s.begin("watch")
	printed := func(text string) {
		t.Helper()
		watch.until("watch prints "+text, func() bool { return strings.Contains(watch.printed(), text) })
	}
	printed("watching . for stack")

	s.edit("backend/main.py", answering("first"))
	serves("first")
	printed("backend: main.py changed")
	printed("backend restarted: pid ")
	s.edit("backend/main.py", "def mistake(\n")
	printed("backend did not come back")
	printed("SyntaxError")
	s.edit("backend/main.py", answering("second"))
	serves("second")
	// What its packages are installed from is built anew. A build that fails changes nothing.
	s.edit("backend/requirements.txt", "--no-such-option\n")
	printed("backend: build failed")
	printed("no such option")
	printed("backend goes on as it was")
	serves("second")
	s.edit("backend/main.py", answering("meanwhile"))
	serves("meanwhile")
	if got := strings.Count(watch.printed(), "backend: builds"); got != 1 {
		t.Errorf("%d builds, want one of what cannot be built", got)
	}
	s.edit("backend/main.py", answering("third"))
	s.edit("backend/requirements.txt", "# none\n")
	serves("third")
	printed("built anew")

	for want, flags := range map[string][]string{
		`restart "maybe": want auto, always or never`:      {"--restart", "maybe"},
		`timeout "soon": want a duration such as 60s`:      {"--timeout", "soon"},
		`service "web" is not part of the stack: want one`: {"--service", "web"},
		`postgres has nothing of the project`:              {"--service", "postgres"},
	} {
		s.contains("watch", s.fails(append([]string{"watch"}, flags...)...), want)
	}

	watch.kill()
	s.edit("backend/main.py", answering("fourth"))
	watch = s.begin("watch", "--project-path", ".", "--service", "backend")
	printed("watching . for stack")
	serves("fourth")
	watch.end()

	watch = s.begin("watch", "--restart", "never")
	printed("watching . for stack")
	s.scramble("backend/many", 300, 1)
	s.edit("backend/last.tmp", "ignored")
	s.edit("backend/last.txt", "the last")
	printed("backend: last.txt")
	if out := s.ok("sync", "--restart", "never"); out != "backend: nothing has changed\n" {
		t.Errorf("after many edits: %s", out)
	}
	if strings.Contains(watch.printed(), "last.tmp") {
		t.Errorf("what git ignores was brought: %s", watch.printed())
	}
	s.ok("stop")
	s.edit("backend/last.txt", "nobody is there")
	printed("the stack has ended, and watching with it")
}

// scramble makes, changes, renames and deletes files and folders below a folder.
func (s *stack) scramble(folder string, edits int, seed uint64) {
	s.Helper()
	random := rand.New(rand.NewPCG(seed, 2)) //nolint:gosec // the same edits each time
	at := func() string {
		return filepath.Join(s.project, folder, fmt.Sprintf("d%d", random.IntN(5)), fmt.Sprintf("f%d.[x] y", random.IntN(12)))
	}
	for i := range edits {
		path := at()
		_ = os.MkdirAll(filepath.Dir(path), 0o755)
		switch random.IntN(9) {
		case 0:
			_ = os.Remove(path)
		case 1:
			_ = os.Rename(path, at()) // fails where there is nothing
		case 2:
			_ = os.RemoveAll(filepath.Dir(path))
		case 3:
			_ = os.Chmod(path, 0o755)
		case 4:
			_ = os.WriteFile(path, make([]byte, 1<<20), 0o600)
		case 5:
			_ = os.Remove(path)
			_ = os.Symlink(filepath.Base(at()), path)
			time.Sleep(time.Duration(random.IntN(60)) * time.Millisecond) // the end of a burst
		default:
			_ = os.WriteFile(path, fmt.Appendf(nil, "edit %d", i), 0o600)
		}
	}
}

func TestWatchRefuses(t *testing.T) {
	t.Parallel()
	s := newStack(t, "tests/fixtures/plain")
	for want, flags := range map[string][]string{
		`stack "` + s.name + `" never ran on this engine`: {},
		`project-path "nowhere": there is no such folder`: {"--project-path", "nowhere"},
	} {
		if text := s.fails(append([]string{"watch"}, flags...)...); !strings.Contains(text, want) {
			t.Errorf("%v: error %q, want %q in it", flags, text, want)
		}
	}
}
