package command

import (
	"strings"
	"testing"
)

func TestText(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		pieces []string
		broken bool
	}{
		"nothing":                    {nil, false},
		"plain":                      {[]string{"a\x00b\n"}, false},
		"characters":                 {[]string{"äöü…", "🙂"}, false},
		"a character in pieces":      {[]string{"a\xf0", "\x9f", "\x99", "\x82b"}, false},
		"a character that is cut":    {[]string{"a\xf0\x9f"}, true},
		"a byte that begins nothing": {[]string{"a\xffb"}, true},
		"a byte that ends nothing":   {[]string{"a", "\x82", "b"}, true},
		"pieces that do not fit":     {[]string{"\xf0", "a"}, true},
	} {
		var to strings.Builder
		text := &text{to: &to}
		for _, piece := range c.pieces {
			if n, err := text.Write([]byte(piece)); n != len(piece) || err != nil {
				t.Errorf("%s: %d %v", name, n, err)
			}
		}
		if text.broken() != c.broken || to.String() != strings.Join(c.pieces, "") {
			t.Errorf("%s: broken %v, want %v; %q", name, text.broken(), c.broken, to.String())
		}
	}
}
