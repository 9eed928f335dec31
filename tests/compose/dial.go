package compose

import (
	"io"
	"net"
	"strings"
	"time"
)

// ask connects with a published port, given as "tcp 127.0.0.1:18080", and is what the service says first. A port that nobody listens on yet
// is asked again for some seconds: a service may be a moment behind its container.
func ask(dial func(network, address string) (net.Conn, error), address string) string {
	network, host, _ := strings.Cut(address, " ")
	answer := "refused"
	for end := time.Now().Add(3 * time.Second); time.Now().Before(end); time.Sleep(200 * time.Millisecond) {
		conn, err := dial(network, host)
		if err != nil {
			continue
		}
		text := first(conn)
		if text != "" {
			return text
		}
		answer = "nothing" // whether the connection was then closed or reset is no matter
	}
	return answer
}

// first is what is said on a connection within two seconds. The other side hears a line: UDP has no other way to say that somebody is here.
func first(conn net.Conn) string {
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(2 * time.Second)); err != nil {
		return ""
	}
	if _, err := conn.Write([]byte("\n")); err != nil {
		return ""
	}
	text, _ := io.ReadAll(io.LimitReader(conn, 4096)) // an error is the end of what was said
	return strings.TrimSpace(string(text))
}
