package state

import (
	"net/netip"
	"os"
	"path/filepath"
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

// Any content of the files: a reader says what it read or that it cannot, and a writer goes over it.
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
			filepath.Join(stack.Root(), runName), stack.addresses(),
			filepath.Join(s.dir, statusName), filepath.Join(s.dir, fingerprintsName), filepath.Join(s.dir, lockName),
			filepath.Join(s.dir, failureName),
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
