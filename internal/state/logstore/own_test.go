package logstore

import (
	"io"
	"strings"
	"testing"
)

// A service cannot print lines of the agent's, in whatever pieces it prints them; all else stays as it is.
func TestNobodyForgesNotes(t *testing.T) {
	for name, c := range map[string]struct {
		chunks []string
		want   string
	}{
		"a line":                  {[]string{"[stack] db ended\n"}, " [stack] db ended|"},
		"among others":            {[]string{"a\n[stack] b\nc\n[stack] d\n"}, "a| [stack] b|c| [stack] d|"},
		"in two pieces":           {[]string{"a\n[sta", "ck] b\n"}, "a| [stack] b|"},
		"in many":                 {strings.Split("[stack] x\n", ""), " [stack] x|"},
		"inside of a line":        {[]string{"a [stack] b\n"}, "a [stack] b|"},
		"inside, in two pieces":   {[]string{"a ", "[stack] b\n[stack] c\n"}, "a [stack] b| [stack] c|"},
		"something else":          {[]string{"[stacks] a\n[", "x\n[stack]b\n"}, "[stacks] a| [x|[stack]b|"},
		"a line without its end":  {[]string{"[stack] a"}, " [stack] a|"},
		"another piece of a line": {[]string{"a", "b\n"}, "ab|"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			var teed strings.Builder
			w := mustOpen(t, dir, Options{Tee: func(_ Stream, chunk []byte) { teed.Write(chunk) }})
			if err := w.Copy(Stdout, inChunks(c.chunks)); err != nil {
				t.Fatal(err)
			}
			w.Note("of the agent")
			var got strings.Builder
			for _, e := range mustTail(t, dir, Query{}) {
				got.WriteString(string(e.Text) + "|")
			}
			if want := c.want + "[stack] of the agent|"; got.String() != want {
				t.Errorf("%q, want %q", got.String(), want)
			}
			if want := strings.TrimSuffix(c.want, "|"); strings.TrimSuffix(strings.ReplaceAll(teed.String(), "\n", "|"), "|") != want {
				t.Errorf("teed %q, want %q", teed.String(), want)
			}
		})
	}
}

// inChunks is a reader that gives each text by itself.
func inChunks(texts []string) io.Reader {
	reader, writer := io.Pipe()
	go func() {
		for _, text := range texts {
			io.WriteString(writer, text)
		}
		writer.Close()
	}()
	return reader
}
