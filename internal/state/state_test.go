package state

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"
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

// answering serves every request of one instance until the test ends.
func answering(t *testing.T, s Service, instance string, answer func(Request) (any, error)) {
	ctx, cancel := context.WithCancel(context.Background())
	var served sync.WaitGroup
	served.Go(func() {
		for ctx.Err() == nil {
			requests, _ := s.Requests(instance)
			for _, request := range requests {
				if s.Take(request) == nil {
					value, err := answer(request)
					s.Reply(request, value, err)
				}
			}
			time.Sleep(time.Millisecond)
		}
	})
	t.Cleanup(func() { cancel(); served.Wait() })
}

func agentOf(t *testing.T, s Service, instance string) (lock *os.File) {
	t.Helper()
	lock, err := s.Lock()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { lock.Close() })
	if err := s.WriteStatus(Status{Instance: instance}); err != nil {
		t.Fatal(err)
	}
	return lock
}

func TestAsk(t *testing.T) {
	s := At(t.TempDir()).Service("web")
	agentOf(t, s, "me")
	answering(t, s, "me", func(r Request) (any, error) {
		switch r.Verb {
		case "fail":
			return nil, errors.New("no")
		case "refuse":
			return nil, fmt.Errorf("not now: %w", Error{Code: "busy", Message: "occupied"})
		}
		return string(r.Args) + "!", nil
	})
	var got string
	if err := s.Ask(context.Background(), "do", 7, &got, time.Minute); err != nil || got != "7!" {
		t.Errorf("%q, %v", got, err)
	}
	if err := s.Ask(context.Background(), "fail", nil, nil, time.Minute); err == nil || err.Error() != "no" {
		t.Errorf("%v", err)
	}
	var refused Error
	if err := s.Ask(context.Background(), "refuse", nil, nil, time.Minute); !errors.As(err, &refused) || refused != (Error{"busy", "not now: occupied"}) {
		t.Errorf("%#v", err)
	}
	if entries, _ := os.ReadDir(s.Control()); len(entries) != 0 {
		t.Errorf("left behind: %v", entries)
	}
}

// A request that nobody takes up is taken back: it does not fire later.
func TestAskWithoutAnAnswer(t *testing.T) {
	s := At(t.TempDir()).Service("web")
	agentOf(t, s, "me")
	if err := s.Ask(context.Background(), "do", nil, nil, 20*time.Millisecond); !errors.Is(err, ErrNoAnswer) {
		t.Errorf("%v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := s.Ask(ctx, "do", nil, nil, time.Minute); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	if requests, err := s.Requests("me"); err != nil || len(requests) != 0 {
		t.Errorf("%v, %v", requests, err)
	}
}

// An agent that dies while it is asked will not answer.
func TestAskOfTheDead(t *testing.T) {
	s := At(t.TempDir()).Service("web")
	if err := s.Create(); err != nil {
		t.Fatal(err)
	}
	if err := s.WriteStatus(Status{Instance: "me"}); err != nil {
		t.Fatal(err)
	}
	if err := s.Ask(context.Background(), "do", nil, nil, time.Hour); !errors.Is(err, ErrNoAnswer) {
		t.Errorf("%v", err)
	}
}

// The answer of an agent that ends at once counts: it was written before the lock was let go.
func TestAskOfOneThatEnds(t *testing.T) {
	for range 20 {
		s := At(t.TempDir()).Service("web")
		lock := agentOf(t, s, "me")
		answering(t, s, "me", func(r Request) (any, error) {
			err := s.Reply(r, nil, nil)
			lock.Close()
			return nil, err
		})
		if err := s.Ask(context.Background(), "stop", nil, nil, time.Minute); err != nil {
			t.Fatal(err)
		}
	}
}

func TestRequestsAreServedInOrder(t *testing.T) {
	s := At(t.TempDir()).Service("web")
	if err := s.Create(); err != nil {
		t.Fatal(err)
	}
	later := time.Now().Add(time.Hour)
	for _, r := range []Request{
		{ID: "2", Instance: "me", Deadline: later}, {ID: "1", Instance: "me", Deadline: later},
		{ID: "0", Instance: "another", Deadline: later}, {ID: "3", Instance: "me", Deadline: time.Now().Add(-time.Second)},
	} {
		if err := writeJSON(filepath.Join(s.Control(), r.ID+requestSuffix), r); err != nil {
			t.Fatal(err)
		}
	}
	requests, err := s.Requests("me")
	if err != nil || len(requests) != 2 || requests[0].ID != "1" || requests[1].ID != "2" {
		t.Errorf("%+v, %v", requests, err)
	}
	if entries, _ := os.ReadDir(s.Control()); len(entries) != 2 {
		t.Errorf("what is not for me, or too late, is still there: %v", entries)
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
