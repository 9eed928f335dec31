//go:build root

package agent

import (
	"errors"
	"strings"
	"syscall"
	"testing"
	"time"

	"dagger/stack/internal/spec"
	"dagger/stack/internal/state"
)

// A volume begins with what the image has at its place, and outlives the container.
func TestVolume(t *testing.T) {
	r, at := newContainer(t, contained(""))
	r.Service.Process.Command[2] = "cd " + at("place") + "; cat image 2>/dev/null; stat -c '%a %u' .; cat new 2>/dev/null; echo kept >new; ls"
	r.Service.Container.Mounts = []spec.Mount{{Type: spec.MountVolume, Source: "things", Target: at("place")}}
	r.prepare("mkdir place; echo of the image >place/image; chmod 750 place; chown 33:33 place")
	if got := r.start().said(); got != "of the image\n750 33\nimage\nnew" {
		t.Errorf("%q", got)
	}
	if got := r.status().Volumes; len(got) != 1 || got[0] != "things" {
		t.Error(got)
	}
	r.end()
	r.prepare("rm stack/volumes/things/data/image; ls place | grep -qx image; ! test -e place/new")
	r = r.again()
	if got := r.said(); !strings.HasSuffix(got, "750 33\nkept\nnew") {
		t.Errorf("%q", got)
	}
}

func TestMounts(t *testing.T) {
	for _, c := range []struct {
		name    string
		mounts  []spec.Mount
		prepare string
		text    string
		want    string
	}{
		{"read-only", []spec.Mount{{Type: spec.MountVolume, Source: "v", Target: "t", ReadOnly: true}}, "true", "touch t/x 2>/dev/null || echo no", "no"},
		{"no copy", []spec.Mount{{Type: spec.MountVolume, Source: "v", Target: "t", NoCopy: true}}, "mkdir t; touch t/image", "ls t", ""},
		{"a part of a volume", []spec.Mount{{Type: spec.MountVolume, Source: "v", Subpath: "a/b", Target: "t"}}, "mkdir -p stack/volumes/v/data/a/b; echo x >stack/volumes/v/data/a/b/f", "cat t/f", "x"},
		{"a bind", []spec.Mount{{Type: spec.MountBind, Source: "./src", Target: "t"}}, "mkdir -p stack/binds/0; echo x >stack/binds/0/f; chmod 600 stack/binds/0/f; chown 12:13 stack/binds/0/f", "cat t/f; stat -c '%a %u:%g' t/f; echo y >t/f; echo z >t/g; ls t", "x\n600 12:13\nf\ng"},
		{"a file as a bind", []spec.Mount{{Type: spec.MountBind, Source: "./conf", Target: "t/conf", File: true}}, "mkdir -p stack/binds; echo x >stack/binds/0", "cat t/conf", "x"},
		{"a bind of nothing", []spec.Mount{{Type: spec.MountBind, Source: "./none", Target: "t", Missing: true}}, "true", "ls -A t; echo x >t/f && cat t/f", "x"},
		{"a volume in a bind", []spec.Mount{
			{Type: spec.MountVolume, Source: "m", Target: "app/node_modules"}, {Type: spec.MountBind, Source: ".", Target: "app"},
		}, "mkdir -p app/node_modules stack/binds/1; echo dep >app/node_modules/dep; echo code >stack/binds/1/main", "cat app/node_modules/dep app/main", "dep\ncode"},
		{"in memory", []spec.Mount{{Type: spec.MountTmpfs, Target: "t", Size: 1 << 16, FileMode: 0o750, Options: "uid=5,exec"}}, "true", "stat -c '%a %u' t; stat -fc '%b %T' t; cp /bin/true t && t/true && echo runs", "750 5\n16 tmpfs\nruns"},
		{"a secret in a tmpfs", []spec.Mount{{Type: spec.MountTmpfs, Target: "run"}}, "true", "cat run/secrets/key", "secret"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r, at := newContainer(t, contained(c.text))
			r.Service.Process.Workdir = at("")
			for _, m := range c.mounts {
				m.Target = at(m.Target)
				r.Service.Container.Mounts = append(r.Service.Container.Mounts, m)
			}
			r.Service.Files = []spec.File{{Path: at("run/secrets/key"), Content: spec.Value{spec.Text("secret\n")}}}
			r.prepare(c.prepare)
			if got := r.start().said(); got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}

// TestBindOfAUser: the files of a project are root's, as Dagger brings them, and the user's own for a service that runs as a user.
func TestBindOfAUser(t *testing.T) {
	r, at := newContainer(t, contained("stat -c '%u:%g' t t/f t/other; echo y >t/f; echo z >t/g; stat -c '%u:%g' t/g"))
	r.Service.Process.Workdir, r.Service.Process.User, r.Service.Process.Root = at(""), "1234:1235", false
	r.Service.Container.Mounts = []spec.Mount{{Type: spec.MountBind, Source: "./src", Target: at("t")}}
	r.prepare("mkdir -p stack/binds/0; echo x >stack/binds/0/f; chmod 600 stack/binds/0/f; touch stack/binds/0/other; chown 12:13 stack/binds/0/other; chmod -R o+rx .")
	if got, want := r.start().said(), "1234:1235\n1234:1235\n12:13\n1234:1235"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	r.end()
	r.prepare("cd stack/volumes/@project/data/src; test $(stat -c %u:%g f) = 0:0; test $(stat -c %u:%g g) = 0:0")
}

func TestReadOnlyRoot(t *testing.T) {
	r, at := newContainer(t, contained(""))
	r.Service.Container.ReadOnly = true
	r.Service.Container.Mounts = []spec.Mount{{Type: spec.MountVolume, Source: "v", Target: at("v")}, {Type: spec.MountTmpfs, Target: at("tmp")}}
	r.Service.Process.Command[2] = "cd " + at("") + "; touch x 2>/dev/null || echo no; touch v/x tmp/x /dev/shm/x && echo yes; echo >/dev/null"
	if got := r.start().said(); got != "no\nyes" {
		t.Errorf("%q", got)
	}
}

func TestMountsThatCannotBe(t *testing.T) {
	for _, c := range []struct {
		mount spec.Mount
		want  string
	}{
		{spec.Mount{Type: spec.MountVolume, Source: "v", Target: "/proc/sys"}, "nothing can be mounted there"},
		{spec.Mount{Type: spec.MountTmpfs, Target: "relative"}, "nothing can be mounted there"},
		{spec.Mount{Type: spec.MountVolume, Source: "v", Target: "link"}, "nothing can be mounted there"}, // to the agent's files
	} {
		r, at := newContainer(t, contained("true"))
		r.prepare("mkdir -p stack/secrets; ln -s stack/secrets link")
		if c.mount.Target == "link" {
			c.mount.Target = at("link/deep")
		}
		r.Service.Container.Mounts = []spec.Mount{c.mount}
		if code := r.start().exitCode(); code != 99 || !strings.Contains(r.output.String(), c.want) {
			t.Errorf("%+v: %d %s", c.mount, code, r.output.String())
		}
	}
}

// A part of a volume has to be there when the process starts, and not before: what the service waits for makes the folder.
func TestSubpath(t *testing.T) {
	r, at := newContainer(t, contained("cat $V/file"))
	r.Service.Container.Mounts = []spec.Mount{{Type: spec.MountVolume, Source: "v", Subpath: "part", Target: at("v")}}
	r.Service.Process.Env = append(r.Service.Process.Env, spec.Env("V", at("v")))
	r.Service.DependsOn = []spec.Dependency{{Service: "other"}}
	other := state.At(r.State).Service("other")
	if err := errors.Join(other.Create(), state.At(r.State).WriteRun(state.Run{Started: time.Now()})); err != nil {
		t.Fatal(err)
	}
	r.start()
	r.until("there", func() bool { return r.status().Instance != "" })
	lock, err := other.Lock()
	if err != nil {
		t.Fatal(err)
	}
	r.prepare("mkdir -p stack/volumes/v/data/part; echo made meanwhile >stack/volumes/v/data/part/file")
	if err := other.WriteStatus(state.Status{Service: "other", Health: state.Healthy, Updated: time.Now()}); err != nil {
		t.Fatal(err)
	}
	if got := r.said(); got != "made meanwhile" {
		t.Errorf("%q", got)
	}
	r.end()
	lock.Close()
	r.Service.DependsOn, r.Service.Container.Mounts[0].Subpath = nil, "none"
	r = r.again()
	r.until("it cannot be started", func() bool { return strings.Contains(r.logs(), `volume "v" has no "none"`) })
}

// Two services on one volume see each other's writes; a volume that one has to itself is refused to another.
func TestSharedAndExclusive(t *testing.T) {
	r, at := newContainer(t, contained("echo from one >"+`$V/file; exec sleep 60`))
	r.Service.Container.Mounts = []spec.Mount{{Type: spec.MountVolume, Source: "v", Target: at("v")}}
	r.Service.Process.Env = append(r.Service.Process.Env, spec.Env("V", at("v")))
	r.start().untilHealthy()
	other := newTest(t, r.Service)
	other.Isolation = r.Isolation
	other.Service.Process.Command = []string{"/bin/sh", "-c", "until cat $V/file; do sleep 0.05; done 2>/dev/null"}
	if got := other.start().said(); got != "from one" {
		t.Errorf("%q", got)
	}
	other.end()
	for _, r := range []*running{r, other} {
		r.Service.Container.Mounts[0] = spec.Mount{Type: spec.MountVolume, Source: "alone", Target: at("v"), Exclusive: true, Stale: []string{"pid"}}
	}
	r.end()
	r.Service.Process.Command[2] = "[ -e $V/pid ] && echo stale; touch $V/pid; echo up; exec sleep 60"
	r = r.again()
	r.untilHealthy()
	other = other.again()
	if code := other.exitCode(); code != 99 || !strings.Contains(other.output.String(), "another stack uses it") {
		t.Errorf("%d %s", code, other.output.String())
	}
	r.cmd.Process.Kill()
	r.exitCode()
	syscall.Kill(r.status().PID, syscall.SIGKILL)
	r.until("free", func() bool { return !r.folder.Alive() })
	r = r.again()
	r.until("up once more", func() bool { return strings.Count(r.logs(), "up\n") == 2 })
	if strings.Contains(r.logs(), "stale") {
		t.Error(r.logs())
	}
}

// No file that is open in the process leads to what its namespaces do not show.
func TestNoFolderIsLeftOpen(t *testing.T) {
	r, at := newContainer(t, contained(`for fd in /proc/self/fd/*; do [ -d $fd ] && [ "$(readlink $fd)" != /proc ] && readlink $fd; done; echo end`))
	r.Service.Container.Mounts = []spec.Mount{{Type: spec.MountVolume, Source: "v", Target: at("v"), Exclusive: true}, {Type: spec.MountBind, Source: ".", Target: at("b"), Exclusive: true}}
	if got := r.start().said(); got != "end" {
		t.Errorf("%q", got)
	}
}

// What a first start has half made is made anew, with what the image has.
func TestExclusiveFirstStart(t *testing.T) {
	r, at := newContainer(t, contained("ls $V | tr '\\n' ' '; touch $V/half; [ -e $FLAG ] && exit 3; exec sleep 60"))
	r.Service.Process.Env = append(r.Service.Process.Env, spec.Env("V", at("v")), spec.Env("FLAG", at("flag")))
	r.Service.Container.Mounts = []spec.Mount{{Type: spec.MountVolume, Source: "v", Target: at("v"), Exclusive: true}}
	r.Service.Probe = quick(spec.Probe{Exec: []string{"sh", "-c", "test ! -e $FLAG"}})
	r.prepare("mkdir v; touch v/image flag")
	r.start().untilOutcome(state.Failed)
	r.end()
	r.prepare("rm flag")
	r = r.again()
	r.untilHealthy()
	r.end()
	r = r.again()
	r.untilHealthy()
	r.until("three starts", func() bool { return strings.Contains(r.logs(), "half image") })
	if got := strings.Count(r.logs(), "half image"); got != 1 || !strings.Contains(r.logs(), "is made anew") {
		t.Errorf("log:\n%s", r.logs())
	}
}

// The second up brings what changed in the project and keeps what the service wrote.
func TestBindOfTwoStarts(t *testing.T) {
	r, at := newContainer(t, contained("cd $B; cat host service both 2>/dev/null; echo s >service; echo s >both"))
	r.Service.Process.Env = append(r.Service.Process.Env, spec.Env("B", at("b")))
	r.Service.Container.Mounts = []spec.Mount{{Type: spec.MountBind, Source: "./dir", Target: at("b")}}
	r.prepare("mkdir -p stack/binds/0; cd stack/binds/0; echo 1 >host; echo 1 >both; echo 1 >service")
	if got := r.start().said(); got != "1\n1\n1" {
		t.Errorf("%q", got)
	}
	r.end()
	r.prepare("cd stack/binds/0; echo 2 >host; echo 2 >both")
	r = r.again()
	if got := r.said(); !strings.HasSuffix(got, "2\ns\ns") {
		t.Errorf("%q", got)
	}
	if notes := strings.Join(r.status().Notes, " "); !strings.Contains(notes, "./dir: changed in the project and in the stack, which keeps its own: both") {
		t.Errorf("notes %q", notes)
	}
}
