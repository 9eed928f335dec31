package docker

import (
	"slices"
	"testing"
)

func TestDemultiplex(t *testing.T) {
	frame := func(stream byte, text string) string {
		return string([]byte{stream, 0, 0, 0, 0, 0, 0, byte(len(text))}) + text
	}
	for name, test := range map[string]struct {
		body string
		want []Line
		bad  bool
	}{
		"nothing":             {"", nil, false},
		"both streams":        {frame(1, "a\n") + frame(2, "b\n"), []Line{{false, "a"}, {true, "b"}}, false},
		"lines of one frame":  {frame(1, "a\n\nb\n"), []Line{{false, "a"}, {false, ""}, {false, "b"}}, false},
		"a line in two":       {frame(1, "a") + frame(2, "x\n") + frame(1, "b\n"), []Line{{false, "ab"}, {true, "x"}}, false},
		"no end of line":      {frame(1, "a"), []Line{{false, "a"}}, false},
		"carriage return":     {frame(1, "a\rb\n"), []Line{{false, "a\rb"}}, false},
		"half a header":       {"\x01\x00\x00", nil, true},
		"less than announced": {frame(1, "abc")[:9], nil, true},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := demultiplex([]byte(test.body))
			if !slices.Equal(got, test.want) || (err != nil) != test.bad {
				t.Errorf("got %v, %v, want %v", got, err, test.want)
			}
		})
	}
}
