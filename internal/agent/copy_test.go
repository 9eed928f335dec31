//go:build root

package agent

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"dagger/stack/internal/control"
	"dagger/stack/internal/protocol"
	"dagger/stack/internal/state"
)

// Folders and files come and go with the service's rights, and any bytes do.
func TestCopy(t *testing.T) {
	r := newTest(t, script(`exec sleep 60`))
	dir := filepath.Dir(r.State)
	app, ours, back := filepath.Join(dir, "app"), filepath.Join(dir, "ours"), filepath.Join(dir, "back")
	for _, err := range []error{os.Mkdir(app, 0o777), os.Chmod(app, 0o777), os.MkdirAll(filepath.Join(ours, "deep"), 0o755),
		os.WriteFile(filepath.Join(app, "shut"), []byte("root's"), 0o600),
		os.WriteFile(filepath.Join(ours, "deep/-run me.sh"), []byte("\x00\xff"), 0o755), os.Symlink("deep", filepath.Join(ours, "link")),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	r.start().untilHealthy()
	stack := control.Client{Name: "test", State: state.At(r.State)}
	request := func(path string) control.CopyRequest {
		return control.CopyRequest{Service: r.Service.Name, Path: path, From: ours, To: back}
	}
	in := filepath.Join(app, "new/in")
	result, err := stack.CopyTo(t.Context(), request(in))
	if result.Files != 2 || err != nil {
		t.Fatal(result, err)
	}
	info, err := os.Stat(filepath.Join(in, "deep/-run me.sh"))
	if err != nil || info.Mode() != 0o755 || info.Sys().(*syscall.Stat_t).Uid == 0 {
		t.Error(info, err)
	}
	if err := stack.CopyFrom(t.Context(), request(in)); err != nil {
		t.Error(err)
	}
	if text, err := os.ReadFile(filepath.Join(back, "link/-run me.sh")); string(text) != "\x00\xff" || err != nil {
		t.Errorf("%q %v", text, err)
	}
	one := request(filepath.Join(in, "deep/-run me.sh"))
	one.To = filepath.Join(dir, "one/file")
	if err := stack.CopyFileFrom(t.Context(), one); err != nil {
		t.Error(err)
	}
	if text, err := os.ReadFile(one.To); string(text) != "\x00\xff" || err != nil {
		t.Errorf("%q %v", text, err)
	}

	for target, want := range map[string]string{in: in + "/one.txt", in + "/two.txt": in + "/two.txt", in + "/new/": in + "/new/one.txt"} {
		from := t.TempDir()
		if err := os.WriteFile(filepath.Join(from, "one.txt"), []byte("one"), 0o644); err != nil {
			t.Fatal(err)
		}
		single := control.CopyRequest{Service: r.Service.Name, Path: target, From: from, Single: true}
		if _, err := stack.CopyTo(t.Context(), single); err != nil {
			t.Error(err)
		}
		if text, err := os.ReadFile(want); string(text) != "one" || err != nil {
			t.Errorf("a file to %s: %q %v", target, text, err)
		}
	}

	for what, got := range map[string]error{
		"Permission denied":         stack.CopyFileFrom(t.Context(), control.CopyRequest{Service: r.Service.Name, Path: filepath.Join(app, "shut"), To: one.To}),
		"shut: Cannot open":         stack.CopyFrom(t.Context(), request(app)),
		"Is a directory":            stack.CopyFileFrom(t.Context(), control.CopyRequest{Service: r.Service.Name, Path: app, To: one.To}),
		"No such file or directory": stack.CopyFrom(t.Context(), request(filepath.Join(app, "nowhere"))),
		"path: want where it is":    stack.CopyFrom(t.Context(), request("")),
	} {
		if got == nil || !strings.Contains(got.Error(), what) {
			t.Errorf("%v, want %q", got, what)
		}
	}
	if _, err := stack.CopyTo(t.Context(), request("/proc/self/deep/er")); err == nil || !strings.HasPrefix(err.Error(), fmt.Sprintf("copy to %s: mkdir", r.Service.Name)) {
		t.Error(err)
	}
}

// A hundred copies, ten at a time and in both directions, leave no descriptor and no process; one that is given up leaves none either.
func TestCopiesLeaveNothing(t *testing.T) {
	r := newTest(t, script(`exec sleep 60`))
	dir := filepath.Dir(r.State)
	app, ours := filepath.Join(dir, "app"), filepath.Join(dir, "ours")
	for _, err := range []error{os.Mkdir(app, 0o777), os.Chmod(app, 0o777), os.Mkdir(ours, 0o755), os.WriteFile(filepath.Join(ours, "file"), []byte("text"), 0o644)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	r.start().untilHealthy()
	stack := control.Client{Name: "test", State: state.At(r.State)}
	files := func() int {
		entries, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", r.cmd.Process.Pid))
		if err != nil {
			t.Fatal(err)
		}
		return len(entries)
	}
	r.shell("true")
	before := files()
	var all sync.WaitGroup
	for i := range 50 {
		all.Go(func() {
			there, back := filepath.Join(app, fmt.Sprint(i)), filepath.Join(dir, fmt.Sprintf("back-%d", i))
			if _, err := stack.CopyTo(t.Context(), control.CopyRequest{Service: r.Service.Name, Path: there, From: ours}); err != nil {
				t.Error(err)
			}
			if err := stack.CopyFrom(t.Context(), control.CopyRequest{Service: r.Service.Name, Path: there, To: back}); err != nil {
				t.Error(err)
			}
			if text, err := os.ReadFile(filepath.Join(back, "file")); string(text) != "text" || err != nil {
				t.Errorf("%q %v", text, err)
			}
		})
		if i%10 == 9 {
			all.Wait()
		}
	}
	pipe := filepath.Join(app, "pipe")
	if err := syscall.Mkfifo(pipe, 0o666); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(pipe, 0o666); err != nil {
		t.Fatal(err)
	}
	ctx, leave := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		ended <- stack.CopyFileFrom(ctx, control.CopyRequest{Service: r.Service.Name, Path: pipe, To: filepath.Join(dir, "never")})
	}()
	r.until("the copy runs", func() bool {
		return strings.Contains(r.shell("cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' ' '"), "cat -- "+pipe)
	})
	leave()
	if err := <-ended; err == nil {
		t.Error("no error for who has left")
	}
	r.until("no copy runs", func() bool {
		return !strings.Contains(r.shell("cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' ' '"), "cat -- "+pipe)
	})
	r.until("the descriptors are closed", func() bool { return files() <= before })
}

// A restart in the middle ends a copy with an error, and the next one works.
func TestCopyAndRestart(t *testing.T) {
	r := newTest(t, script(`exec sleep 60`))
	dir := filepath.Dir(r.State)
	pipe := filepath.Join(dir, "pipe")
	for _, err := range []error{syscall.Mkfifo(pipe, 0o666), os.Chmod(pipe, 0o666)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	r.start().untilHealthy()
	stack := control.Client{Name: "test", State: state.At(r.State)}
	ended := make(chan error, 1)
	go func() {
		ended <- stack.CopyFileFrom(t.Context(), control.CopyRequest{Service: r.Service.Name, Path: pipe, To: filepath.Join(dir, "never")})
	}()
	r.until("the copy runs", func() bool {
		return strings.Contains(r.shell("cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' ' '"), "cat -- "+pipe)
	})
	if err := r.ask(protocol.VerbRestart, nil); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; err == nil {
		t.Error("a copy outlives the process that it ran beside")
	}
	if err := stack.CopyFileFrom(t.Context(), control.CopyRequest{Service: r.Service.Name, Path: "/etc/hostname", To: filepath.Join(dir, "one")}); err != nil {
		t.Error(err)
	}
}
