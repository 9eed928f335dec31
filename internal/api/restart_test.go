//go:build root

package api

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"dagger/stack/internal/agent"
	"dagger/stack/internal/agent/boot"
	"dagger/stack/internal/agent/process"
	"dagger/stack/internal/spec"
	"dagger/stack/internal/state"
)

// The tests that need an agent run one as a process of its own: the test binary, started again.
const agentTest = "API_AGENT_TEST"

func TestMain(m *testing.M) {
	if dir := os.Getenv(agentTest); dir != "" {
		code, err := agent.Run(context.Background(), agent.Config{
			Service: spec.Service{
				Name: "backend",
				Process: spec.Process{
					Command: []string{"/bin/sh", "-c", `trap 'sleep 1; exit 0' TERM; echo started; while :; do sleep 0.02; done`},
					User:    "nobody", StopGrace: spec.Duration(5 * time.Second),
				},
				Restart: spec.Restart{Policy: spec.RestartOnFailure},
			},
			State: state.At(dir), Secrets: filepath.Join(dir, "none"), Confine: process.Full,
			Address: netip.MustParseAddr("127.0.0.1"), Environ: boot.Environ(), Stdout: os.Stdout, Stderr: os.Stderr,
		})
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 99
		}
		os.Exit(code)
	}
	os.Exit(m.Run())
}

// startAgent runs a real agent of a service "backend".
func (s *served) startAgent() state.Service {
	s.Helper()
	for dir := s.state.Root(); dir != os.TempDir(); dir = filepath.Dir(dir) {
		os.Chmod(dir, 0o755) // the service's user must reach its files
	}
	cmd := exec.Command("/proc/self/exe")
	cmd.Env = append(os.Environ(), agentTest+"="+s.state.Root())
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		s.Fatal(err)
	}
	folder := s.state.Service("backend")
	s.Cleanup(func() {
		status, _ := folder.Status()
		cmd.Process.Kill()
		if status.PID > 0 {
			syscall.Kill(-status.PID, syscall.SIGKILL)
		}
		cmd.Wait()
	})
	// Healthy it is before its shell has read the trap; from this line on it takes a second to stop.
	until(s.T, "the service's first line", func() bool {
		_, body := s.do(request{path: base + "/logs/backend"})
		return strings.Contains(body, "started")
	})
	return folder
}

func TestRestart(t *testing.T) {
	s := serve(t, Config{})
	folder := s.startAgent()
	post := request{method: http.MethodPost, path: base + "/services/backend/restart", headers: s.bearer()}
	type answer struct {
		Success                   bool
		Message, Service, Project string
	}
	done := make(chan answer)
	go func() {
		response, body := s.do(post)
		var got answer
		if err := json.Unmarshal([]byte(body), &got); err != nil || response.StatusCode != 200 {
			t.Errorf("restart: %d %s", response.StatusCode, body)
		}
		done <- got
	}()
	until(t, "a restart", func() bool {
		status, _ := folder.Status()
		return status.Phase == state.Restarting
	})
	if response, body := s.do(post); response.StatusCode != 409 || !strings.Contains(body, "backend is being restarted") || !strings.Contains(body, `"busy"`) {
		t.Errorf("while one runs: %d %s", response.StatusCode, body)
	}
	if got := <-done; !got.Success || got.Service != "backend" || got.Project != "shop" || !strings.Contains(got.Message, "backend restarted: pid ") {
		t.Errorf("restart: %+v", got)
	}
	post.body = `{"withDependents": true, "timeout": "20s"}`
	post.headers["Content-Type"] = "application/json"
	if response, body := s.do(post); response.StatusCode != 200 {
		t.Errorf("afterwards: %d %s", response.StatusCode, body)
	}
}
