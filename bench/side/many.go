package side

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"dagger/stack/bench/outside"
)

// The small static server that the curves of growth are made of, the same on both sides.
const (
	serverImage   = "alpine:3"
	serverCommand = "busybox httpd -f -p 8080 -h /etc"
	serverPath    = "/alpine-release"
	serverUser    = "1000:1000"
)

func servers(n, firstPort int) (targets []outside.Target) {
	for i := range n {
		targets = append(targets, outside.HTTP(serverName(i), firstPort+i, serverPath))
	}
	return targets
}

func serverName(i int) string { return fmt.Sprintf("web%d", i+1) }

// firstServer is the port that the first server of a compose file is published on.
const firstServer = 17500

// serversFile is a compose file of n servers and nothing else.
func serversFile(n int) string {
	var text strings.Builder
	text.WriteString("services:\n")
	for i := range n {
		fmt.Fprintf(&text, `  %s:
    image: %s
    command: %s
    user: "%s"
    init: true
    ports: ["127.0.0.1:%d:8080"]
    restart: on-failure
    healthcheck: {test: ["CMD", "wget", "-q", "-O", "/dev/null", "http://127.0.0.1:8080%s"], interval: 5s, start_interval: 25ms, timeout: 3s, start_period: 60s}
`, serverName(i), serverImage, serverCommand, serverUser, firstServer+i, serverPath)
	}
	return text.String()
}

// OneFile is the same compose file of n servers for both sides, one after the other: its ports are the same.
func OneFile(daemon *Daemon, root string, n int) (*Compose, *Stack, error) {
	dir := filepath.Join(daemon.dir, fmt.Sprintf("one-file-%d", n))
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, nil, err
	}
	compose, stack := NewCompose(daemon, filepath.Join(dir, "compose.yaml")), NewStack(root, dir)
	compose.targets, stack.targets = servers(n, firstServer), servers(n, firstServer)
	stack.flags = []string{"--api-port", strconv.Itoa(stack.ports.API)}
	return compose, stack, os.WriteFile(compose.file, []byte(serversFile(n)), 0o644)
}
