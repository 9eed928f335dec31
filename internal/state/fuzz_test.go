package state

import (
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// put writes any content where a file of the protocol belongs.
func put(t *testing.T, path string, content []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
}

// Any content of a request: it is served to whom it is addressed, in time, or it is gone.
func FuzzRequests(f *testing.F) {
	f.Add("1-A.request.json", []byte(`{"id":"1-A","instance":"me","verb":"restart","deadline":"2999-01-01T00:00:00Z"}`))
	f.Add("1-A.request.json", []byte(`{"id":"1-A","instance":"me","verb":"restart","deadline":"1999-01-01T00:00:00Z"}`))
	f.Add("2.request.json", []byte(`{"id":"../../2","instance":"me","deadline":"2999-01-01T00:00:00Z"}`))
	f.Add("x.answer.json", []byte(`{`))
	f.Add("x.request.json", []byte("\x00"))
	f.Fuzz(func(t *testing.T, name string, content []byte) {
		if name == "" || strings.ContainsAny(name, "/\x00") || name == "." || name == ".." || len(name) > 200 {
			t.Skip("not a name of a file")
		}
		s := At(t.TempDir()).Service("web")
		path := filepath.Join(s.Control(), name)
		put(t, path, content)
		requests, err := s.Requests("me")
		if err != nil {
			t.Fatal(err)
		}
		_, statErr := os.Stat(path)
		switch {
		case !strings.HasSuffix(name, requestSuffix):
			if len(requests) != 0 || statErr != nil {
				t.Errorf("%q is no request: %+v, %v", name, requests, statErr)
			}
		case len(requests) == 0:
			if statErr == nil {
				t.Errorf("%q is neither served nor removed", name)
			}
		default:
			if got := requests[0]; got.Instance != "me" || got.ID+requestSuffix != name {
				t.Errorf("%q is served as %+v", name, got)
			}
			if err := s.Take(requests[0]); err != nil {
				t.Error(err)
			}
			if err := s.Reply(requests[0], 1, nil); err != nil {
				t.Error(err)
			}
			if again, _ := s.Requests("me"); len(again) != 0 {
				t.Errorf("served twice: %+v", again)
			}
		}
	})
}

// Any content of the other files: a reader says what it read or that it cannot, and a writer goes over it.
func FuzzFiles(f *testing.F) {
	f.Add([]byte(`{"service":"web","phase":"running","probes":[{"duration":"1s"}],"usage":{"memory":1}}`))
	f.Add([]byte(`{"a":"b"}`))
	f.Add([]byte(`{"web":"127.0.0.1","db":"","other":"fe80::1%eth0"}`))
	f.Add([]byte(`[]`))
	f.Add([]byte("null"))
	f.Fuzz(func(t *testing.T, content []byte) {
		stack := At(t.TempDir())
		s := stack.Service("web")
		for _, path := range []string{
			filepath.Join(stack.Root(), runName), filepath.Join(stack.Hosts(), addressesName),
			filepath.Join(s.dir, statusName), filepath.Join(s.dir, fingerprintsName), filepath.Join(s.dir, lockName),
			filepath.Join(s.dir, failureName),
			filepath.Join(s.Control(), "1"+answerSuffix),
		} {
			put(t, path, content)
		}
		stack.Run()
		s.Status()
		s.Failure()
		if s.Alive() {
			t.Error("a file is not a lock that somebody holds")
		}
		if prints := s.Fingerprints(); prints == nil {
			t.Error("no map to write to")
		}
		addresses, _ := stack.Addresses()
		for _, address := range addresses {
			if !address.IsValid() {
				t.Errorf("address %v", address)
			}
		}
		home := netip.MustParseAddr("127.0.0.1")
		if err := stack.WriteAddress("db", home); err != nil {
			t.Fatal(err)
		}
		if addresses, err := stack.Addresses(); err != nil || addresses["db"] != home {
			t.Errorf("written over: %v, %v", addresses, err)
		}
		if err := s.WriteFailure(Failure{Why: "why"}); err != nil {
			t.Fatal(err)
		}
		if got, err := s.Failure(); err != nil || got.Why != "why" {
			t.Errorf("written over: %+v, %v", got, err)
		}
		if err := s.WriteStatus(Status{Service: "web"}); err != nil {
			t.Fatal(err)
		}
		if got, err := s.Status(); err != nil || got.Service != "web" {
			t.Errorf("written over: %+v, %v", got, err)
		}
	})
}
