// Package api serves a stack over HTTP: for programs, as JSON and as a stream, and for people, as a dashboard. It runs
// in the gateway's container and knows no more than the state volume, so it tells what every other session is told.
//
// openapi.json describes it, and a test holds the two against each other.
package api

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"dagger/stack/internal/control"
)

// Config is what a user may choose about the API.
type Config struct {
	Port    int
	Hosts   []string // names that it is reached by, beside those of this machine
	Private bool     // reading needs the token, too
	NoShell bool     // no commands are run: neither exec nor terminals
}

// TokenName is the secret of the stack that lets a client change something.
const TokenName = "api-token"

// Server is the API of one stack.
type Server struct {
	Config
	Client control.Client
	Token  string
	// Resolved is the stack as it was understood, as JSON: what config prints.
	Resolved json.RawMessage

	reads   chan struct{} // a place for each answer that is made of logs
	execs   chan struct{} // a place for each command
	streams *streams
}

// New is a server that reads the stack's token, and makes it if there is none.
func New(config Config, client control.Client) (*Server, error) {
	token, err := client.State.Secret(TokenName)
	if err != nil {
		return nil, err
	}
	return &Server{
		Config: config, Client: client, Token: string(token),
		reads: make(chan struct{}, readsAtOnce), execs: make(chan struct{}, execsAtOnce), streams: newStreams(),
	}, nil
}

// ForStrangers is the same server for who comes from another container, and not from the machine: without the token a service
// cannot read what others print.
func (s *Server) ForStrangers() *Server {
	private := *s
	private.Private = true
	return &private
}

const (
	// readsAtOnce bounds memory: a tail of 10,000 lines can hold as much as the logs do, 64 MiB of each service.
	readsAtOnce = 1
	// requestMax is far beyond what a request says, but for the stdin of a command.
	requestMax = 4 << 10
	headersMax = 16 << 10
)

// Timeouts of a connection; a restart and a stream have their own for what they write.
const (
	readTimeout  = 10 * time.Second
	writeTimeout = 30 * time.Second
	idleTimeout  = time.Minute
)

// Serve answers until the context ends or the listener fails.
func (s *Server) Serve(ctx context.Context, listener net.Listener) error {
	server := &http.Server{
		Handler:           s.Handler(),
		ReadHeaderTimeout: readTimeout, ReadTimeout: readTimeout, WriteTimeout: writeTimeout, IdleTimeout: idleTimeout,
		MaxHeaderBytes: headersMax,
		BaseContext:    func(net.Listener) context.Context { return ctx },
	}
	stop := context.AfterFunc(ctx, func() { server.Close() })
	defer stop()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("the API: %w", err)
	}
	return ctx.Err()
}

//go:embed openapi.json
var document string

const (
	// terminalPattern is the one that a browser can send no header to.
	terminalPattern = "GET /api/v1/projects/{name}/services/{service}/terminal"
	// urlsPattern answers with passwords.
	urlsPattern = "GET /api/v1/projects/{name}/urls"
)

// Handler answers every request: see guard for what comes before the functions named here.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /api/v1/projects", plain(s.projects))
	const project = "/api/v1/projects/{name}"
	for pattern, handle := range map[string]handler{
		"GET " + project + "/health":                      plain(s.health),
		"GET " + project + "/stats":                       plain(s.stats),
		"GET " + project + "/logs":                        s.logs,
		"GET " + project + "/logs/{service}":              s.logs,
		"GET " + project + "/services/{service}":          plain(s.service),
		"GET " + project + "/config":                      plain(s.config),
		"GET " + project + "/history":                     s.history,
		"GET " + project + "/events":                      s.events,
		"GET " + project + "/events/{page}":               plain(s.stays),
		"GET " + project + "/services/{service}/top":      plain(s.top),
		"POST " + project + "/services/{service}/restart": plain(s.restart),
		"POST " + project + "/services/{service}/kill":    plain(s.kill),
		"POST " + project + "/services/{service}/pause":   plain(s.hold(s.Client.Pause)),
		"POST " + project + "/services/{service}/unpause": plain(s.hold(s.Client.Unpause)),

		urlsPattern:                                          plain(s.urls),
		"GET " + project + "/snapshots":                      plain(s.snapshots),
		"POST " + project + "/snapshots/{snapshot}":          plain(s.snapshot),
		"POST " + project + "/snapshots/{snapshot}/rollback": plain(s.rollback),
		"POST " + project + "/snapshots/{snapshot}/clones":   s.clones,
		"DELETE " + project + "/snapshots/{snapshot}":        s.dropSnapshot,
	} {
		mux.Handle(pattern, small(s.ofProject(handle)))
	}
	mux.Handle("POST "+project+"/services/{service}/exec", s.ofProject(s.exec))
	mux.Handle(terminalPattern, s.ofProject(s.terminal))
	mux.HandleFunc("GET /openapi.json", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		io.WriteString(w, document)
	})
	mux.Handle("GET "+metricsPath, plain(s.metrics))
	mux.Handle(mcpPattern, s.tools())
	addDashboard(mux)
	return s.guard(mux)
}

// small bounds the body.
func small(next handler) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		r.Body = http.MaxBytesReader(w, r.Body, requestMax)
		return next(w, r)
	}
}

// ofProject refuses a project that is not this stack.
func (s *Server) ofProject(next handler) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		if name := r.PathValue("name"); name != s.Client.Name {
			return failure{http.StatusNotFound, "unknown_project", fmt.Sprintf("project %q is not served here: this is %q", name, s.Client.Name)}
		}
		return next(w, r)
	}
}
