package variables

import (
	"strconv"
	"strings"
)

// classesOf are the classes of a Python file, with their fields.
func classesOf(t Text) (classes []*settings) {
	found := pyClass.FindAllStringSubmatchIndex(t.Text, -1)
	for _, at := range found {
		class := &settings{name: t.Text[at[2]:at[3]], file: t}
		for base := range strings.SplitSeq(t.Text[at[4]:at[5]], ",") {
			base = strings.TrimSpace(base)
			if _, argument, found := strings.Cut(base, "env_prefix="); found {
				class.prefix = strings.Trim(argument, `"' `)
			}
			class.bases = append(class.bases, base[strings.LastIndexByte(base, '.')+1:])
		}
		body := body(t.Text[at[1]:])
		if match := prefixed.FindStringSubmatch(body); match != nil {
			class.prefix = match[1] + match[2]
		}
		if match := delimited.FindStringSubmatch(body); match != nil {
			class.delimiter = match[1]
		}
		class.fields = fields(body, line(t.Text, at[1]))
		classes = append(classes, class)
	}
	return classes
}

// body are the lines of a class: those that are indented.
func body(text string) string {
	lines := strings.SplitAfter(text, "\n")
	for i, line := range lines {
		if i > 0 && strings.TrimSpace(line) != "" && line[0] != ' ' && line[0] != '\t' && line[0] != '#' && line[0] != ')' {
			return strings.Join(lines[:i], "")
		}
	}
	return text
}

// fields are the annotated names of a class's body; first is the number of the body's first line.
func fields(body string, first int) (found []field) {
	lines := strings.Split(body, "\n")
	indent := ""
	for i := 0; i < len(lines); i++ {
		text := lines[i]
		trimmed := strings.TrimLeft(text, " \t")
		if trimmed == "" || trimmed[0] == '#' {
			continue
		}
		if begin := text[:len(text)-len(trimmed)]; indent == "" {
			indent = begin
		} else if begin != indent {
			continue // inside of a method, or of what goes on over several lines
		}
		at := i
		statement := uncommented(trimmed)
		for open(statement) > 0 && i+1 < len(lines) {
			i++
			statement += " " + strings.TrimSpace(uncommented(lines[i]))
		}
		match := pyField.FindStringSubmatch(strings.TrimSpace(statement))
		if match == nil || strings.HasPrefix(match[1], "_") || match[1] == "model_config" || strings.HasPrefix(match[2], "ClassVar") {
			continue
		}
		switch match[1] {
		case "def", "class", "return", "if", "else", "for", "try", "with":
			continue
		}
		found = append(found, field{name: match[1], kind: match[2], value: match[3], set: match[3] != "", line: first + at})
	}
	return found
}

// uncommented is a line of Python without its comment.
func uncommented(text string) string {
	quote := rune(0)
	for i, c := range text {
		switch {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '#':
			return strings.TrimRight(text[:i], " \t")
		}
	}
	return text
}

// open is how many brackets a text opens and does not close.
func open(text string) (n int) {
	for _, c := range text {
		switch c {
		case '(', '[', '{':
			n++
		case ')', ']', '}':
			n--
		}
	}
	return n
}

func number(text string) int {
	n, _ := strconv.Atoi(text)
	return n
}
