//go:build root

package agent

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"dagger/stack/internal/spec"
	"dagger/stack/internal/state/logstore"
)

// floodLines is how many lines the flood tests print: FLOOD_LINES=5000000 is what issue 3 asks for once.
func floodLines(t *testing.T) int {
	text := os.Getenv("FLOOD_LINES")
	if text == "" {
		return 300_000
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// flood is a service that counts as fast as it can, and then says that it is done.
func flood(t *testing.T, lines int, log spec.Log) *running {
	service := script(fmt.Sprintf("echo begin; seq -f '%%.0f the text of a line of a service' 1 %d; echo done; exec sleep 600", lines))
	service.Log = log
	return newTest(t, service)
}

func (r *running) printed(last string) bool {
	entries, err := logstore.Tail(r.folder.Logs(), logstore.Query{Tail: 1})
	return err == nil && len(entries) == 1 && string(entries[0].Text) == last
}

func (r *running) newestSegment() string {
	names, err := filepath.Glob(filepath.Join(r.folder.Logs(), "*.log"))
	if err != nil {
		r.Fatal(err)
	}
	return slices.Max(append(names, ""))
}

// count is what a log of floods holds: every line follows the one before it, but where a process begins.
func (r *running) count() (lines, begun int) {
	r.Helper()
	entries, err := logstore.Tail(r.folder.Logs(), logstore.Query{})
	if err != nil {
		r.Fatal(err)
	}
	previous, known := 0, false // the oldest line that is kept follows one that is not
	for _, entry := range entries {
		text := string(entry.Text)
		switch {
		case text == "done" || strings.HasPrefix(text, logstore.NotePrefix):
			continue
		case text == "begin":
			begun++
			previous, known = 0, true
			continue
		case entry.Partial:
			// Its writer was killed in the middle of it; the next line is another process's.
			known = false
			continue
		}
		number, rest, _ := strings.Cut(text, " ")
		n, err := strconv.Atoi(number)
		if err != nil || rest != "the text of a line of a service" {
			r.Fatalf("a torn line: %q", text)
		}
		if known && n != previous+1 {
			r.Fatalf("line %d follows line %d", n, previous)
		}
		previous, known = n, true
		lines++
	}
	return lines, begun
}

// Nothing is lost of what a service prints as fast as it can.
func TestFloodIsKept(t *testing.T) {
	want := floodLines(t)
	r := flood(t, want, spec.Log{MaxFiles: 1000}).start()
	r.until("the last line", func() bool { return r.printed("done") })
	if got, begun := r.count(); got != want || begun != 1 {
		t.Errorf("%d lines of %d processes are kept, want %d of 1", got, begun, want)
	}
}

// With the agent killed in the middle of it, twice, what is kept has no gap, no line twice and no torn line; with
// rotation it is the end of all that was printed.
func TestFloodWithKills(t *testing.T) {
	want := floodLines(t)
	for _, files := range []int{4, 1000} {
		t.Run(fmt.Sprint(files, " files"), func(t *testing.T) {
			r := flood(t, want, spec.Log{MaxSize: 1 << 20, MaxFiles: files})
			for range 2 {
				r = r.again()
				for range 3 {
					before := r.newestSegment()
					r.until("a rotation", func() bool { return r.newestSegment() > before })
				}
				r.cmd.Process.Kill()
				r.exitCode()
				r.until("the end of its child", func() bool { return !r.folder.Alive() })
			}
			r = r.again()
			r.until("the last line", func() bool { return r.printed("done") })
			lines, begun := r.count()
			t.Logf("%d lines of %d processes are kept", lines, begun)
			if files == 4 && (begun != 0 || lines < 10_000) || files == 1000 && (begun != 3 || lines <= want) {
				t.Errorf("%d lines of %d processes are kept", lines, begun)
			}
		})
	}
}
