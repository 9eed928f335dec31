package harden

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestSysctls(t *testing.T) {
	root := t.TempDir()
	for _, name := range []string{"net/core/somaxconn", "net/ipv4/ip_unprivileged_port_start", "kernel/sem", "kernel/pid_max"} {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte("before"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	says := func(name, want string) {
		t.Helper()
		if text, err := os.ReadFile(filepath.Join(root, name)); err != nil || string(text) != want {
			t.Errorf("%s: %q %v, want %q", name, text, err, want)
		}
	}
	if err := sysctlsBelow(root, map[string]string{"net.core.somaxconn": "4096", "kernel.sem": "1 2 3 4"}); err != nil {
		t.Fatal(err)
	}
	says("net/core/somaxconn", "4096")
	says("kernel/sem", "1 2 3 4")
	says("net/ipv4/ip_unprivileged_port_start", "0") // Docker's
	if err := sysctlsBelow(root, map[string]string{"net.ipv4.ip_unprivileged_port_start": "80"}); err != nil {
		t.Fatal(err)
	}
	says("net/ipv4/ip_unprivileged_port_start", "80")
	for name, want := range map[string]string{
		"kernel.pid_max": "the machine's", "vm.overcommit_memory": "the machine's", "net/../kernel/pid_max": "the machine's",
		"net....kernel.pid_max": "the machine's", "net.no.such": "net.no.such=1",
	} {
		if err := sysctlsBelow(root, map[string]string{name: "1"}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	says("kernel/pid_max", "before")
}

func TestForgetConnections(t *testing.T) {
	root := t.TempDir()
	if err := forgetConnectionsBelow(root); err != nil {
		t.Errorf("an older kernel: %v", err)
	}
	path := filepath.Join(root, noTimeWait)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("65536"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := forgetConnectionsBelow(root); err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(path); err != nil || string(text) != "0" {
		t.Errorf("%q %v", text, err)
	}
}
