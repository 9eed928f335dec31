package compose

import "testing"

func TestEndings(t *testing.T) {
	got := endings("setup stopped after 0.0 s: exit code 0\nprocess-1 stopped after 0.1 s: exit code 3\nweb stopped after 0.2 s: SIGTERM\n" +
		"slow stopped after 8.0 s: SIGKILL; it did not stop in its time and was killed: its log may say why\nother stopped after 0.1 s\n" +
		"the published ports are closed\n")
	want := map[string]int{"setup": 0, "process-1": 3, "web": 143, "slow": 137}
	for name, code := range want {
		if got[name] == nil || got[name].Code != code {
			t.Errorf("%s: %v, want %d", name, got[name], code)
		}
	}
	if len(got) != len(want) {
		t.Errorf("%v", got)
	}
}
