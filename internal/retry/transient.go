package retry

import (
	"strings"

	"dagger/stack/internal/lazyregexp"
)

// permanent says no, whatever else a message holds: asking again with the same credentials, or for what is not
// there, gets the same answer.
var permanent = lazyregexp.New(`(?i)` + strings.Join([]string{
	`\b40[0134]\b`,
	`unauthorized`, `authentication required`, `authorization failed`, `access denied`, `requested access to the resource is denied`, `forbidden`,
	`manifest unknown`, `not found`, `repository does not exist`, `name unknown`,
	`dockerfile parse error`, `unknown instruction`,
	`no space left on device`,
	`no such host`, `name or service not known`, `\bENOTFOUND\b`, // a name that does not exist, or no network at all
}, "|"))

// passing are the signs of a network or a server that may be better in a second. The engine hands errors of the
// registry client, and of commands in a build, on as text (seen: see the tests), so text is all there is.
var passing = lazyregexp.New(`(?i)` + strings.Join([]string{
	`connection refused`, `connection reset`, `connection timed out`, `broken pipe`, `network is unreachable`, `no route to host`,
	`i/o timeout`, `handshake timeout`, `timeout awaiting response headers`, `request canceled while waiting`, `client\.timeout exceeded`,
	`unexpected eof`, `: eof\b`, `http2: server sent goaway`, `use of closed network connection`,
	`temporary failure in name resolution`, `server misbehaving`, `try again`,
	`\b(408|425|429|500|502|503|504)\b[ :]`, `too ?many ?requests`, `service unavailable`, `bad gateway`, `gateway time-?out`, `internal server error`,
	// npm, pnpm and yarn name the system's errors; pip and uv urllib3's and their own
	`\b(ECONNRESET|ECONNREFUSED|ETIMEDOUT|EAI_AGAIN|ERR_SOCKET_TIMEOUT|ESOCKETTIMEDOUT)\b`,
	`read timed out`, `connection broken`, `error sending request for url`,
}, "|"))

// denied are the words of package managers for a registry that wants to know who asks.
var denied = lazyregexp.New(`(?i)\bE?401\b|\bENEEDAUTH\b|unauthorized|authentication required|Failed to replace env in config`)

// Denied tells whether the output of a build says so.
func Denied(output string) bool { return denied.MatchString(output) }

// Transient tells whether an error with that text may pass by itself.
func Transient(message string) bool {
	return passing.MatchString(message) && !permanent.MatchString(message)
}
