package golang

import (
	"regexp"
	"strconv"
	"strings"
)

// listening is an address on all interfaces where a program listens: that of net/http, and of the usual routers.
var listening = regexp.MustCompile(`(?:\bListenAndServe(?:TLS)?\(|\.(?:Run|RunTLS|Listen|Start|StartTLS)\(|\bAddr:)\s*"(?:0\.0\.0\.0)?:(\d{2,5})"`)

// listens is the port that the program's files say as a number; 0 if there is none, or if they read PORT.
func (l look) listens(main string) (port int) {
	sub := l.Sub(strings.TrimPrefix(main, "./"))
	for _, name := range sub.List().Files {
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			continue
		}
		text := sub.Read(name)
		if strings.Contains(text, `"PORT"`) {
			return 0
		}
		if match := listening.FindStringSubmatch(text); match != nil && port == 0 {
			port, _ = strconv.Atoi(match[1]) // the pattern matches digits alone
		}
	}
	return port
}
