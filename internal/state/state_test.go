package state

import (
	"bytes"
	"context"
	"errors"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"sync"
	"testing"
	"time"

	"dagger/stack/internal/spec"
)

// Whoever asks for a generated secret gets the same, also all at once, and others cannot read it.
func TestSecretIsMadeOnce(t *testing.T) {
	stack := At(t.TempDir())
	got := make([][]byte, 50)
	var all sync.WaitGroup
	for i := range got {
		all.Go(func() {
			var err error
			if got[i], err = stack.Secret("key"); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	for _, secret := range got {
		if len(secret) != 26 || !bytes.Equal(secret, got[0]) {
			t.Fatalf("%q and %q", got[0], secret)
		}
	}
	other, err := stack.Secret("other")
	if err != nil || bytes.Equal(other, got[0]) {
		t.Errorf("two secrets are one: %q, %v", other, err)
	}
	dir := filepath.Join(stack.Root(), "secrets")
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 2 {
		t.Errorf("%v, %v", entries, err)
	}
	for _, path := range []string{dir, filepath.Join(dir, "key")} {
		if info, err := os.Stat(path); err != nil || info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s: %v, %v", path, info.Mode(), err)
		}
	}
}

// A secret has the form that is asked for when it is made, and keeps it.
func TestSecretAs(t *testing.T) {
	t.Parallel()
	stack := At(t.TempDir())
	for name, row := range map[string]struct {
		as     spec.Random
		length int
		want   string
	}{
		"text":   {spec.Random{Length: 64}, 64, `^[A-Z2-7]+$`},
		"short":  {spec.Random{Length: 8}, 8, `^[A-Z2-7]+$`},
		"hex":    {spec.Random{Form: spec.HexForm, Length: 32}, 64, `^[0-9a-f]+$`},
		"base64": {spec.Random{Form: spec.Base64Form, Length: 32}, 44, `^[A-Za-z0-9+/]+=$`},
		"fernet": {spec.Random{Form: spec.Base64URLForm, Length: 32}, 44, `^[A-Za-z0-9_-]+=$`},
	} {
		got, err := stack.SecretAs(name, &row.as)
		if err != nil || len(got) != row.length || !regexp.MustCompile(row.want).Match(got) {
			t.Errorf("%s: %q, %v", name, got, err)
		}
		if again, err := stack.SecretAs(name, &spec.Random{Length: 5}); err != nil || !bytes.Equal(again, got) {
			t.Errorf("%s: %q became %q, %v", name, got, again, err)
		}
	}
}

func TestLock(t *testing.T) {
	stack := At(t.TempDir())
	s := stack.Service("web")
	if s.Alive() {
		t.Error("alive before it ever ran")
	}
	lock, err := s.Lock()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Lock(); !errors.Is(err, ErrLocked) {
		t.Errorf("a second lock: %v", err)
	}
	if !s.Alive() {
		t.Error("not alive while it is locked")
	}
	lock.Close()
	if s.Alive() {
		t.Error("alive without a lock")
	}
	// Readers that look do not keep the next agent out.
	done := make(chan struct{})
	var readers sync.WaitGroup
	for range 4 {
		readers.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
					s.Alive()
				}
			}
		})
	}
	for range 20 {
		lock, err := s.Lock()
		if err != nil {
			t.Error(err)
			break
		}
		lock.Close()
	}
	close(done)
	readers.Wait()
	if names, err := stack.Services(); err != nil || !slices.Equal(names, []string{"web"}) {
		t.Errorf("%v, %v", names, err)
	}
}

// A reader never sees half of a file.
func TestStatusIsReplacedWhole(t *testing.T) {
	s := At(t.TempDir()).Service("web")
	if err := s.Create(); err != nil {
		t.Fatal(err)
	}
	notes := make([]string, 2000)
	done := make(chan struct{})
	var writer sync.WaitGroup
	writer.Go(func() {
		for i := 0; ; i++ {
			select {
			case <-done:
				return
			default:
				if err := s.WriteStatus(Status{Service: "web", Notes: notes[:1+i%len(notes)]}); err != nil {
					t.Error(err)
				}
			}
		}
	})
	for read := 0; read < 200; {
		status, err := s.Status()
		if os.IsNotExist(err) {
			continue
		}
		if err != nil || status.Service != "web" {
			t.Errorf("%+v, %v", status, err)
			break
		}
		read++
	}
	close(done)
	writer.Wait()
}

func TestAddresses(t *testing.T) {
	stack := At(t.TempDir())
	if got, err := stack.Addresses(); err != nil || len(got) != 0 {
		t.Errorf("of a stack that never ran: %v, %v", got, err)
	}
	want := netip.MustParseAddr("10.87.0.2")
	if err := stack.WriteAddress("web", want); err != nil {
		t.Fatal(err)
	}
	if got, err := stack.Addresses(); err != nil || len(got) != 1 || got["web"] != want {
		t.Errorf("%v, %v", got, err)
	}
	for _, name := range []string{"web", "other"} {
		if got, err := stack.Lookup(name); err == nil || err.Error() != name+" does not run" {
			t.Errorf("%s, which does not run: %v, %v", name, got, err)
		}
	}
	lock, err := stack.Service("web").Lock()
	if err != nil {
		t.Fatal(err)
	}
	defer lock.Close()
	if got, err := stack.Lookup("web"); err != nil || got != want {
		t.Errorf("web, which runs: %v, %v", got, err)
	}
}

// Who waits for the stack's end is told of it, and of nothing else that is written beside.
func TestAwaitStop(t *testing.T) {
	stack := At(t.TempDir())
	told := make(chan error, 1)
	go func() { told <- stack.AwaitStop(t.Context()) }()
	for range 3 {
		if err := stack.WriteRun(Run{Stack: "shop"}); err != nil {
			t.Fatal(err)
		}
	}
	select {
	case err := <-told:
		t.Fatalf("told before: %v", err)
	case <-time.After(100 * time.Millisecond):
	}
	if err := stack.Stop(); err != nil {
		t.Fatal(err)
	}
	if err := <-told; err != nil {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := At(t.TempDir()).AwaitStop(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("nobody has stopped it: %v", err)
	}
	if err := At(filepath.Join(t.TempDir(), "missing")).AwaitStop(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("there is no such stack: %v", err)
	}
}

// What is noted of the end of a run is not about the next one.
func TestStopped(t *testing.T) {
	stack := At(t.TempDir())
	if err := stack.Begin(); err != nil || stack.Stopped() {
		t.Errorf("before: %v, stopped %v", err, stack.Stopped())
	}
	if err := stack.Stop(); err != nil || !stack.Stopped() {
		t.Errorf("after the end: %v, stopped %v", err, stack.Stopped())
	}
	if err := stack.Begin(); err != nil || stack.Stopped() {
		t.Errorf("the next run: %v, stopped %v", err, stack.Stopped())
	}
}
