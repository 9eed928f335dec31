package render

import (
	"fmt"
	"strings"

	"dagger/stack/internal/protocol"
)

// Up is what an up says at its end. failed are the services that it goes on without.
func Up(stack string, failed []string) string {
	how := "is healthy"
	if len(failed) > 0 {
		how = "runs without " + strings.Join(failed, ", ") + ", which failed"
	}
	return fmt.Sprintf("\nstack %q %s: keep it running with its ports published by a second `up`: %s\n", stack, how, protocol.CLI(stack, "up --project-path … up")) +
		fmt.Sprintf("logs       %s\n", protocol.CLI(stack, "logs --follow"))
}

// Addresses says where the dashboard and the API are. The token stands behind the #, which a browser does not send to anybody.
func Addresses(stack string, port int, token string) string {
	if port == 0 {
		return ""
	}
	return fmt.Sprintf("dashboard  http://localhost:%d/#token=%s\nAPI        http://localhost:%d/api/v1/projects/%s  (token %s)\n",
		port, token, port, stack, token)
}
