// Package variables finds out which variables of the environment a project's services read, and what the stack sets them to.
//
// Data flows one way: readers look at one kind of file each and say what is read there (Read); the reads of one service are brought
// together by name (variable); tables say what a name or a value means (meaning, secret); and Decide makes typed values
// of that, of what the stack has (Stack) and of what is given. Nothing is run, and no file is changed.
package variables

import (
	"strings"

	"dagger/stack/internal/lazyregexp"
)

// Read is one place of a project's files that reads a variable, or that says what its value may be.
type Read struct {
	Name     string
	File     string // below the project's root
	Line     int
	Origin   Origin
	Required bool   // the service does not start without the variable
	Optional bool   // the service works without it: there is a default
	Later    bool   // it is read in a function that nothing calls at the start
	Computed bool   // its default is made of other variables
	Value    string // the default, or what an example shows
	Hint     Hint
}

// Origin is the kind of the file.
type Origin int

const (
	Code     Origin = iota // it reads the variable
	Example                // it shows what users may give
	Given                  // it gives the variable
	Compared               // it reads the variable in some way, and compares it with the value
)

// Hint is what the place says about the form of the value.
type Hint struct {
	Length int    // the least number of characters
	Exact  bool   // Length is the number of characters
	Form   string // "hex", "base64" or "fernet"; "": any text
	Split  string // what the value is split at, where it is a list; "json" for a list in JSON
	Scheme string // of the address that is wanted, e.g. "postgresql"
	Prefix string // of the name, which the project puts in front of all its names
}

// Text is a file of the project.
type Text struct{ File, Text string }

// line is the number of the line at an offset.
func line(text string, at int) int { return 1 + strings.Count(text[:at], "\n") }

// commented says whether what stands at an offset is behind the beginning of a comment in its line.
func commented(text string, at int, comment string) bool {
	begin := strings.LastIndexByte(text[:at], '\n') + 1
	before := text[begin:at]
	if trimmed := strings.TrimSpace(before); strings.HasPrefix(trimmed, comment) || comment == "//" && strings.HasPrefix(trimmed, "*") {
		return true
	}
	return strings.Contains(before, " "+comment)
}

// matches calls do for each match of a pattern that is not in a comment, with its groups by name and the text behind it.
func matches(pattern *lazyregexp.Regexp, t Text, comment string, do func(r Read, group map[string]string, behind string)) {
	for _, at := range pattern.FindAllStringSubmatchIndex(t.Text, -1) {
		if commented(t.Text, at[0], comment) {
			continue
		}
		group := map[string]string{}
		for i, name := range pattern.SubexpNames() {
			if i > 0 && name != "" && at[2*i] >= 0 {
				group[name] = t.Text[at[2*i]:at[2*i+1]]
			}
		}
		begin := at[0]
		if i := pattern.SubexpIndex("name"); i > 0 && at[2*i] >= 0 {
			begin = at[2*i]
		}
		do(Read{Name: group["name"], File: t.File, Line: line(t.Text, begin)}, group, t.Text[at[1]:])
	}
}

// expression is the beginning of a text up to where it ends at the depth that it begins at: at a comma, a semicolon or a closing
// bracket.
func expression(text string) string {
	depth, quote := 0, byte(0)
	for i := range len(text) {
		c := text[i]
		switch {
		case quote != 0:
			if c == quote && text[i-1] != '\\' {
				quote = 0
			}
		case c == '"' || c == '\'' || c == '`':
			quote = c
		case strings.IndexByte("([{", c) >= 0:
			depth++
		case strings.IndexByte(")]}", c) >= 0:
			if depth--; depth < 0 {
				return text[:i]
			}
		case depth == 0 && (c == ',' || c == ';'):
			return text[:i]
		}
	}
	return text
}

var quoted = lazyregexp.New(`^\s*[rbuf]?(?:"([^"\n]*)"|'([^'\n]*)')\s*$`)

// literal is a text in quotes, or a number or a word such as true.
func literal(text string) string {
	if match := quoted.FindStringSubmatch(text); match != nil {
		return match[1] + match[2]
	}
	if text = strings.TrimSpace(text); plainWord.MatchString(text) {
		return text
	}
	return ""
}

var plainWord = lazyregexp.New(`^(?:\d+(?:\.\d+)?|(?i:true|false))$`)
