package api

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"dagger/stack/internal/limits"
	"dagger/stack/internal/protocol"
)

const (
	// mcpPath is where agents look: the Model Context Protocol, over streamable HTTP. All of it is POST, so each tool says for itself
	// whether it needs the token.
	mcpPath    = "/mcp"
	mcpPattern = "POST " + mcpPath
	// mcpRequestMax is the largest message of a client, with the input of a command in it.
	mcpRequestMax = 1 << 20
	// toolTextMax is as much as an answer holds: an agent's memory is short, and it can ask for less.
	toolTextMax = 32 << 10
)

const instructions = `The services of a development stack that runs. Look at "services" first: it says what is healthy and why not.
"logs" takes grep, a regular expression, and since. Tools that change something need the stack's token in the header Authorization.
Edits of the project's files are not brought by these tools: the function "watch" of the stack does that while you edit.`

// tools is the server of the Model Context Protocol. It is made when it is first asked for.
func (s *Server) tools() http.Handler {
	made := sync.OnceValue(func() http.Handler {
		server := mcp.NewServer(&mcp.Implementation{Name: "stack", Title: "stack " + s.Client.Name, Version: "1.0.0"}, &mcp.ServerOptions{Instructions: instructions})
		s.addReading(server)
		s.addActing(server)
		// Without sessions: Dagger's tunnel does not tell when a client has left. The guard has looked at the names and the origin.
		return mcp.NewStreamableHTTPHandler(func(*http.Request) *mcp.Server { return server },
			&mcp.StreamableHTTPOptions{Stateless: true, JSONResponse: true, DisableLocalhostProtection: true, MaxRequestBodyBytes: mcpRequestMax})
	})
	return handler(func(w http.ResponseWriter, r *http.Request) error {
		if err := takesLonger(w); err != nil {
			return err
		}
		made().ServeHTTP(w, r)
		return nil
	})
}

// reading is what is said of tools that change nothing: who may read logs may use them. All others need the token.
var reading = &mcp.ToolAnnotations{ReadOnlyHint: true}

// tool is one that answers with a text. What it returns as an error is an answer, too: the agent reads what to do.
func tool[In any](s *Server, server *mcp.Server, of mcp.Tool, do func(context.Context, In) (string, error)) {
	mcp.AddTool(server, &of, func(ctx context.Context, request *mcp.CallToolRequest, in In) (*mcp.CallToolResult, any, error) {
		if of.Annotations != reading && (request.Extra == nil || !s.trusts(bearer(request.Extra.Header))) {
			return nil, nil, fmt.Errorf("this needs the stack's token: have the client send the header Authorization: Bearer TOKEN with what %s prints", protocol.CLI(s.Client.Name, "api-token"))
		}
		text, err := do(ctx, in)
		if err != nil {
			return nil, nil, err
		}
		return &mcp.CallToolResult{Content: []mcp.Content{&mcp.TextContent{Text: text}}}, nil, nil
	})
}

// end is the last lines of a text that an answer has room for, and says what is left out, and what to do.
func end(text, advice string) string {
	if len(text) <= toolTextMax {
		return text
	}
	cut := len(text) - toolTextMax
	if line := strings.IndexByte(text[cut:], '\n'); line >= 0 && cut+line+1 < len(text) {
		cut += line + 1
	}
	return "[" + limits.Size(int64(cut)) + " before this are left out: " + advice + "]\n" + strings.ToValidUTF8(text[cut:], "\uFFFD")
}
