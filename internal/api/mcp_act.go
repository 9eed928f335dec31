package api

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"dagger/stack/internal/control"
	"dagger/stack/internal/limits"
	"dagger/stack/internal/protocol"
)

type snapshotInput struct {
	Name string `json:"name" jsonschema:"name of the snapshot: 1 to 32 letters, digits, dots and hyphens"`
}

// addActing adds the tools that change something.
func (s *Server) addActing(server *mcp.Server) {
	no := false
	tool(s, server, mcp.Tool{Name: "restart", Annotations: &mcp.ToolAnnotations{OpenWorldHint: &no}, Description: "End a service's process and start a new one; answers when it is healthy"}, s.toolRestart)
	tool(s, server, mcp.Tool{Name: "exec", Description: "Run a command in a service's container, with the service's user, variables and limits"}, s.toolExec)
	tool(s, server, mcp.Tool{Name: "snapshot", Annotations: &mcp.ToolAnnotations{DestructiveHint: &no, OpenWorldHint: &no}, Description: "Keep the data of all databases under a name; a snapshot of the same name is replaced"}, s.toolSnapshot)
	tool(s, server, mcp.Tool{Name: "rollback", Annotations: &mcp.ToolAnnotations{OpenWorldHint: &no}, Description: "Bring the data of a snapshot back: what was written since is lost"}, s.toolRollback)
}

func (s *Server) toolRestart(ctx context.Context, in struct {
	Service        string `json:"service" jsonschema:"name of the service"`
	WithDependents bool   `json:"withDependents,omitempty" jsonschema:"also restart the services that need it"`
}) (string, error) {
	var done []string
	request := control.RestartRequest{Service: in.Service, WithDependents: in.WithDependents, Timeout: defaultTimeout.String(), Refuse: true}
	err := s.Client.Restart(ctx, request, func(result protocol.RestartResult) { done = append(done, result.String()) })
	return strings.Join(done, "\n"), err
}

func (s *Server) toolExec(ctx context.Context, in struct {
	Service string   `json:"service" jsonschema:"name of the service"`
	Command string   `json:"command" jsonschema:"one program and its arguments; what needs a shell is sh -c '…'"`
	Env     []string `json:"env,omitempty" jsonschema:"more variables, each NAME=VALUE"`
	Workdir string   `json:"workingDir,omitempty" jsonschema:"folder, absolute or below the service's"`
	Stdin   string   `json:"stdin,omitempty" jsonschema:"input of the command"`
	Timeout string   `json:"timeout,omitempty" jsonschema:"when the command is killed, e.g. 90s; 10m unless given"`
}) (string, error) {
	request, err := control.ParseExec(in.Service, in.Command, in.Env)
	if err != nil {
		return "", err
	}
	leave, err := s.enterExec(&headOnly{})
	if err != nil {
		return "", err
	}
	defer leave()
	request.Workdir, request.Timeout, request.Input = in.Workdir, cmp.Or(in.Timeout, execTimeout.String()), in.Stdin != ""
	var stdout, stderr kept
	result, err := s.Client.Exec(ctx, request, strings.NewReader(in.Stdin), &stdout, &stderr)
	if err != nil {
		return "", err
	}
	how := fmt.Sprintf("exit code %d", result.Code)
	if result.TimedOut {
		how += ", killed at its timeout"
	}
	for name, output := range map[string]kept{"stdout": stdout, "stderr": stderr} {
		if output.cut > 0 {
			how += fmt.Sprintf("; %s of %s are left out", limits.Size(output.cut), name)
		}
	}
	return how + part("stdout", stdout) + part("stderr", stderr), nil
}

// part is one output of a command.
func part(name string, output kept) string {
	if len(output.text) == 0 {
		return ""
	}
	return "\n" + name + ":\n" + strings.TrimRight(end(string(output.text), "write it to a file, and read parts of that"), "\n")
}

func (s *Server) toolSnapshot(ctx context.Context, in snapshotInput) (string, error) {
	return snapshotLines(func(done func(control.SnapshotResult)) error {
		return s.Client.Snapshot(context.WithoutCancel(ctx), control.SnapshotRequest{Name: in.Name}, done)
	})
}

func (s *Server) toolRollback(ctx context.Context, in snapshotInput) (string, error) {
	return snapshotLines(func(done func(control.SnapshotResult)) error {
		return s.Client.Rollback(context.WithoutCancel(ctx), control.SnapshotRequest{Name: in.Name}, done)
	})
}

// snapshotLines is a line about each service.
func snapshotLines(do func(func(control.SnapshotResult)) error) (string, error) {
	var lines []string
	err := do(func(result control.SnapshotResult) { lines = append(lines, result.String()) })
	return strings.Join(lines, "\n"), err
}
