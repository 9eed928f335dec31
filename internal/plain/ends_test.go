package plain

import "testing"

func TestFirstLine(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"one\ntwo": "one",
		"failed to load container from converted ID: load Container@CuluChV4eGgz==: load xxh3:3a4c27ba5d8a271b: inputs: load xxh3:bdb9097444d7b758: inputs: failed to content hash dockerfile copy: no such user: app": "failed to content hash dockerfile copy: no such user: app",
		"failed to load cache: load it anew: no": "failed to load cache: load it anew: no",
	} {
		if got := FirstLine(text); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
