//go:build root

package agent

import (
	"slices"
	"strings"
	"testing"
	"time"

	"dagger/stack/internal/spec"
)

// What a service was not let do is told when it happens: in health and the log, though it goes on, and where it ends, as why it ended. In
// the folder of an image that was made for root it may make files.
func TestDenied(t *testing.T) {
	const hint = "it may not change its source in "
	for name, c := range map[string]struct {
		text, want string
		ends       bool
	}{
		"at its end":          {`echo x >main; exit 3`, hint, true},
		"while it runs":       {`echo x >main; exec sleep 60`, hint, false},
		"a table":             {`echo "permission denied for table users"; exec sleep 60`, "", false},
		"an image for root":   {`cd "$ROOT"; echo x >main; echo x >other && exec sleep 60`, "its image was made for root, and it runs as nobody", false},
		"a file that is made": {`cd "$ROOT"; echo x >other && exec sleep 60`, "", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newTest(t, script(c.text))
			folder := r.State + "-app"
			r.prepare("mkdir " + folder + "; touch " + folder + "/main")
			r.Service.Process.Workdir = folder
			r.Service.Source = &spec.Source{Path: folder}
			if strings.Contains(c.text, "$ROOT") {
				r.Service.Source, r.Service.ForRoot = nil, folder
				r.Service.Process.Env = append(r.Service.Process.Env, spec.Env("ROOT", folder))
			}
			if c.ends {
				r.Service.Settle = spec.Duration(time.Hour)
			}
			r.start()
			if c.ends {
				r.exitCode()
				if s := r.status(); !strings.Contains(s.Reason(), "exit code 3: "+c.want) {
					t.Errorf("reason %q", s.Reason())
				}
				return
			}
			r.untilHealthy()
			if c.want == "" {
				if notes := strings.Join(r.status().Notes, "\n"); strings.Contains(notes, "its ") {
					t.Errorf("notes %q", notes)
				}
				return
			}
			r.until("a note", func() bool {
				return slices.ContainsFunc(r.status().Notes, func(note string) bool { return strings.HasPrefix(note, c.want) })
			})
			if !strings.Contains(r.logs(), "[stack] "+c.want) {
				t.Errorf("log:\n%s", r.logs())
			}
		})
	}
}
