//go:build root

package process

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

func TestRights(t *testing.T) {
	if os.Getuid() != 0 {
		t.Fatal("these tests need root")
	}
	dir := open(t)
	sudo := filepath.Join(dir, "id")
	text, err := os.ReadFile("/usr/bin/id")
	if err == nil {
		err = os.WriteFile(sudo, text, 0o755)
	}
	if err == nil {
		err = os.Chmod(sudo, 0o755|os.ModeSetuid)
	}
	if err != nil {
		t.Fatal(err)
	}
	const status = `grep -E 'CapPrm|CapBnd|NoNewPrivs|Seccomp:' /proc/self/status | tr -d '\n\t '`
	rights := Rights{Root: true, RootGroup: true, Capabilities: docker}
	for _, c := range []struct {
		name   string
		user   User
		rights Rights
		text   string
		want   string
	}{
		{"root", root, rights, status, "CapPrm:00000000a80425fbCapBnd:00000000a80425fbNoNewPrivs:1Seccomp:2"},
		{"root without some", root, Rights{Root: true, RootGroup: true, Capabilities: docker[:1]}, status, "CapPrm:0000000000000001CapBnd:0000000000000001NoNewPrivs:1Seccomp:2"},
		{"a user", nobody, rights, status, "CapPrm:0000000000000000CapBnd:00000000a80425fbNoNewPrivs:1Seccomp:2"},
		{"a user of root's group", User{UID: 1000, GID: 0, Groups: []int{0, 7}, Home: "/"}, Rights{RootGroup: true}, "id -u; id -g; id -G", "1000\n0\n0 7"},
		{"root may give away", root, rights, "touch " + dir + "/f && chown 1:2 " + dir + "/f && stat -c %u:%g " + dir + "/f", "1:2"},
		{"no setuid program", nobody, Rights{Capabilities: docker}, sudo + " -u", "65534"},
		{"a setuid program", nobody, Rights{Capabilities: docker, NewPrivileges: true}, sudo + " -u; " + status, "0\nCapPrm:0000000000000000CapBnd:00000000a80425fbNoNewPrivs:0Seccomp:2"},
		{"no devices", root, rights, "mknod " + dir + "/d c 1 3 2>/dev/null || mknod " + dir + "/d b 8 0 2>/dev/null; mkfifo " + dir + "/p; ls " + dir + "/d " + dir + "/p 2>/dev/null", dir + "/p"},
		{"no kernel settings", root, rights, "echo x 2>/dev/null >/proc/sys/kernel/domainname; echo $?", "2"},
		{"no mount", root, rights, "mount -t tmpfs tmpfs /mnt 2>/dev/null; echo $?", "32"},
		{"no new namespaces", root, rights, "unshare -U true 2>/dev/null; echo $?", "1"},
		{"chroot as the capability allows", root, rights, "chroot / true; echo $?", "0"},
		{"no chroot without it", root, Rights{Root: true, RootGroup: true, Capabilities: docker[:4]}, "chroot / true 2>/dev/null; echo $?", "125"},
	} {
		if got, _ := says(t, Command{Args: shell(c.text), User: c.user, Rights: c.rights, Confine: Full, Own: &Namespaces{}}); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
	for _, user := range []User{root, {UID: 1, GID: 0}} {
		if _, err := reaper(t).Start(Command{Args: shell("true"), User: user, Env: path, Confine: Full}); err == nil || !strings.Contains(err.Error(), "never runs as root") {
			t.Errorf("%+v: %v", user, err)
		}
	}
	if _, err := reaper(t).Start(Command{Args: shell("true"), User: nobody, Env: path, Confine: Full, Rights: Rights{Capabilities: []string{"CAP_ALL"}}}); err == nil || !strings.Contains(err.Error(), "CAP_ALL") {
		t.Error(err)
	}
}

// A device of the image, or of a volume, is none in the process's namespaces.
func TestDevicesOfTheImage(t *testing.T) {
	dir := open(t)
	device := filepath.Join(dir, "null")
	if err := errors.Join(unix.Mknod(device, unix.S_IFCHR, int(unix.Mkdev(1, 3))), os.Chmod(device, 0o666)); err != nil {
		t.Fatal(err)
	}
	if got, _ := says(t, Command{Args: shell("cat " + device + " 2>&1 | grep -o 'Permission denied'; cat /dev/null; echo $?"), Confine: Full, Own: &Namespaces{}}); got != "Permission denied\n0" {
		t.Errorf("%q", got)
	}
}

func TestRlimits(t *testing.T) {
	limits := []Rlimit{{Resource: syscall.RLIMIT_NOFILE, Soft: 77, Hard: 99}, {Resource: syscall.RLIMIT_CORE, Soft: 0, Hard: 0}}
	if got, _ := says(t, Command{Args: shell("ulimit -Sn; ulimit -Hn; ulimit -Hc"), Confine: Full, Rlimits: limits}); got != "77\n99\n0" {
		t.Errorf("%q", got)
	}
}
