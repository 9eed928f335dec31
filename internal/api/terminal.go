package api

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/coder/websocket"

	"dagger/stack/internal/control"
	"dagger/stack/internal/protocol"
	"dagger/stack/internal/socket"
)

const (
	// terminalProtocol is what both sides speak (RFC 6455, 1.9). A browser can send no header with a WebSocket: the token is a second
	// protocol that the page names, as with Kubernetes.
	terminalProtocol = "stack"
	tokenProtocol    = "token."
	// A page that has left does not answer: the engine's tunnel tells nobody. One on a busy machine takes its time.
	pingEvery   = 15 * time.Second
	pingTimeout = time.Minute
	messageMax  = 64 << 10
	sizeMax     = 1000
)

// terminal connects a page with a shell in a service, or with another command. Each message begins with a byte that says what it is: the
// kinds of socket.Frame.
func (s *Server) terminal(w http.ResponseWriter, r *http.Request) error {
	request, err := terminalRequest(r)
	if err != nil {
		return err
	}
	leave, err := s.enterExec(w)
	if err != nil {
		return err
	}
	defer leave()
	if !strings.EqualFold(r.Header.Get("Upgrade"), "websocket") {
		return failure{http.StatusUpgradeRequired, "upgrade_required", "a terminal is a WebSocket: want the header Upgrade: websocket"}
	}
	// The origin was looked at by guard.
	conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{Subprotocols: []string{terminalProtocol}, InsecureSkipVerify: true})
	if err != nil {
		return nil //nolint:nilerr // it has answered
	}
	defer conn.CloseNow() //nolint:errcheck // it is closed in any case
	conn.SetReadLimit(messageMax)
	page := &page{conn}
	result, err := s.connect(r.Context(), page, request)
	if err != nil {
		_ = page.send(socket.FrameFailure, []byte(err.Error()))
		return nil
	}
	if text, err := json.Marshal(result); err == nil {
		_ = page.send(socket.FrameResult, text)
	}
	_ = conn.Close(websocket.StatusNormalClosure, "")
	return nil
}

func terminalRequest(r *http.Request) (request control.ExecRequest, err error) {
	v, err := parameters(r, "command", "rows", "columns")
	if err != nil {
		return request, err
	}
	if request, err = control.ParseExec(r.PathValue("service"), cmp.Or(v["command"], control.Shell), nil); err != nil {
		return request, err
	}
	rows, err := v.characters("rows")
	if err != nil {
		return request, err
	}
	columns, err := v.characters("columns")
	request.Terminal = &protocol.Size{Rows: rows, Columns: columns}
	return request, err
}

// characters is a size of a terminal.
func (v values) characters(name string) (uint16, error) {
	n, err := strconv.ParseUint(v[name], 10, 16)
	if err != nil || n == 0 || n > sizeMax {
		return 0, badRequest("%s %q: want 1 to %d characters", name, v[name], sizeMax)
	}
	return uint16(n), nil
}

// connect runs the command until it has ended or the page has left.
func (s *Server) connect(ctx context.Context, page *page, request control.ExecRequest) (result protocol.ExecResult, err error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	command, err := s.Client.Start(ctx, request)
	if err != nil {
		return result, err
	}
	defer command.Close()
	go func() { cancel(page.listen(ctx, command)) }()
	go func() { cancel(page.stays(ctx)) }()
	return command.Wait(ctx, page, page)
}

// page is the other end of a terminal.
type page struct{ *websocket.Conn }

// send sends one message. A page that takes nothing for writeTimeout is given up.
func (p *page) send(kind socket.Frame, text []byte) error {
	ctx, cancel := context.WithTimeout(context.Background(), writeTimeout)
	defer cancel()
	return p.Conn.Write(ctx, websocket.MessageBinary, append([]byte{byte(kind)}, text...))
}

// Write shows what the command prints.
func (p *page) Write(text []byte) (int, error) { return len(text), p.send(socket.FrameStdout, text) }

// listen hands on what is typed, and each size.
func (p *page) listen(ctx context.Context, command *control.Command) error {
	for {
		_, message, err := p.Read(ctx)
		if err != nil {
			return err
		}
		if len(message) == 0 {
			return errors.New("an empty message")
		}
		switch text := message[1:]; socket.Frame(message[0]) {
		case socket.FrameStdin:
			err = command.Type(text)
		case socket.FrameResize:
			var size protocol.Size
			if err = json.Unmarshal(text, &size); err == nil {
				err = command.Resize(size)
			}
		default:
			err = errors.New("a message of a kind that is not known")
		}
		if err != nil {
			return err
		}
	}
}

// stays returns when the page has left.
func (p *page) stays(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(pingEvery):
		}
		ping, cancel := context.WithTimeout(ctx, pingTimeout)
		err := p.Ping(ping)
		cancel()
		if err != nil {
			return fmt.Errorf("the page has not answered for %s", pingTimeout)
		}
	}
}
