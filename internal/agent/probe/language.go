package probe

import (
	"crypto/tls"
	"fmt"
	"net/http"

	"dagger/stack/internal/spec"
)

// OverTLS ends the first line of what a server says that speaks TLS.
const OverTLS = " over TLS"

// language is a way to speak HTTP.
type language struct {
	name   string // for people
	kind   string // of a probe that asks in it
	scheme string
	over   string // what an answer's first line ends with
	client *http.Client
}

// languagesOf are HTTP as most servers speak it, with TLS, and the version 2 that gRPC speaks without TLS.
func languagesOf(dial dial) []language {
	plain, secure, second := transport(dial), transport(dial), secondVersion(dial)
	secure.TLSClientConfig = &tls.Config{InsecureSkipVerify: true} // a development server signs its certificate itself
	secure.ForceAttemptHTTP2 = true
	return []language{
		{"HTTP", "http", "http", "", client(plain)},
		{"TLS", "https", "https", OverTLS, client(secure)},
		{"HTTP/2 without TLS, as gRPC does", "grpc", "http", " over HTTP/2", client(second)},
	}
}

// flag is how a user says that a port is asked in the language.
func (l language) flag(get spec.HTTPGet) string {
	if l.kind != "grpc" && len(get.Paths) == 1 {
		return fmt.Sprintf("%s:%d%s", l.kind, get.Port, get.Paths[0])
	}
	return fmt.Sprintf("%s:%d", l.kind, get.Port)
}

func transport(dial dial) *http.Transport {
	return &http.Transport{DisableKeepAlives: true, DialContext: dial.abruptly}
}

// secondVersion speaks HTTP/2 without TLS from the first byte on.
func secondVersion(dial dial) *http.Transport {
	t := transport(dial)
	t.Protocols = new(http.Protocols)
	t.Protocols.SetUnencryptedHTTP2(true)
	return t
}

// client takes a redirection for an answer: where it leads is another service's matter.
func client(t *http.Transport) *http.Client {
	return &http.Client{Transport: t, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}
