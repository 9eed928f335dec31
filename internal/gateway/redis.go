package gateway

import (
	"bytes"
	"strconv"
	"time"
)

// redis is a talk in its protocol, RESP. A session has a state: who is logged in, a database, a transaction,
// subscriptions. A client that comes on another's line gets into all that, unless it can be told apart.
// Clients begin with HELLO or AUTH where there is a password: that begins a talk, if the last one is beyond its own beginning.
// Without a password only silence tells, so a session that has a state is not kept for long.
type redis struct {
	whole
	commands int  // that were said
	begins   bool // they were all of those with which clients begin
	authed   bool
	state    bool // the session is other than a new one
	holds    bool // a transaction, or watched keys
	waiting  bool // the last said was one that takes its time, or a subscription
	left     bool // the last said was QUIT
	heard    bool // the server has answered
	lost     bool // an inline command, or what cannot be understood

	args    int    // of the command that are to come
	skip    int64  // of an argument with its end
	line    []byte // a line that is not whole
	name    []byte // of the command
	isName  bool   // the next argument is
	auth    bool   // an argument of HELLO is AUTH
	replies int    // that the client waits for, where there is no service
}

const (
	// redisIdle is what many a server ends a silent client after (redis.conf's own example of timeout).
	redisIdle = 5 * time.Minute
	// redisShort is for a session that no login tells from the next, or that keeps others waiting.
	redisShort = 10 * time.Second
	// handshake is the longest pause within a client's beginning.
	handshake = 250 * time.Millisecond
	redisName = 24 // the longest name of a command, and then some
)

func (r *redis) between() bool { return r.args == 0 && r.skip == 0 && len(r.line) == 0 }

func (r *redis) another(text []byte, pause time.Duration) bool {
	if r.lost || !r.between() {
		return pause >= breath && (begins(text) || isLogin(text))
	}
	if text[0] != '*' {
		return pause >= breath && begins(text)
	}
	if !isLogin(text) || r.commands == 0 {
		return false
	}
	again := r.authed && bytes.Contains(bytes.ToUpper(text[:min(len(text), 64)]), []byte("AUTH"))
	return !r.begins || again || pause >= handshake
}

// isLogin tells whether a text begins with AUTH or HELLO.
func isLogin(text []byte) bool {
	if len(text) == 0 || text[0] != '*' {
		return false
	}
	_, rest := cutLine(text)
	size, rest := cutLine(rest)
	name, _ := cutLine(rest)
	return bytes.Equal(size, []byte("$4")) && is(name, "auth") || bytes.Equal(size, []byte("$5")) && is(name, "hello")
}

func (r *redis) said(text []byte) {
	for len(text) > 0 && !r.lost {
		if r.skip > 0 {
			n := int(min(r.skip, int64(len(text))))
			r.argument(text[:n])
			if r.skip -= int64(n); r.skip == 0 {
				r.endOfArgument()
			}
			text = text[n:]
			continue
		}
		end := bytes.IndexByte(text, '\n')
		if end < 0 || len(r.line)+end > 32 {
			r.line = append(r.line, text[:min(len(text), 64)]...)
			r.lost = len(r.line) > 32
			return
		}
		line := append(r.line, text[:end]...)
		text, r.line = text[end+1:], nil
		r.header(bytes.TrimSuffix(line, []byte{'\r'}))
	}
}

// header reads the line before a command or an argument.
func (r *redis) header(line []byte) {
	if len(line) < 2 {
		r.lost = true
		return
	}
	n, err := strconv.ParseInt(string(line[1:]), 10, 32)
	kind := line[0]
	switch {
	case err != nil || n < 0 || kind != '*' && kind != '$' || (kind == '*') != (r.args == 0):
		r.lost = true
	case kind == '*':
		r.args, r.isName, r.auth, r.name = int(n), true, false, r.name[:0]
	default:
		r.skip = n + 2
	}
}

// argument takes a part of one.
func (r *redis) argument(part []byte) {
	if room := redisName - len(r.name); room > 0 {
		r.name = append(r.name, part[:min(room, len(part))]...)
	}
}

func (r *redis) endOfArgument() {
	word := bytes.ToUpper(bytes.TrimRight(r.name, "\r\n"))
	if r.isName {
		r.isName = false
		r.command(string(word))
	} else if string(word) == "AUTH" && r.begins {
		r.authed = true // of HELLO
	}
	r.name = r.name[:0]
	r.args--
}

// command takes note of what a command does to the session.
func (r *redis) command(name string) {
	if r.commands == 0 {
		r.begins = true
	}
	r.commands++
	r.replies++
	r.left, r.waiting = false, false
	switch name {
	case "AUTH":
		r.authed, r.state = true, true
		return
	case "HELLO", "CLIENT", "COMMAND":
		r.state = true
		return
	case "RESET":
		*r = redis{args: r.args, name: r.name, replies: r.replies, heard: r.heard}
		return
	case "QUIT":
		r.left = true
	case "SELECT", "READONLY", "READWRITE", "ASKING":
		r.state = true
	case "MULTI", "WATCH":
		r.state, r.holds = true, true
	case "EXEC", "DISCARD", "UNWATCH":
		r.holds = false
	case "SUBSCRIBE", "PSUBSCRIBE", "SSUBSCRIBE", "MONITOR", "SYNC", "PSYNC":
		r.state, r.waiting = true, true
	case "BLPOP", "BRPOP", "BLMOVE", "BRPOPLPUSH", "BLMPOP", "BZPOPMIN", "BZPOPMAX", "BZMPOP", "XREAD", "XREADGROUP", "WAIT", "WAITAOF":
		r.waiting = true
	}
	r.begins = false
}

func (r *redis) answered(text []byte) []byte {
	r.replies = 0
	r.heard = r.heard || bytes.IndexByte([]byte("+-:$*%_,~"), text[0]) >= 0
	return text
}

func (r *redis) ended(how end) ([]byte, turn) {
	switch {
	case r.lost:
		return nil, waits
	case r.left:
		return nil, rests
	case !how.absent || !r.between():
		return nil, waits
	}
	// There was no service from the beginning. Clients know this error as one that passes.
	answer := bytes.Repeat([]byte("-LOADING stack: "+how.why+"\r\n"), min(r.replies, 64))
	*r = redis{}
	return answer, rests
}

// resume: of a session without a state nothing is lost; what was in one is told that it has ended.
func (r *redis) resume([]byte) turn {
	if (r.state || r.lost) && !r.left {
		return waits
	}
	return anew
}

func (r *redis) proven() bool { return r.heard && !r.lost }

func (r *redis) idle(silent time.Duration) bool {
	if r.lost || r.waiting || !r.between() {
		return false
	}
	if r.holds || r.state && !r.authed {
		return silent >= redisShort
	}
	return silent >= redisIdle
}
