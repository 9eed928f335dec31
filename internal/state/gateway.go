package state

import (
	"os"
	"path/filepath"
	"time"
)

// Gateway is what publishes the ports says about itself. It is no service: nobody restarts it, and it ends with the call that
// publishes.
type Gateway struct {
	Session string          `json:"session"` // of the engine
	Updated time.Time       `json:"updated"`
	Ports   []PublishedPort `json:"ports"`
}

// PublishedPort is a port and who has come there so far.
type PublishedPort struct {
	Port    int    `json:"port"`
	Service string `json:"service,omitempty"` // empty: the API
	Lines   int    `json:"lines"`             // source ports that are in use, of at most
	Max     int    `json:"max"`               // so many
	Full    bool   `json:"full,omitempty"`    // no more are taken
	Began   int    `json:"began,omitempty"`   // connections with the service
	Failed  int    `json:"failed,omitempty"`  // clients that could not be taken
	Ended   int    `json:"ended,omitempty"`   // source ports that cannot be used again
	InVain  int    `json:"inVain,omitempty"`  // of these, on which a client came again
}

const gatewayName = "gateway.json"

// gatewayStale is when a gateway that says nothing is taken for gone: after three heartbeats that did not come, so that who asks
// knows within five seconds.
const gatewayStale = 4 * Heartbeat

// Gone tells whether the gateway has ended without a word, or hangs.
func (g Gateway) Gone(now time.Time) bool { return now.Sub(g.Updated) >= gatewayStale }

// WriteGateway replaces what the gateway says.
func (s Stack) WriteGateway(gateway Gateway) error {
	if err := writeJSON(filepath.Join(s.root, gatewayName), gateway); err != nil {
		return err
	}
	return s.TouchGateway(gateway.Updated)
}

// TouchGateway says that the gateway is there, and nothing else: on a full disk it can say no more.
func (s Stack) TouchGateway(now time.Time) error {
	return os.Chtimes(filepath.Join(s.root, gatewayName), now, now)
}

// Gateway is the last that it said, fs.ErrNotExist if there never was one.
func (s Stack) Gateway() (Gateway, error) {
	path := filepath.Join(s.root, gatewayName)
	gateway, err := readJSON[Gateway](path)
	if info, statErr := os.Stat(path); err == nil && statErr == nil {
		gateway.Updated = info.ModTime()
	}
	return gateway, err
}

// ForgetGateway is for one that ends as it should. What another session's says stays.
func (s Stack) ForgetGateway(session string) error {
	if gateway, err := s.Gateway(); err != nil || gateway.Session != session {
		return ignoreMissing(err)
	}
	return ignoreMissing(os.Remove(filepath.Join(s.root, gatewayName)))
}
