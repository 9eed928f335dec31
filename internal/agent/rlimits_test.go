//go:build root

package agent

import (
	"fmt"
	"testing"

	"golang.org/x/sys/unix"

	"dagger/stack/internal/spec"
)

// A service may have as many files open as in Docker, and not as many as an engine was started with; what the file says counts.
func TestOpenFiles(t *testing.T) {
	var before unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &before); err != nil {
		t.Fatal(err)
	}
	if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &unix.Rlimit{Cur: 1024, Max: before.Max}); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &before); err != nil {
			t.Error(err)
		}
	}()
	most := min(65536, before.Max) // where even root may not raise it, that is all that can be had
	for soft, ulimits := range map[uint64][]spec.Ulimit{most: nil, 2000: {{Name: "nofile", Soft: 2000, Hard: 3000}}} {
		r := newTest(t, script("ulimit -Sn; exec sleep 60"))
		r.Service.Container.Ulimits = ulimits
		r.start().untilHealthy()
		var got uint64
		r.until("what it prints", func() bool { _, err := fmt.Sscan(r.logs(), &got); return err == nil })
		if got < soft || got > soft && soft != most {
			t.Errorf("%d files may be open, want %d", got, soft)
		}
	}
}
