//go:build root

package process

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"dagger/stack/internal/spec"
)

var root = User{UID: 0, GID: 0, Groups: []int{0}, Home: "/root"}

// docker are the capabilities of Docker's containers.
var docker = spec.DefaultCapabilities

func reaper(t *testing.T) *Reaper {
	t.Helper()
	r, err := theReaper()
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func shell(text string) []string { return []string{"/bin/sh", "-c", text} }

var path = []string{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}

// open is a folder that every user can reach.
func open(t *testing.T) string {
	dir := t.TempDir()
	for _, path := range []string{dir, filepath.Dir(dir)} {
		if err := os.Chmod(path, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// says is what a command prints, and its exit code.
func says(t *testing.T, cmd Command) (string, int) {
	t.Helper()
	if cmd.Env == nil {
		cmd.Env = path
	}
	if cmd.User.Home == "" {
		cmd.User = nobody
	}
	output, code, err := reaper(t).Output(context.Background(), cmd, nil)
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(output), code
}

func TestNamespaces(t *testing.T) {
	dir := open(t)
	for name, text := range map[string]string{"volume/file": "kept\n", "hidden/key": "secret\n", "one": "a file\n"} {
		os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755)
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	os.Chmod(filepath.Join(dir, "volume"), 0o777)
	if err := os.Mkdir(filepath.Join(dir, "private"), 0o710); err != nil {
		t.Fatal(err)
	}
	at := func(name string) string { return filepath.Join(dir, name) }
	own := Namespaces{
		Hostname: "thing", Domainname: "example.org", ShmSize: 1 << 20, Hide: []string{at("hidden")},
		Mounts: []Mount{
			{Source: at("volume"), Target: at("root/deep/inner"), ReadOnly: true}, // listed before what it lies in
			{Target: at("root/deep"), Options: "size=65536,mode=1777"},
			{Source: at("volume"), Target: at("root/volume")},
			{Source: at("one"), Target: at("root/etc/one")},
			{Target: at("root/programs"), Options: "exec,uid=65534"},
			{Target: at("private")}, {Target: at("reads"), ReadOnly: true},
		},
	}
	for _, c := range []struct{ name, text, want string }{
		{"number", "echo $$", "1"},
		{"names", "hostname; cat /proc/sys/kernel/domainname", "thing\nexample.org"},
		{"processes", "set -- /proc/[0-9]*; echo $#", "1"}, // the shell
		{"hidden", "ls -A " + at("hidden"), ""},
		{"hidden, also from who looks at all mounts", "df " + at("root/volume") + " >/dev/null && df -a >/dev/null; echo $?; grep -c " + at("hidden") + " /proc/mounts", "0\n1"},
		{"a volume", "cat " + at("root/volume/file") + "; echo new >" + at("root/volume/new") + " && cat " + at("volume/new"), "kept\nnew"},
		{"a volume inside of a tmpfs, read-only", "cat " + at("root/deep/inner/file") + "; touch " + at("root/deep/inner/x") + " 2>&1 | grep -o 'Read-only.*'", "kept\nRead-only file system"},
		{"a file", "cat " + at("root/etc/one"), "a file"},
		{"a size", "stat -fc '%b %S' " + at("root/deep") + "; stat -c %a " + at("root/deep"), "16 4096\n1777"},
		{"the mode of what the image has there", "stat -c %a " + at("private") + " " + at("root/programs"), "710\n1777"},
		{"a tmpfs that is read-only", "touch " + at("reads/x") + " 2>/dev/null || stat -fc %T " + at("reads"), "tmpfs"},
		{"no program on a tmpfs", "cp /bin/true " + at("root/deep/true") + "; " + at("root/deep/true") + " 2>/dev/null; echo $?", "126"},
		{"programs where options say so", "cp /bin/true " + at("root/programs/true") + "; " + at("root/programs/true") + "; echo $?", "0"},
		{"shared memory", "stat -fc '%b %S' /dev/shm; stat -c %a /dev/shm", "256 4096\n1777"},
		{"the root is writable", "touch " + at("volume") + "/y; echo $?", "0"},
	} {
		if got, _ := says(t, Command{Args: shell(c.text + " 2>/dev/null"), Confine: Full, Own: &own}); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
	if name, _ := os.Hostname(); name == "thing" {
		t.Error("the host name is the agent's too")
	}
	if text, err := os.ReadFile(at("hidden/key")); err != nil || string(text) != "secret\n" {
		t.Errorf("hidden from the agent too: %q %v", text, err)
	}
	own.ReadOnly = true
	text := "touch " + at("x") + " 2>&1 | grep -o 'Read-only.*'; touch " + at("root/volume/z") + " /dev/shm/z && echo both"
	if got, _ := says(t, Command{Args: shell(text), Confine: Full, Own: &own}); got != "Read-only file system\nboth" {
		t.Errorf("read-only: %q", got)
	}
	if err := os.WriteFile(at("x"), nil, 0o644); err != nil {
		t.Errorf("read-only for the agent too: %v", err)
	}
}

// What is wrong is said, and nothing is left running.
func TestNamespacesThatCannotBe(t *testing.T) {
	dir := open(t)
	for _, c := range []struct {
		mount Mount
		want  string
	}{
		{Mount{Source: dir + "/none", Target: dir + "/x"}, "no such file"},
		{Mount{Source: dir, Target: "/etc/passwd"}, "mount a folder onto a folder"},
		{Mount{Target: dir + "/y", Options: "size=lots"}, "invalid argument"},
	} {
		_, err := reaper(t).Start(Command{Args: shell("true"), User: nobody, Env: path, Own: &Namespaces{Mounts: []Mount{c.mount}}})
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), c.mount.Target) {
			t.Errorf("%+v: %v", c.mount, err)
		}
	}
}

// What runs beside a process sees what the process sees, and the process sees it.
func TestBeside(t *testing.T) {
	dir := open(t)
	own := Namespaces{Hostname: "thing", Mounts: []Mount{{Target: dir + "/tmp", Options: "mode=1777"}}}
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer write.Close()
	p, err := reaper(t).Start(Command{Args: shell("echo mine > " + dir + "/tmp/file; echo up; sleep 60; true"), Env: path, User: nobody, Confine: Full, Own: &own, Stdout: write})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Signal(syscall.SIGKILL)
	io.ReadFull(read, make([]byte, 3))
	for range 20 { // a thread that was not brought back would make the next one fail
		text := "hostname; cat " + dir + "/tmp/file; cat /proc/1/comm; id -u; echo $$ >> " + dir + "/tmp/pids"
		if got, code := says(t, Command{Args: shell(text), Confine: Full, Beside: p}); got != "thing\nmine\nsh\n65534" || code != 0 {
			t.Fatalf("%q %d", got, code)
		}
	}
	if got, _ := says(t, Command{Args: shell("grep -vc '^1$' " + dir + "/tmp/pids"), Confine: Full, Beside: p}); got != "20" {
		t.Errorf("numbers: %s", got)
	}
	if got, _ := says(t, Command{Args: shell("ls " + dir + "/tmp; cat /proc/1/comm"), Confine: Full}); strings.Contains(got, "mine") || strings.HasSuffix(got, "\nsh") {
		t.Errorf("beside nothing: %s", got)
	}
	p.Signal(syscall.SIGKILL)
	<-p.Done()
	if _, err := reaper(t).Start(Command{Args: shell("true"), Env: path, User: nobody, Confine: Full, Beside: p}); err == nil {
		t.Error("something runs beside a process that has ended")
	}
}

// As number 1, a process gets only the signals that it handles, as in Docker. An init hands them on, reaps, and ends as its child.
func TestNumberOne(t *testing.T) {
	for _, c := range []struct {
		name, text string
		init       bool
		signal     syscall.Signal
		want       int
		output     string
	}{
		{"its own exit", "echo $$; exit 7", false, 0, 7, "1"},
		{"a signal that is handled", "trap 'echo bye; exit 3' TERM; echo up; while :; do sleep 0.05; done", false, syscall.SIGTERM, 3, "up\nbye"},
		{"an init: number", "[ $$ -ne 1 ] && cat /proc/1/comm; exit 5", true, 0, 5, "init"},
		{"an init: a signal that is not handled", "echo up; exec sleep 60", true, syscall.SIGTERM, 128 + 15, "up"},
		{"an init: orphans", "(sleep 0.1 &) ; sleep 0.4; ls /proc | grep -c '^[0-9]*$'", true, 0, 0, "4"}, // init, sh, ls, grep
		{"an init: the child is killed", "kill -9 $$", true, 0, 128 + 9, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			read, write, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			p, err := reaper(t).Start(Command{Args: shell(c.text), Env: path, User: nobody, Confine: Full, Own: &Namespaces{Init: c.init}, Stdout: write})
			write.Close()
			if err != nil {
				t.Fatal(err)
			}
			var output bytes.Buffer
			if c.signal != 0 {
				up := make([]byte, 3)
				io.ReadFull(read, up)
				output.Write(up)
				p.Signal(c.signal)
			}
			exit := <-p.Done()
			io.Copy(&output, read)
			if exit.Code != c.want || strings.TrimSpace(output.String()) != c.output {
				t.Errorf("%+v, %q", exit, output.String())
			}
		})
	}
}

// A program that opens its streams by name, as nginx's logs do that are links to them, may do so as any user.
func TestStreamsByName(t *testing.T) {
	const text = "echo one >/dev/stdout; echo two >/dev/stderr; sh -c 'echo three >>/proc/self/fd/1; echo four >/proc/1/fd/1'; cat /dev/stdin"
	for _, init := range []bool{false, true} {
		for _, user := range []User{root, nobody} {
			out, err := says(t, Command{Args: shell(text), User: user, Rights: Rights{Root: true, RootGroup: true}, Confine: Full, Own: &Namespaces{Init: init}})
			if want := "one\ntwo\nthree\nfour"; out != want || err != 0 {
				t.Errorf("user %d, init %t: %q, %v, want %q", user.UID, init, out, err, want)
			}
		}
	}
}

func TestInitWhoseCommandCannotRun(t *testing.T) {
	script := filepath.Join(open(t), "script")
	if err := os.WriteFile(script, []byte("#!/no/such/interpreter\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	_, err := reaper(t).Start(Command{Args: []string{script}, Env: path, User: nobody, Confine: Full, Own: &Namespaces{Init: true}})
	if err == nil || !strings.Contains(err.Error(), "no such file") {
		t.Error(err)
	}
}

func TestTerminal(t *testing.T) {
	for _, init := range []bool{false, true} {
		output, terminal, err := OpenTerminal(nobody)
		if err != nil {
			t.Fatal(err)
		}
		p, err := reaper(t).Start(Command{
			Args: shell("test -t 0 && test -t 1 && test -t 2 && echo all >/dev/tty; stat -Lc %U /dev/stdout"), Env: path, User: nobody, Confine: Full,
			Own: &Namespaces{Init: init}, Stdin: terminal, Stdout: terminal, Stderr: terminal, Terminal: true,
		})
		terminal.Close()
		if err != nil {
			t.Fatal(err)
		}
		text, _ := io.ReadAll(output) // EIO is the end of a terminal
		output.Close()
		if exit := <-p.Done(); exit.Code != 0 || string(text) != "all\r\nnobody\r\n" {
			t.Errorf("init %t: %+v %q", init, exit, text)
		}
	}
}

func TestKillAllInNamespaces(t *testing.T) {
	p, err := reaper(t).Start(Command{Args: shell("(trap '' TERM; setsid sleep 61 & setsid sleep 61 & wait)"), Env: path, User: nobody, Confine: Full, Own: &Namespaces{}})
	if err != nil {
		t.Fatal(err)
	}
	time.Sleep(50 * time.Millisecond)
	if !reaper(t).KillAll() {
		t.Error("something is left")
	}
	if exit := <-p.Done(); exit.Signal != syscall.SIGKILL {
		t.Errorf("%+v", exit)
	}
}
