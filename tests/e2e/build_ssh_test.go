package e2e

import (
	"io"
	"net"
	"path/filepath"
	"strings"
	"testing"
)

// sshAgent is one without keys, which says so to whoever asks.
func sshAgent(t *testing.T) (socket string) {
	t.Helper()
	socket = filepath.Join(t.TempDir(), "agent.sock")
	listener, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer connection.Close()
				question := make([]byte, 5)
				if _, err := io.ReadFull(connection, question); err == nil && question[4] == 11 { // SSH_AGENTC_REQUEST_IDENTITIES
					_, _ = connection.Write([]byte{0, 0, 0, 5, 12, 0, 0, 0, 0}) // SSH_AGENT_IDENTITIES_ANSWER, of none
				}
			}()
		}
	}()
	return socket
}

// A build that says so gets the caller's SSH agent, for the steps that ask for it, by whatever name. Without an agent, it is said how one is given.
func TestBuildSSH(t *testing.T) {
	t.Parallel()
	s := newStack(t, "tests/fixtures/compose/variants")
	s.project, s.ports = t.TempDir(), map[string]int{"api": s.ports["api"]}
	s.edit("compose.yaml", `services:
  web:
    build:
      dockerfile_inline: |
        FROM python:3.11-slim
        RUN --mount=type=ssh --mount=type=ssh,id=github,target=/github,required=true python3 -c "import os, socket; s = socket.socket(socket.AF_UNIX); s.connect(os.environ['SSH_AUTH_SOCK']); s.sendall(bytes.fromhex('000000010b')); open('/said', 'w').write(f'`+s.name+` {s.recv(9)[4]}\\n')"
        CMD cat /said; env | grep SSH_AUTH_SOCK; find / -xdev -type s; grep -c -i -e ssh -e buildkit /proc/mounts; echo looked
      ssh: [default, "github=/keys"]
`)
	if got := s.fails("config", "--project-path", s.project, "--check"); !strings.Contains(got, "compose.yaml:8: services.web.build.ssh: the build wants your SSH agent: give its socket with --build-ssh $SSH_AUTH_SOCK") {
		t.Errorf("without an agent: %s", got)
	}
	s.flags = append(s.flags, "--build-ssh", "unix://"+sshAgent(t))
	s.ok("up", "--project-path", s.project)
	if got := s.ok("logs", "--service", "web"); !strings.HasPrefix(got, s.name+" 12\n0\nlooked\n") {
		t.Errorf("logs: %s", got)
	}
}
