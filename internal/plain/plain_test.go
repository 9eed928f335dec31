package plain

import "testing"

func TestPrintable(t *testing.T) {
	t.Parallel()
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
}
