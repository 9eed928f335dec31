package render

import (
	"strings"
	"testing"
	"time"

	"dagger/stack/internal/control"
	"dagger/stack/internal/plain"
	"dagger/stack/internal/state"
)

// What a service says commands no terminal, wherever a text for people has it.
func TestReportsArePrintable(t *testing.T) {
	evil := "bad\x1b[2J\x1b]0;owned\x07"
	now := time.Now()
	report := control.Report{
		Stack: "x", Gateway: &control.GatewayReport{Detail: evil}, LeftOut: []string{evil},
		Services: []control.ServiceReport{
			{Running: true, Status: state.Status{Service: "a", Updated: now, Why: evil, Notes: []string{evil}}},
			{Running: true, Status: state.Status{Service: "b", Updated: now, Probes: []state.Result{{Output: evil, ExitCode: 1}}}},
		},
	}
	text, err := Health(report, "text")
	for name, text := range map[string]string{"health": text, "complaint": Complaint(report), "last lines": plain.LastLines(evil, 1), "first line": plain.FirstLine(evil)} {
		if err != nil || !strings.Contains(text, "bad") || strings.ContainsAny(text, "\x1b\x07") || strings.Contains(text, "owned") {
			t.Errorf("%s: %q, %v", name, text, err)
		}
	}
}
