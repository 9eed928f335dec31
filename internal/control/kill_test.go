package control

import "testing"

func TestParseSignal(t *testing.T) {
	const wants = `: want a name such as SIGHUP, SIGTERM or SIGUSR1, or its number`
	for text, want := range map[string]string{
		"SIGHUP": "SIGHUP", "hup": "SIGHUP", "Usr1": "SIGUSR1", "9": "SIGKILL", "15": "SIGTERM",
		"": `signal ""` + wants, "nope": `signal "nope"` + wants, "SIG": `signal "SIG"` + wants, "0": `signal "0"` + wants, "99": `signal "99"` + wants, "-1": `signal "-1"` + wants,
	} {
		got, err := parseSignal(text)
		if err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%q: %q", text, got)
		}
	}
}
