package variables

import "strings"

// withoutStrings is the text of a Python file without its statements that are a string in three quotes: they describe, or they
// are code that was taken out. The lines stay where they are.
func withoutStrings(text string) string {
	var b strings.Builder
	for at := 0; at < len(text); {
		end := token(text, at)
		if said := text[at:end]; begins(text, at) && triple(said) != "" {
			b.WriteString(strings.Repeat("\n", strings.Count(said, "\n")))
		} else {
			b.WriteString(said)
		}
		at = end
	}
	return b.String()
}

// token is where a comment or a string ends that begins there, or the next character.
func token(text string, at int) int {
	rest := text[at:]
	if rest[0] == '#' {
		return at + len(rest[:lineEnd(rest)])
	}
	if quotes := triple(rest); quotes != "" {
		if end := strings.Index(rest[3:], quotes); end >= 0 {
			return at + 3 + end + 3
		}
		return len(text)
	}
	if rest[0] != '"' && rest[0] != '\'' {
		return at + 1
	}
	for i := 1; i < lineEnd(rest); i++ {
		switch rest[i] {
		case '\\':
			i++
		case rest[0]:
			return at + i + 1
		}
	}
	return at + 1
}

func triple(text string) string {
	for _, quotes := range []string{`"""`, "'''"} {
		if strings.HasPrefix(text, quotes) {
			return quotes
		}
	}
	return ""
}

// begins says whether a statement begins there: only spaces are before it in its line.
func begins(text string, at int) bool {
	return strings.TrimSpace(text[strings.LastIndexByte(text[:at], '\n')+1:at]) == ""
}

func lineEnd(text string) int {
	if end := strings.IndexByte(text, '\n'); end >= 0 {
		return end
	}
	return len(text)
}
