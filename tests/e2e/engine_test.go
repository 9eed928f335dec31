package e2e

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"dagger/stack/internal/freeport"
)

// TestStrictEngine is what needs an engine of its own, all on one, since each builds the module anew: it forbids privileged
// containers, is stopped, and is killed.
func TestStrictEngine(t *testing.T) {
	t.Parallel()
	engine := newEngine(t, "strict", "ENGINE_INSECURE=false")
	t.Run("names", nameServer)
	t.Run("unprivileged", func(t *testing.T) { unprivileged(t, engine) })
	t.Run("ends", func(t *testing.T) { ends(t, engine) })
}

// The name server of an engine of hack/engine knows all names of its own engine: it asks nobody about others of that domain, who may never answer.
func nameServer(t *testing.T) {
	upstream, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer upstream.Close()
	server := exec.Command(filepath.Join(engineHome(t), "helpers/bin/dnsmasq"), "--keep-in-foreground", "--conf-file=/dev/null", "--no-hosts", "--no-resolv", "--pid-file=",
		"--listen-address=127.0.0.1", fmt.Sprintf("--port=%d", freeport.For(t)), fmt.Sprintf("--server=127.0.0.1#%d", upstream.LocalAddr().(*net.UDPAddr).Port))
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { server.Process.Kill(); server.Wait() }()
	_, port, _ := strings.Cut(server.Args[len(server.Args)-2], "=")
	resolver := net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "udp", "127.0.0.1:"+port)
	}}
	ctx, cancel := context.WithTimeout(t.Context(), waitTimeout)
	defer cancel()
	asked := make(chan struct{})
	go func() {
		if _, _, err := upstream.ReadFrom(make([]byte, 512)); err == nil {
			close(asked)
		}
	}()
	var missing *net.DNSError
	for { // until it listens
		if _, err := resolver.LookupHost(ctx, "nobody.dagger.local."); errors.As(err, &missing) && missing.IsNotFound {
			break
		}
		select {
		case <-asked:
			t.Fatal("it asks others about a name of dagger.local")
		case <-ctx.Done():
			t.Fatal(missing)
		case <-time.After(50 * time.Millisecond):
		}
	}
	go resolver.LookupHost(ctx, "example.com.")
	select {
	case <-asked: // so it would ask
	case <-ctx.Done():
		t.Error("it asks nobody about other names")
	}
}

// An engine that was stopped has the data when it is back. One that was killed drops its cache, volumes included: the
// next up says so, and restore brings the last backup back.
func ends(t *testing.T, engine *engine) {
	s := plain(t, "--unprivileged")
	s.on(engine)
	session := s.up()
	w := s.write()
	w.more()
	w.pause()
	session.end()
	engine.run("down")
	engine.run("up")
	session = s.up()
	if strings.Contains(session.printed(), "is new on this engine") {
		t.Errorf("after a clean stop of the engine\n%s", tail(session.printed()))
	}
	w.check()
	backup := filepath.Join(t.TempDir(), "backup.tar")
	s.ok("backup", "export", "--path", backup)
	forget := w.saved()
	w.resume()
	w.more()
	engine.run("kill")
	w.pause()
	session.kill() // the CLI waits for its engine
	engine.run("up")
	s.on(engine)
	session = s.up()
	want := fmt.Sprintf("stack %q is new on this engine and starts without data. If it had some, the engine's cache was lost: bring a backup back with dagger call --name %s restore --from FILE", s.name, s.name)
	session.until(want, func() bool { return strings.Contains(session.printed(), want) })
	if got := s.sql("SELECT count(*)::text FROM pg_tables WHERE tablename = 'acknowledged'"); got != "0" {
		t.Errorf("%s tables after the end of the engine", got)
	}
	s.ok("restore", "--from", backup)
	s.ok("health", "--wait", "60s")
	forget()
	w.locate() // its passwords are new
	w.check()
}

// unprivileged is a stack's life on an engine that forbids privileged containers.
func unprivileged(t *testing.T, engine *engine) {
	s := locked(t)
	s.on(engine)

	text := s.fails("up", "--project-path", s.project)
	for _, want := range []string{"cannot be started: this engine forbids insecureRootCapabilities", "with the flag --unprivileged"} {
		if !strings.Contains(text, want) {
			t.Errorf("without the flag: error %q, want %q in it", text, want)
		}
	}

	s.flags = append([]string{"--unprivileged"}, s.flags...)
	session := s.up()
	s.confined()
	s.agentIsReduced()
	s.escapes()
	s.sourceIsReadOnly()
	made := s.lockedEnv()["SECRET_KEY"]
	if len(made) < 20 {
		t.Errorf("SECRET_KEY is %q", made)
	}
	s.get("backend", "/print?text=the+key+is+"+made)
	session.until("the line is in the log", func() bool { return strings.Contains(s.ok("logs", "--service", "backend"), "the key is ***") })
	if found := holds(session.printed()+s.ok("health", "--format", "json"), []string{made}); len(found) > 0 {
		t.Errorf("health or the output of up hold %q", found)
	}
	s.redis("SET", "k", "v")
	for _, service := range services {
		if text := s.ok("restart", "--service", service); !strings.Contains(text, service) {
			t.Errorf("restart of %s: %s", service, text)
		}
	}
	if got := s.redis("GET", "k"); got != "v" {
		t.Errorf("redis has %q after its restart", got)
	}
	s.confined()
	s.ok("health", "--wait", "30s")
}
