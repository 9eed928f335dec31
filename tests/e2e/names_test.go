package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// lift copies programs of this machine, and the libraries that they load, into a folder.
func lift(t *testing.T, folder string, programs ...string) {
	t.Helper()
	libraries, err := exec.Command("ldd", programs...).Output()
	if err != nil {
		t.Fatalf("ldd %s: %v", programs, err)
	}
	for _, word := range append(strings.Fields(string(libraries)), programs...) {
		if !strings.HasPrefix(word, "/") || strings.HasSuffix(word, ":") {
			continue
		}
		content, err := os.ReadFile(word)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, filepath.Base(word)), content, 0o755); err != nil {
			t.Fatal(err)
		}
	}
}

// Names resolve at 127.0.0.11, and so for everything that reads /etc/resolv.conf, or is told the address: one that stands for several
// instances, or is an alias of several services, to all their addresses. No service is kept from port 53. A name that the file has
// no more does not resolve.
func TestNames(t *testing.T) {
	t.Parallel()
	s := composed(t, "names", "proxy:8080")
	lift(t, filepath.Join(s.project, "programs"), "/usr/sbin/nginx", "/usr/sbin/dnsmasq")
	session := s.upAll()
	s.contains("logs of python", s.ok("logs", "--service", "python"),
		"web 3\n", "app 4\n", "other 1\n", "python 1\n", "nobody errno -2\n", "back: web\n", "nameserver 127.0.0.11; search example.test; options ndots:0;")
	s.contains("logs of node", s.ok("logs", "--service", "node"), "servers 127.0.0.11\n", "web 3\n", "app 4\n", "WEB 3\n", "nobody ENOTFOUND\n", "AAAA ENODATA\n")
	s.contains("logs of busybox", s.ok("logs", "--service", "busybox"), "nslookup 3\n", "getent 4\n", "answer.test 1\n")
	seen := map[string]bool{}
	s.eventually("all instances answered through nginx", func() bool {
		status, name := s.get("proxy", "/web")
		seen[name] = status == 200
		return len(seen) == 3
	})
	if status, _ := s.get("proxy", "/other"); status != 200 {
		t.Errorf("/other: %d", status)
	}

	session.end()
	file := filepath.Join(s.project, "compose.yaml")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	s.edit("compose.yaml", strings.NewReplacer("\n  other:", "\n  renamed:", "depends_on: [web, other", "depends_on: [web, renamed", "scale: 3", "scale: 2").Replace(string(text)))
	s.upAll()
	s.contains("logs of python", s.ok("logs", "--service", "python", "--tail", "11"), "web 2\n", "app 3\n", "other 0\n")
	if status, _ := s.get("proxy", "/other"); status != 502 {
		t.Errorf("/other: %d", status)
	}
}
