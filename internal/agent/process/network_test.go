//go:build root

package process

import (
	"io"
	"os"
	"syscall"
	"testing"
)

// A process without a network has a loopback device that works, sees no other, and may have any port; what runs beside it is where it is.
func TestNoNetwork(t *testing.T) {
	own := &Namespaces{NoNetwork: true, Sysctls: map[string]string{"net.core.somaxconn": "77"}}
	text := "ls /sys/class/net; wc -l </proc/net/route; grep -q 127.0.0.1 /proc/net/fib_trie && echo on; cat /proc/sys/net/core/somaxconn /proc/sys/net/ipv4/ip_unprivileged_port_start"
	const want = "lo\n1\non\n77\n0"
	if got, _ := says(t, Command{Args: shell(text), Confine: Full, Own: own}); got != want {
		t.Errorf("%q, want %q", got, want)
	}
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer write.Close()
	p, err := reaper(t).Start(Command{Args: shell("echo up; sleep 60; true"), Env: path, User: nobody, Confine: Full, Own: own, Stdout: write})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Signal(syscall.SIGKILL)
	io.ReadFull(read, make([]byte, 3))
	if got, _ := says(t, Command{Args: shell(text), Confine: Full, Beside: p}); got != want {
		t.Errorf("beside: %q, want %q", got, want)
	}
	if text, err := os.ReadFile("/proc/sys/net/core/somaxconn"); err != nil || string(text) == "77\n" {
		t.Errorf("the agent's network: %q %v", text, err)
	}
}
