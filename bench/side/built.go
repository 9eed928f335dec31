package side

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"dagger/stack/bench/outside"
)

// Built is a compose file of one service that is built from source: a Go program. Both sides start it, one after the other.
type Built struct {
	Compose *Compose
	Stack   *Stack
	dir     string
}

// BuiltPort is where its page is published.
const BuiltPort = 17490

// builtFiles are the project but for the program. The build keeps the compiler's cache, as the best users of both have it.
var builtFiles = map[string]string{
	"go.mod": "module example.com/page\n\ngo 1.25\n",
	"Dockerfile": `FROM golang:1.26-alpine AS build
WORKDIR /src
COPY go.mod *.go ./
RUN --network=none --mount=type=cache,target=/root/.cache/go-build CGO_ENABLED=0 go build -o /page .

FROM alpine:3
COPY --from=build /page /page
USER 1000:1000
CMD ["/page"]
`,
	"compose.yaml": fmt.Sprintf(`services:
  page:
    build: .
    ports: ["127.0.0.1:%d:8080"]
    healthcheck: {test: ["CMD", "wget", "-q", "-O", "/dev/null", "http://127.0.0.1:8080/"], interval: 5s, start_interval: 25ms, timeout: 3s, start_period: 60s}
`, BuiltPort),
}

// NewBuilt writes the project.
func NewBuilt(daemon *Daemon, root string) (*Built, error) {
	b := &Built{dir: filepath.Join(daemon.dir, "built")}
	if err := os.MkdirAll(b.dir, 0o755); err != nil {
		return nil, err
	}
	for name, text := range builtFiles {
		if err := os.WriteFile(filepath.Join(b.dir, name), []byte(text), 0o644); err != nil {
			return nil, err
		}
	}
	b.Compose, b.Stack = NewCompose(daemon, filepath.Join(b.dir, "compose.yaml")), NewStack(root, b.dir)
	b.Compose.build = true
	b.Compose.targets = []outside.Target{outside.HTTP("page", BuiltPort, "/")}
	b.Stack.targets = b.Compose.targets
	b.Stack.flags = []string{"--api-port", strconv.Itoa(b.Stack.ports.API)}
	return b, b.Write("nothing yet")
}

// Write changes the one source file: what the page says.
func (b *Built) Write(words string) error {
	program := fmt.Sprintf(`package main

import (
	"fmt"
	"log"
	"net/http"
)

func main() {
	http.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, %q) })
	log.Fatal(http.ListenAndServe(":8080", nil))
}
`, words)
	return os.WriteFile(filepath.Join(b.dir, "main.go"), []byte(program), 0o644)
}
