package detect

import (
	"fmt"
	"path"
	"strings"

	"github.com/mattn/go-shellwords"
)

// SplitCommand makes an argument vector of a command as people write it, with a shell's quotes. It is run without a
// shell, so what only a shell understands is an error.
func SplitCommand(command string) ([]string, error) {
	words, ok := simple(command)
	if !ok {
		return nil, fmt.Errorf("command %q needs a shell: give one program and its arguments, or wrap it as sh -c '…'", command)
	}
	if assignments(words) == len(words) {
		return nil, fmt.Errorf("command %q names no program: give one and its arguments", command)
	}
	return withEnv(words), nil
}

// simple splits a line that is one command and means the same without a shell.
func simple(line string) ([]string, bool) {
	parts, only := segments(line)
	switch {
	case !only || len(parts) > 1 || expands(line):
		return nil, false
	case len(parts) == 0:
		return nil, true
	}
	if strings.ContainsAny(line, `'"`) { // whatever is in quotes, a shell leaves alone; what is not, hardly ever matters
		return parts[0], true
	}
	for _, word := range parts[0] {
		if strings.ContainsAny(word, "*?[") || strings.HasPrefix(word, "~") || word == "!" {
			return nil, false
		}
	}
	return parts[0], true
}

// expands tells whether a shell would put something else for a part of the line: single quotes keep it from that.
func expands(line string) bool {
	var quote rune
	escaped := false
	for _, r := range line {
		switch {
		case escaped:
			escaped = false
		case quote == '\'' && r != '\'':
		case r == '\\':
			escaped = true
		case r == '$', r == '`':
			return true
		case r == quote:
			quote = 0
		case quote == 0 && (r == '\'' || r == '"'):
			quote = r
		}
	}
	return false
}

// withEnv makes a command that starts with assignments one that needs no shell. env replaces itself by the program,
// so no process is added.
func withEnv(words []string) []string {
	if assignments(words) > 0 {
		return append([]string{"env"}, words...)
	}
	return words
}

// segments are the commands of a line, and whether they are all, chained by nothing but &&.
func segments(line string) (parts [][]string, only bool) {
	only = true
	rest := []rune(line)
	for {
		parser := shellwords.NewParser()
		words, err := parser.Parse(string(rest))
		if err != nil {
			return parts, false
		}
		if len(words) > 0 {
			parts = append(parts, words)
		}
		at := parser.Position // of an operator
		if at < 0 || at >= len(rest) {
			return parts, only
		}
		next := at + 1
		if next < len(rest) && rest[at] == '&' && rest[next] == '&' {
			next++
		} else {
			only = false
		}
		if rest[at] == '<' || rest[at] == '>' { // what follows is a file
			return parts, false
		}
		rest = rest[next:]
	}
}

// assignments is how many of the first words set a variable for the command after them.
func assignments(words []string) int {
	for i, word := range words {
		name, _, ok := strings.Cut(word, "=")
		if !ok || name == "" || strings.ContainsAny(name, "-./ ") {
			return i
		}
	}
	return len(words)
}

// base is a program's name without its folder.
func base(words []string) string {
	if len(words) == 0 {
		return ""
	}
	return path.Base(words[0])
}
