//go:build root

package agent

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
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
	request := func(path string) protocol.CopyRequest {
		return protocol.CopyRequest{Service: r.Service.Name, Path: path, From: ours, To: back}
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

	for what, got := range map[string]error{
		"Permission denied":         stack.CopyFileFrom(t.Context(), protocol.CopyRequest{Service: r.Service.Name, Path: filepath.Join(app, "shut"), To: one.To}),
		"shut: Cannot open":         stack.CopyFrom(t.Context(), request(app)),
		"Is a directory":            stack.CopyFileFrom(t.Context(), protocol.CopyRequest{Service: r.Service.Name, Path: app, To: one.To}),
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
