// Package plain is text that others have a say in, as errors and reports hold it.
package plain

import (
	"strings"

	"dagger/stack/internal/lazyregexp"
)

// commands of a terminal (ECMA-48): what begins with ESC [ or ESC ], as colours and titles do.
var commands = lazyregexp.New(`\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(\x07|\x1b\\)?`)

// Printable is a text in which a service may have a say, without what would command the terminal that shows it. Its lines stay. The
// log alone is shown as it is.
func Printable(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n', r == '\t':
			return r
		case r < ' ', r >= 0x7f && r < 0xa0: // C0, DEL and C1
			return ' '
		}
		return r
	}, commands.ReplaceAllString(strings.ReplaceAll(text, "\r\n", "\n"), ""))
}

// Line is Printable on one line.
func Line(text string) string {
	return strings.NewReplacer("\n", " ", "\t", " ").Replace(Printable(text))
}
