//go:build root

package agent

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// An agent that is killed while it empties a half-made folder leaves one that the next agent empties too.
func TestKilledWhileEmptying(t *testing.T) {
	r := withData(t, `[ -e $DATA/zz-last ] && echo "found the last"; exec sleep 60`)
	folder := r.Service.Data[0].Path
	fill := func() {
		os.MkdirAll(folder, 0o755)
		os.WriteFile(filepath.Join(folder, firstStart), nil, 0o644)
		for i := range 2000 {
			os.MkdirAll(filepath.Join(folder, fmt.Sprintf("%04d", i)), 0o755)
		}
		os.WriteFile(filepath.Join(folder, "zz-last"), nil, 0o644)
	}
	for delay := range 10 {
		fill()
		next := r.again()
		time.Sleep(time.Duration(delay*3) * time.Millisecond)
		next.cmd.Process.Kill()
		next.exitCode()
		_, last := os.Stat(filepath.Join(folder, "zz-last"))
		_, marker := os.Stat(filepath.Join(folder, firstStart))
		if last == nil && marker != nil {
			t.Fatalf("killed after %d ms: the mark is gone and the rest is not", delay*3)
		}
	}
}
