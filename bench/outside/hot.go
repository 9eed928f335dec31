package outside

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"

	"github.com/coder/websocket"
)

// SaysAt waits until an answer has a text in it.
func SaysAt(ctx context.Context, port int, path, text string) error {
	var last error
	return until(ctx, &last, func() bool {
		var body []byte
		if body, last = fetch(ctx, port, path); last == nil && !strings.Contains(string(body), text) {
			last = fmt.Errorf("it says %.200q", body)
		}
		return last == nil
	}, fmt.Sprintf("port %d does not say %q at %s", port, text, path))
}

// plain keeps no connections: each answer is a new one's, as a browser's after a reload.
var plain = &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}

func fetch(ctx context.Context, port int, path string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, attempt)
	defer cancel()
	return get(ctx, plain, "http://"+local(port)+path)
}

// HotModule is a module of a page that a development server of Vite serves, and the connection over which it tells of edits.
type HotModule struct {
	conn *websocket.Conn
	path string
}

var viteToken = regexp.MustCompile(`wsToken\s*=\s*"([^"]+)"`)

// NewHotModule loads the module, as a page does, and listens.
func NewHotModule(ctx context.Context, port int, path string) (*HotModule, error) {
	client, err := fetch(ctx, port, "/@vite/client")
	if err != nil {
		return nil, err
	}
	token := viteToken.FindSubmatch(client)
	if token == nil {
		return nil, errors.New("vite's client has no token")
	}
	if _, err := fetch(ctx, port, path); err != nil {
		return nil, err
	}
	conn, _, err := websocket.Dial(ctx, fmt.Sprintf("ws://%s/?token=%s", local(port), token[1]), &websocket.DialOptions{Subprotocols: []string{"vite-hmr"}})
	if err != nil {
		return nil, err
	}
	h := &HotModule{conn, path}
	_, err = h.until(ctx, func(m message) bool { return m.Type == "connected" })
	return h, err
}

// Close leaves the server.
func (h *HotModule) Close() { _ = h.conn.CloseNow() }

// Updated waits until the server tells that the module is another.
func (h *HotModule) Updated(ctx context.Context) error {
	_, err := h.until(ctx, func(m message) bool {
		for _, update := range m.Updates {
			if update.Path == h.path {
				return true
			}
		}
		return m.Type == "full-reload"
	})
	return err
}

// message is one of Vite's (vite/types/hmrPayload.d.ts).
type message struct {
	Type    string
	Updates []struct{ Path string }
}

func (h *HotModule) until(ctx context.Context, wanted func(message) bool) (m message, err error) {
	for {
		_, text, err := h.conn.Read(ctx)
		if err != nil {
			return m, err
		}
		if err := json.Unmarshal(text, &m); err == nil && wanted(m) {
			return m, nil
		}
	}
}
