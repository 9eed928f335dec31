// Package shell reads command lines as people write them for a shell, and tells which of them need none.
//
// The syntax is bash's, which contains that of sh and nearly all of BusyBox's ash.
package shell

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// Line is what a line consists of. A line that no shell can read has no commands.
type Line struct {
	// Commands are in the order in which they are written, those in parentheses and blocks too.
	Commands []Command
	// Chained: only && joins the commands, so words that are appended to the line are arguments of the last command.
	Chained bool
	simple  bool
}

// Command is one command of a line.
type Command struct {
	Env  []string // the variables that are set for the command, as NAME=VALUE
	Args []string // the program and its arguments
}

// Argv is the command as an argument vector. To set variables it calls env, which replaces itself by the program, so
// that no process is added.
func (c Command) Argv() []string {
	if len(c.Env) == 0 {
		return c.Args
	}
	return slices.Concat([]string{"env"}, c.Env, c.Args)
}

// Split makes an argument vector of a command. The command is run without a shell, so what only a shell understands is
// an error.
func Split(text string) ([]string, error) {
	command, ok := Parse(text).Simple()
	if !ok {
		return nil, fmt.Errorf("command %q needs a shell: give one program and its arguments, or wrap it as sh -c '…'", text)
	}
	if len(command.Args) == 0 {
		return nil, fmt.Errorf("command %q names no program: give one and its arguments", text)
	}
	return command.Argv(), nil
}

// Simple is the line's only command, if the command means the same without a shell.
func (l Line) Simple() (Command, bool) {
	if !l.simple || len(l.Commands) == 0 {
		return Command{}, l.simple
	}
	return l.Commands[0], true
}

// Base is a program's name without its folder.
func Base(words []string) string {
	if len(words) == 0 {
		return ""
	}
	return path.Base(words[0])
}

// builtins are commands that only a shell has.
var builtins = []string{".", ":", "cd", "eval", "exec", "exit", "set", "shift", "source", "trap", "ulimit", "umask", "unset", "wait"}

// Quote is a text as a shell takes it for itself, whatever is in it.
func Quote(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }

// Parse reads a line.
func Parse(text string) Line {
	file, err := syntax.NewParser(syntax.KeepComments(true)).Parse(strings.NewReader(text), "")
	if err != nil {
		return Line{}
	}
	r := reader{text: text}
	var commands []Command
	syntax.Walk(file, func(node syntax.Node) bool {
		switch node := node.(type) {
		case *syntax.CallExpr:
			commands = append(commands, r.command(node))
			return false
		case *syntax.Word: // of a redirection or a loop: a command in the word starts no service
			return false
		}
		return true
	})
	line := Line{Commands: commands, Chained: len(file.Stmts) < 2 && len(file.Last) == 0}
	line.simple = line.Chained && !r.expands
	for _, s := range file.Stmts {
		_, one := s.Cmd.(*syntax.CallExpr)
		line.Chained = line.Chained && isChain(s)
		line.simple = line.simple && line.Chained && one && !slices.Contains(builtins, Base(commands[0].Args))
	}
	return line
}

// isChain tells whether a statement is one command, or several that && joins.
func isChain(s *syntax.Stmt) bool {
	if s.Negated || s.Background || s.Semicolon.IsValid() || len(s.Redirs) > 0 || len(s.Comments) > 0 {
		return false
	}
	switch command := s.Cmd.(type) {
	case *syntax.CallExpr, *syntax.DeclClause, *syntax.TestClause:
		return true
	case *syntax.BinaryCmd:
		return command.Op == syntax.AndStmt && isChain(command.X) && isChain(command.Y)
	}
	return false
}

// reader makes plain words of a line's tree.
type reader struct {
	text    string
	expands bool // a shell would put something else for a word
}

func (r *reader) command(call *syntax.CallExpr) (c Command) {
	for _, assign := range call.Assigns {
		r.expands = r.expands || assign.Append || assign.Index != nil || assign.Array != nil
		value := ""
		if assign.Value != nil {
			value = r.word(assign.Value)
			r.expands = r.expands || strings.Contains(assign.Value.Lit(), ":~")
		}
		c.Env = append(c.Env, assign.Name.Value+"="+value)
	}
	for _, word := range call.Args {
		c.Args = append(c.Args, r.word(word))
	}
	return c
}

// word is a word without its quotes. What a shell would expand stays as it is written.
func (r *reader) word(word *syntax.Word) string {
	if first, ok := word.Parts[0].(*syntax.Lit); ok && strings.HasPrefix(first.Value, "~") {
		r.expands = true
	}
	var b strings.Builder
	r.parts(&b, word.Parts, "*?[$")
	return b.String()
}

// parts writes the parts of a word. Each character of special makes a shell expand the word, unless a backslash is in
// front of the character.
func (r *reader) parts(b *strings.Builder, parts []syntax.WordPart, special string) {
	quoted := special == "$"
	for _, part := range parts {
		switch part := part.(type) {
		case *syntax.Lit:
			for i := 0; i < len(part.Value); i++ {
				c := part.Value[i]
				if c == '\\' && i+1 < len(part.Value) {
					i++
					if c = part.Value[i]; quoted && !strings.Contains("$`\"\\", string(c)) {
						b.WriteByte('\\')
					}
				} else if strings.Contains(special, string(c)) {
					r.expands = true
				}
				b.WriteByte(c)
			}
		case *syntax.SglQuoted:
			r.expands = r.expands || part.Dollar
			b.WriteString(part.Value)
		case *syntax.DblQuoted:
			r.expands = r.expands || part.Dollar
			r.parts(b, part.Parts, "$")
		default:
			r.expands = true
			b.WriteString(r.text[part.Pos().Offset():part.End().Offset()])
		}
	}
}
