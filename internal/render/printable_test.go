package render

import (
	"strings"
	"testing"
	"time"

	"dagger/stack/internal/protocol"
	"dagger/stack/internal/state"
)

// What a service says commands no terminal, wherever a text for people has it.
func TestPrintable(t *testing.T) {
	for text, want := range map[string]string{
		"a\x1b[31mred\x1b[0m\r\nb\tc":         "ared\nb\tc",
		"\x1b]0;a title\x07x\x1b]8;;u\x1b\\y": "xy",
		"\x1b[2Jgone\x07\x9b\u009b1m\x1bc":    "gone \ufffd 1m c",
		"Größe 名":                             "Größe 名",
	} {
		if got := Printable(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
	evil := "bad\x1b[2J\x1b]0;owned\x07"
	now := time.Now()
	report := protocol.Report{
		Stack: "x", Gateway: &protocol.GatewayReport{Detail: evil}, LeftOut: []string{evil},
		Services: []protocol.ServiceReport{
			{Running: true, Status: state.Status{Service: "a", Updated: now, Why: evil, Notes: []string{evil}}},
			{Running: true, Status: state.Status{Service: "b", Updated: now, Probes: []state.Result{{Output: evil, ExitCode: 1}}}},
		},
	}
	text, err := Health(report, "text")
	for name, text := range map[string]string{"health": text, "complaint": Complaint(report), "last lines": LastLines(evil, 1), "first line": FirstLine(evil)} {
		if err != nil || !strings.Contains(text, "bad") || strings.ContainsAny(text, "\x1b\x07") || strings.Contains(text, "owned") {
			t.Errorf("%s: %q, %v", name, text, err)
		}
	}
}
