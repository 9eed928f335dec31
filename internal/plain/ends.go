package plain

import (
	"strings"

	"dagger/stack/internal/lazyregexp"
)

// ErrorLines is how much of what a command or a service has printed an error holds.
const ErrorLines = 20

// LastLines is the end of a text, indented, so that it stands out in an error.
func LastLines(text string, n int) string {
	lines := strings.Split(strings.TrimRight(Printable(text), "\n"), "\n")
	if len(lines) > n {
		lines = lines[len(lines)-n:]
	}
	return "  " + strings.Join(lines, "\n  ")
}

// chain is the engine's way to what has failed: the objects that need it, by names that are thousands of letters long.
var chain = lazyregexp.New(`(?:failed to load \w+ from converted ID: )?(?:load (?:\w+@|xxh3:)\S+: (?:inputs: )?)+`)

// FirstLine is what an error says, without the details in the lines after it.
func FirstLine(text string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(Printable(text)), "\n")
	return chain.ReplaceAllString(line, "")
}

// CommandError says why a command has failed, and shows the end of what it has printed.
func CommandError(why, stdout, stderr string) string {
	output := strings.TrimSpace(strings.TrimRight(stdout, "\n") + "\n" + stderr)
	if output == "" {
		return why
	}
	return why + "; its last lines:\n" + LastLines(output, ErrorLines)
}
