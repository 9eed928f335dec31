//go:build root

package agent

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"dagger/stack/internal/spec"
)

// What a service prints once it has started is in its log alone: the CLI would keep it in memory. What the agent says of it
// goes on to be said where the stack was started.
func TestOutputGoesOnUntilTheStart(t *testing.T) {
	r := newTest(t, script(""))
	ready := filepath.Join(filepath.Dir(r.State), "ready")
	if err := os.Chmod(filepath.Dir(r.State), 0o777); err != nil {
		t.Fatal(err)
	}
	r.Service.Process.Command[2] = "echo while it starts; touch " + ready + "; while [ ! -e " + ready + ".go ]; do sleep 0.01; done; " +
		"seq -f 'line %.0f of later' 1 1000; echo done; exec sleep 60"
	r.Service.Probe = &spec.Probe{Exec: []string{"test", "-e", ready}, StartInterval: spec.Duration(10 * time.Millisecond)}
	r.start().untilHealthy()
	if err := os.WriteFile(ready+".go", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	r.until("all is printed", func() bool { return r.printed("done") })
	r.end()
	output := r.output.String()
	for text, count := range map[string]int{
		"while it starts\n": 1, " of later\n": 0, "thing prints from here on is in its log: dagger call logs --service thing --follow\n": 1,
	} {
		if got := strings.Count(output, text); got != count {
			t.Errorf("%q is there %d times, want %d:\n%s", text, got, count, output)
		}
	}
	if got := strings.Count(r.logs(), " of later\n"); got != 1000 {
		t.Errorf("%d lines are in the log, want 1000", got)
	}
}

// A start that prints without end is bounded, too; one that fails has its last words in the log.
func TestOutputOfAStartIsBounded(t *testing.T) {
	r := newTest(t, script("seq -f 'line %.0f of a start' 1 100000; echo last words; exit 3"))
	r.Service.Probe = &spec.Probe{Exec: []string{"false"}}
	r.start()
	if code := r.exitCode(); code != 3 {
		t.Errorf("exit code %d", code)
	}
	output := r.output.String()
	if lines := strings.Count(output, "\n"); lines > teeLines+10 || lines < teeLines {
		t.Errorf("%d lines are passed on", lines)
	}
	if len(output) > teeSize+1000 || !strings.Contains(output, "line 1 of a start\n") || !strings.Contains(output, "ended before it was healthy: exit code 3\n") {
		t.Errorf("%d bytes, with %.300q at the end", len(output), output[max(0, len(output)-300):])
	}
	if !strings.Contains(r.logs(), "last words\n") {
		t.Error("the log lacks the last words")
	}
}
