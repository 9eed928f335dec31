package shell

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"mvdan.cc/sh/v3/syntax"
)

func TestSplit(t *testing.T) {
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
		{"a b\n", []string{"a", "b"}, ""},
		{"a \\\n  b", []string{"a", "b"}, ""},
		{`a b\`, []string{"a", `b\`}, ""},
		{`a "x\ny" "\\d" "\"" '\'`, []string{"a", `x\ny`, `\d`, `"`, `\`}, ""}, // in double quotes few characters are escaped
		{`'A=1' b`, []string{"A=1", "b"}, ""},
		{`A-B=1 c`, []string{"A-B=1", "c"}, ""},
		{`find . ! -name x`, []string{"find", ".", "!", "-name", "x"}, ""},
		{`a@~1.0 --b=~/c d~ '~' "*" \* {e,f}`, []string{"a@~1.0", "--b=~/c", "d~", "~", "*", "*", "{e,f}"}, ""},
		{`ls *.py 'x y'`, nil, "needs a shell"},
		{`ls ~/"x y"`, nil, "needs a shell"},
		{`A=~/x b`, nil, "needs a shell"},
		{`A=x:~/y b`, nil, "needs a shell"},
		{`A+=1 b`, nil, "needs a shell"},
		{`a $'b'`, nil, "needs a shell"},
		{"a\nb", nil, "needs a shell"},
		{`a # b`, nil, "needs a shell"},
		{`! a`, nil, "needs a shell"},
		{`a;`, nil, "needs a shell"},
		{`{ a; }`, nil, "needs a shell"},
		{`cd a`, nil, "needs a shell"}, // there is no program of that name
		{`exec a`, nil, "needs a shell"},
		{`export A=1`, nil, "needs a shell"},
		{`[[ -f a ]] && b`, nil, "needs a shell"},
		{`if a; then b; fi`, nil, "needs a shell"},
	} {
		got, err := Split(row.command)
		if row.err == "" && (err != nil || !slices.Equal(got, row.want)) || row.err != "" && (err == nil || !strings.Contains(err.Error(), row.err)) {
			t.Errorf("%s: %q, %v, want %q, %q", row.command, got, err, row.want, row.err)
		}
	}
}

func TestParse(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		line    string
		want    string // its commands
		chained bool
	}{
		{"", "", true},
		{`A=1 b "c d"`, "[A=1]b|c d", true},
		{"a && B=2 c\n", "a, [B=2]c", true},
		{"[[ -f x ]] && export A=1 && a", "a", true},
		{`a "$X/y" $(b) "${Z}z"`, "a|$X/y|$(b)|${Z}z", true},
		{`a --b "c`, "", false},
		{"a && b # c", "a, b", false},
		{"a & b", "a, b", false},
		{"a; b", "a, b", false},
		{"a\nb", "a, b", false},
		{"a || b", "a, b", false},
		{"a && b || c && d", "a, b, c, d", false},
		{"a | b", "a, b", false},
		{"a > b && c", "a, c", false},
		{"(cd a && b) && c", "cd|a, b, c", false},
		{"(a & b)", "a, b", false},
		{"if a; then b; else c; fi", "a, b, c", false},
		{"for x in $(a); do b; done", "b", false},
	} {
		got := Parse(row.line)
		var commands []string
		for _, c := range got.Commands {
			text := strings.Join(c.Args, "|")
			if len(c.Env) > 0 {
				text = fmt.Sprint(c.Env) + text
			}
			commands = append(commands, text)
		}
		if text := strings.Join(commands, ", "); text != row.want || got.Chained != row.chained {
			t.Errorf("%s: %s, %v, want %s, %v", row.line, text, got.Chained, row.want, row.chained)
		}
	}
}

// FuzzSplit sees that the words of a command, quoted for a shell, are that command.
func FuzzSplit(f *testing.F) {
	for _, text := range []string{`a "b c" 'd' e\ f`, `A=1 B='x' c`, "a && b | (c; d) & e > f", "a $b `c` ~ *", "a[1]=b c", "for x in y; do z; done", "a <<E\nb\nE\n", "\\", "''"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		words, err := Split(text)
		if err != nil {
			return
		}
		if len(words) == 0 {
			t.Fatalf("%q is no command and no error", text)
		}
		var quoted []string
		for _, word := range words {
			if strings.ContainsRune(word, 0) {
				return
			}
			q, err := syntax.Quote(word, syntax.LangPOSIX)
			if err != nil {
				return // of bytes that are no text
			}
			quoted = append(quoted, q)
		}
		again, err := Split(strings.Join(quoted, " "))
		if err != nil || !slices.Equal(again, words) {
			t.Fatalf("%q: %q, and quoted %q: %q, %v", text, words, quoted, again, err)
		}
	})
}
