//go:build root

package volume

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// made runs a shell script in a new folder and returns the folder.
func made(t *testing.T, script string) string {
	t.Helper()
	dir := t.TempDir()
	sh(t, dir, script)
	return dir
}

// sh runs a shell script in a folder and returns what the script prints.
func sh(t *testing.T, dir, script string) string {
	t.Helper()
	cmd := exec.Command("sh", "-euc", script)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", script, err, out)
	}
	return strings.TrimSpace(string(out))
}

// listed is a folder with all that Docker keeps of files.
func listed(t *testing.T, dir string) string {
	return sh(t, dir, `find . -printf '%P %y %m %U:%G %l\n' | sort; find . -type f -printf '%P %Tc\n' | sort; find . -type f -print0 | sort -z | xargs -0r cat; find . -type f -links +1 | sort`)
}

const image = `chmod 2750 .; chown 7:8 .; mkdir deep; chmod 1777 deep; chown 9:10 deep
	echo text >deep/file; chmod 4711 deep/file; ln deep/file deep/hard; ln -s file deep/link; chown -h 3:4 deep/link
	echo x >"a name"; touch -d 2001-02-03 "a name" deep/file deep .`

func opened(t *testing.T) Volume {
	v := At(filepath.Join(t.TempDir(), "volume"))
	lock, err := v.Lock()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { lock.Close() })
	if err := v.Make(""); err != nil {
		t.Fatal(err)
	}
	return v
}

func TestCopyUp(t *testing.T) {
	v, from := opened(t), made(t, image)
	want := listed(t, from)
	if err := v.CopyUp(from); err != nil {
		t.Fatal(err)
	}
	if got := listed(t, v.Path("")); got != want {
		t.Errorf("copied\n%s\nwant\n%s", got, want)
	}
	sh(t, v.Path(""), "rm -r deep; echo mine >own")
	want = listed(t, v.Path(""))
	if err := v.CopyUp(from); err != nil {
		t.Fatal(err)
	}
	if got := listed(t, v.Path("")); got != want {
		t.Errorf("a volume that holds something:\n%s\nwant\n%s", got, want)
	}
}

func TestCopyUpOfNothing(t *testing.T) {
	v := opened(t)
	before := listed(t, v.Path(""))
	file := filepath.Join(made(t, "touch file"), "file")
	for _, from := range []string{filepath.Join(t.TempDir(), "none"), file} {
		if err := v.CopyUp(from); err != nil {
			t.Fatal(err)
		}
		if got := listed(t, v.Path("")); got != before {
			t.Errorf("%s: %s", from, got)
		}
	}
	empty := made(t, "chmod 700 .; chown 5:6 .")
	if err := v.CopyUp(empty); err != nil {
		t.Fatal(err)
	}
	if got := sh(t, v.Path(""), "stat -c '%a %u:%g' ."); got != "700 5:6" {
		t.Errorf("an empty folder of the image: %s", got)
	}
}

// A copy that was killed is taken up again.
func TestCopyUpThatWasKilled(t *testing.T) {
	v, from := opened(t), made(t, image)
	sh(t, v.root, "touch copying; mkdir data/deep; echo te >data/deep/file")
	if err := v.CopyUp(from); err != nil {
		t.Fatal(err)
	}
	if got := sh(t, v.Path(""), "cat deep/file; ls"); got != "text\na name\ndeep" {
		t.Error(got)
	}
}

func TestLockIsOneAtATime(t *testing.T) {
	v := At(t.TempDir())
	lock, err := v.Lock()
	if err != nil {
		t.Fatal(err)
	}
	order := make(chan string, 2)
	go func() {
		second, err := v.Lock()
		if err != nil {
			t.Error(err)
		}
		order <- "second"
		second.Close()
	}()
	order <- "first"
	lock.Close()
	if got := fmt.Sprint(<-order, <-order); got != "firstsecond" {
		t.Error(got)
	}
}

func TestPathsStayOnTheVolume(t *testing.T) {
	v := At("/v")
	for name, want := range map[string]string{"": "/v/data", ".": "/v/data", "a/b": "/v/data/a/b", "../x": "/v/data/x", "./a/../../y": "/v/data/y"} {
		if got := v.Path(name); got != want {
			t.Errorf("%s: %s", name, got)
		}
	}
	if a, b := v.FirstStart("a/b"), v.FirstStart("a%2Fb"); a == b || filepath.Dir(a) != "/v/first-start" {
		t.Errorf("%s %s", a, b)
	}
}

// What changed on the host comes, what the service wrote stays.
func TestBring(t *testing.T) {
	const first = "echo 1 >same; echo 1 >host; echo 1 >service; echo 1 >both; echo 1 >gone; echo 1 >gone-changed; mkdir -p dir/sub dir/kept; echo 1 >dir/sub/file; ln -s same link"
	for _, c := range []struct{ name, host, service, want, kept string }{
		{"nothing", "true", "true", "both=1 dir/sub/file=1 gone=1 gone-changed=1 host=1 link=1 same=1 service=1", ""},
		{"an edit", "echo 2 >host", "true", "both=1 dir/sub/file=1 gone=1 gone-changed=1 host=2 link=1 same=1 service=1", ""},
		{"an edit of the service", "true", "echo 3 >service; echo 3 >new", "both=1 dir/sub/file=1 gone=1 gone-changed=1 host=1 link=1 new=3 same=1 service=3", ""},
		{"both", "echo 2 >both", "echo 3 >both", "both=3 dir/sub/file=1 gone=1 gone-changed=1 host=1 link=1 same=1 service=1", "both"},
		{"the same edit in both", "echo 2 >both", "echo 2 >both", "both=2 dir/sub/file=1 gone=1 gone-changed=1 host=1 link=1 same=1 service=1", ""},
		{"deleted on the host", "rm gone; rm -r dir/sub", "true", "both=1 gone-changed=1 host=1 link=1 same=1 service=1", ""},
		{"deleted on the host, changed by the service", "rm gone-changed", "echo 3 >gone-changed", "both=1 dir/sub/file=1 gone=1 gone-changed=3 host=1 link=1 same=1 service=1", "gone-changed"},
		{"a folder that goes, with what the service wrote in it", "rm -r dir", "echo 3 >dir/sub/own", "both=1 dir/sub/own=3 gone=1 gone-changed=1 host=1 link=1 same=1 service=1", "dir/sub dir"},
		{"deleted by the service", "true", "rm same", "both=1 dir/sub/file=1 gone=1 gone-changed=1 host=1 service=1", ""},
		{"new in a new folder", "mkdir -p n/m; echo 2 >n/m/f", "true", "both=1 dir/sub/file=1 gone=1 gone-changed=1 host=1 link=1 n/m/f=2 same=1 service=1", ""},
		{"new in both", "echo 2 >new", "echo 3 >new", "both=1 dir/sub/file=1 gone=1 gone-changed=1 host=1 link=1 new=3 same=1 service=1", "new"},
		{"a link", "ln -sf host link; echo 2 >host", "true", "both=1 dir/sub/file=1 gone=1 gone-changed=1 host=2 link=2 same=1 service=1", ""},
		{"a folder in the place of a file", "rm gone; mkdir gone; echo 2 >gone/f", "true", "both=1 dir/sub/file=1 gone-changed=1 gone/f=2 host=1 link=1 same=1 service=1", ""},
		{"a file in the place of a folder", "rm -r dir; echo 2 >dir", "true", "both=1 dir=2 gone=1 gone-changed=1 host=1 link=1 same=1 service=1", ""},
		{"a link that leads out", "rm -r dir; mkdir dir; echo 2 >dir/f", "rm -r dir; mkdir ../../outside; ln -s ../../outside dir", "both=1 gone=1 gone-changed=1 host=1 link=1 same=1 service=1", "dir/sub/file dir/sub dir/kept dir/f"},
	} {
		t.Run(c.name, func(t *testing.T) {
			v, host := opened(t), made(t, first)
			if brought, err := v.Bring("./app", host); err != nil || len(brought.Kept) != 0 {
				t.Fatal(brought, err)
			}
			if got, want := listed(t, v.Path("app")), listed(t, host); got != want {
				t.Fatalf("the first time:\n%s\nwant\n%s", got, want)
			}
			sh(t, v.Path("app"), c.service)
			sh(t, host, c.host)
			for again := range 2 { // a second time changes nothing
				brought, err := v.Bring("./app", host)
				if err != nil {
					t.Fatal(err)
				}
				got := sh(t, v.Path("app"), `find . -type f -o -type l | sort | sed 's/^..//' | while read f; do [ ! -f $f ] || echo $f=$(cat $f); done | tr '\n' ' '`)
				if got != c.want {
					t.Errorf("time %d:\n%s\nwant\n%s", again+1, got, c.want)
				}
				if again == 0 && strings.Join(brought.Kept, " ") != c.kept {
					t.Errorf("kept %q, want %q", brought.Kept, c.kept)
				}
			}
			if out, err := os.ReadDir(filepath.Join(v.root, "..", "outside")); err == nil && len(out) > 0 {
				t.Error("a file was written outside")
			}
		})
	}
}

// Of a part of the project what is in it comes, and what is elsewhere stays as it is, here and in what is known of the project.
func TestBringSome(t *testing.T) {
	v, host := opened(t), made(t, "mkdir -p src/old other; echo 1 >src/a; echo 1 >src/kept; echo 1 >src/old/gone; echo 1 >other/x; echo 1 >src-2")
	if _, err := v.Bring("app", host); err != nil {
		t.Fatal(err)
	}
	sh(t, v.Path("app"), "echo 3 >src/kept")
	part := made(t, "mkdir -p app/src/new; echo 2 >app/src/a; echo 2 >app/src/kept; echo 2 >app/src/new/f; echo 2 >app/.gitignore")
	brought, err := v.Bring("app", filepath.Join(part, "app"), "src/a", "src/kept", "src/new", "src/old")
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(brought.Changed, brought.Added, brought.Deleted, brought.Kept); got != "[src/a] [src/new/f] [src/old/gone] [src/kept]" {
		t.Error(got)
	}
	show := `find . -type f | sort | while read f; do echo $f=$(cat $f); done | tr '\n' ' '`
	if got := sh(t, v.Path("app"), show); got != "./other/x=1 ./src-2=1 ./src/a=2 ./src/kept=3 ./src/new/f=2" {
		t.Error(got)
	}
	// All of a folder that is gone from the project.
	if _, err := v.Bring("app", filepath.Join(part, "nothing"), "src"); err != nil {
		t.Fatal(err)
	}
	sh(t, host, "rm -r src; echo 2 >other/x")
	if _, err := v.Bring("app", host); err != nil {
		t.Fatal(err)
	}
	if got := sh(t, v.Path("app"), show); got != "./other/x=2 ./src-2=1 ./src/kept=3" {
		t.Error(got)
	}
}

func TestBringOwnersAndModes(t *testing.T) {
	v, host := opened(t), made(t, image)
	if _, err := v.Bring("data", host); err != nil {
		t.Fatal(err)
	}
	sh(t, host, "chmod 600 'a name'; chown 77:78 deep")
	if _, err := v.Bring("data", host); err != nil {
		t.Fatal(err)
	}
	if got := sh(t, v.Path("data"), "stat -c '%a %u:%g' . deep deep/file 'a name'"); got != "2750 7:8\n3777 77:78\n4711 0:10\n600 0:8" {
		t.Error(got)
	}
}

func TestBringAFile(t *testing.T) {
	v, host := opened(t), made(t, "echo 1 >conf; chmod 640 conf")
	file := filepath.Join(host, "conf")
	var same os.FileInfo
	for _, text := range []string{"1", "2"} {
		sh(t, host, "echo "+text+" >conf")
		if _, err := v.Bring("./etc/conf", file); err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(v.Path("etc/conf"))
		if err != nil || same != nil && !os.SameFile(info, same) {
			t.Errorf("who has the file mounted sees the old one: %v", err)
		}
		same = info
		if got := sh(t, v.Path("etc"), "cat conf; stat -c %a conf; ls -A"); got != text+"\n640\nconf" {
			t.Error(got)
		}
	}
}

// What is brought for the first time is no edit, so that nothing is restarted for it: a watch may look before a service that starts has
// opened its binds.
func TestTheFirstBringIsNoEdit(t *testing.T) {
	v, host := opened(t), made(t, "echo 1 >a; mkdir -p dir; echo 1 >dir/b")
	brought, err := v.Bring("app", host)
	if err != nil || len(brought.All()) != 0 {
		t.Errorf("the first time: %v, %v", brought, err)
	}
	sh(t, host, "echo 2 >a")
	if brought, err = v.Bring("app", host); err != nil || fmt.Sprint(brought.All()) != "[a]" {
		t.Errorf("the second time: %v, %v", brought, err)
	}
}

func TestBringWhatIsMissing(t *testing.T) {
	v := opened(t)
	for _, from := range []string{filepath.Join(t.TempDir(), "binds", "3"), filepath.Join(t.TempDir(), "3")} {
		if _, err := v.Bring("pgdata", from); err != nil {
			t.Fatal(err)
		}
		if got := sh(t, v.Path("pgdata"), "stat -c '%F %a %u' ."); got != "directory 755 0" {
			t.Error(got)
		}
	}
	sh(t, v.Path("pgdata"), "echo x >PG_VERSION")
	if _, err := v.Bring("pgdata", filepath.Join(t.TempDir(), "3")); err != nil {
		t.Fatal(err)
	}
	if got := sh(t, v.Path("pgdata"), "ls"); got != "PG_VERSION" {
		t.Error(got)
	}
}

// Who binds a folder, and who binds one in it, see the same files.
func TestBindsInOneAnother(t *testing.T) {
	v, host := opened(t), made(t, "mkdir src; echo 1 >src/main; echo 1 >top")
	for _, text := range []string{"1", "2"} {
		sh(t, host, "echo "+text+" >src/main")
		for source, from := range map[string]string{".": host, "./src": filepath.Join(host, "src")} {
			if brought, err := v.Bring(source, from); err != nil || len(brought.Kept) != 0 {
				t.Fatal(brought, err)
			}
		}
		if got := sh(t, v.Path("."), "cat src/main top"); got != text+"\n1" {
			t.Error(got)
		}
	}
}

// A file that is gone from the host is an empty folder at the next up, as with Docker.
func TestBringAFileThatIsGone(t *testing.T) {
	v, host := opened(t), made(t, "echo 1 >conf")
	for _, name := range []string{"conf", "none"} {
		if _, err := v.Bring("conf", filepath.Join(host, name)); err != nil {
			t.Fatal(err)
		}
	}
	if got := sh(t, v.Path("conf"), "stat -c %F ."); got != "directory" {
		t.Error(got)
	}
}
