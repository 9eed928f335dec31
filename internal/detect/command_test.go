package detect

import (
	"slices"
	"strings"
	"testing"
)

func TestSplitCommand(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		command string
		want    []string
		err     string
	}{
		{`python -m http.server 8000`, []string{"python", "-m", "http.server", "8000"}, ""},
		{`  sh -c 'a && b | c > $D'  `, []string{"sh", "-c", "a && b | c > $D"}, ""},
		{`sh -c "a $D"`, nil, "needs a shell"}, // for the variable, which a shell would fill in before sh is run
		{`sh -c "it's $D"`, nil, "needs a shell"},
		{`sh -c "a \$D"`, []string{"sh", "-c", "a $D"}, ""},
		{`sh -c 'a && b | c > d*'`, []string{"sh", "-c", "a && b | c > d*"}, ""},
		{`x "a b" '' c\ d`, []string{"x", "a b", "", "c d"}, ""},
		{`A=1 B="x y" run --flag=1`, []string{"env", "A=1", "B=x y", "run", "--flag=1"}, ""},
		{`uvicorn main:app --port $PORT`, nil, `command "uvicorn main:app --port $PORT" needs a shell: give one program and its arguments, or wrap it as sh -c '…'`},
		{`a && b`, nil, "needs a shell"},
		{`a; b`, nil, "needs a shell"},
		{`a | b`, nil, "needs a shell"},
		{`a > b`, nil, "needs a shell"},
		{`a &`, nil, "needs a shell"},
		{`ls *.py`, nil, "needs a shell"},
		{`ls ~/x`, nil, "needs a shell"},
		{`a "b`, nil, "needs a shell"},
		{`(a)`, nil, "needs a shell"},
		{``, nil, `command "" names no program: give one and its arguments`},
		{`A=1`, nil, "names no program"},
	} {
		got, err := SplitCommand(row.command)
		if row.err == "" && (err != nil || !slices.Equal(got, row.want)) || row.err != "" && (err == nil || !strings.Contains(err.Error(), row.err)) {
			t.Errorf("%s: %q, %v, want %q, %q", row.command, got, err, row.want, row.err)
		}
	}
}
