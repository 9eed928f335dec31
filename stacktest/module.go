package stacktest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"dagger.io/dagger"
)

// sessionVariable is set where this program runs in somebody else's session, as with dagger run.
const sessionVariable = "DAGGER_SESSION_PORT"

// cli makes the SDK use the CLI on the PATH. Without it the SDK would download one.
var cli = sync.OnceValue(func() error {
	const variable = "_EXPERIMENTAL_DAGGER_CLI_BIN"
	if os.Getenv(variable) != "" || os.Getenv(sessionVariable) != "" {
		return nil
	}
	path, err := exec.LookPath("dagger")
	if err != nil {
		return errors.New("there is no dagger on the PATH: install Dagger v0.21.8 or later (https://docs.dagger.io/install)")
	}
	return os.Setenv(variable, path)
})

// connect opens a session of its own: what is started in it ends with it.
func connect(log io.Writer) (*dagger.Client, error) {
	if err := cli(); err != nil {
		return nil, err
	}
	// The context is that of the CLI's process, which Close ends.
	client, err := dagger.Connect(context.Background(), dagger.WithLogOutput(log))
	if err != nil {
		return nil, fmt.Errorf("connect to a Dagger engine: %w", err)
	}
	return client, nil
}

// module is the stack module in a session.
type module struct {
	client *dagger.Client
	ignore []string // what of a project it does not want
}

// load makes the module's functions known to the session.
func load(ctx context.Context, client *dagger.Client, ref string) (module, error) {
	m := module{client: client}
	if ref == "" {
		return m, errors.New("which stack module? Name its path, or its git URL with a version, as Options.Module or in $STACK")
	}
	if _, err := os.Stat(ref); err == nil {
		if ref, err = filepath.Abs(ref); err != nil {
			return m, err
		}
	}
	err := client.ModuleSource(ref).AsModule().Serve(ctx)
	if err == nil {
		m.ignore, err = m.ignored(ctx, ref)
	}
	if err != nil {
		return m, fmt.Errorf("load the module %s: %w", ref, err)
	}
	return m, nil
}

// ignored is what the function up says that it does not want of a project: what builds leave, dependencies and their like are not
// uploaded.
func (m module) ignored(ctx context.Context, ref string) ([]string, error) {
	var answer struct {
		ModuleSource struct {
			AsModule struct {
				Objects []struct {
					AsObject struct {
						Functions []struct {
							Name string
							Args []struct {
								Name   string
								Ignore []string
							}
						}
					}
				}
			}
		}
	}
	err := m.ask(ctx, fmt.Sprintf("{moduleSource(refString: %s) {asModule {objects {asObject {functions {name args {name ignore}}}}}}}", literal(ref)), &answer)
	for _, object := range answer.ModuleSource.AsModule.Objects {
		for _, function := range object.AsObject.Functions {
			for _, arg := range function.Args {
				if function.Name == "up" && arg.Name == "projectPath" {
					return arg.Ignore, err
				}
			}
		}
	}
	return nil, errors.Join(err, errors.New("is it the stack module? It has no function up of a project"))
}

// arguments are those of the module's stack, as a query has them.
func (m module) arguments(ctx context.Context, args map[string]any) (string, error) {
	var texts []string
	for name, value := range args {
		if secret, is := value.(Secret); is {
			id, err := m.client.SetSecret(fmt.Sprintf("stacktest-%s-%s", args["name"], name), string(secret)).ID(ctx)
			if err != nil {
				return "", err
			}
			value = id
		}
		texts = append(texts, name+": "+literal(value))
	}
	slices.Sort(texts)
	return strings.Join(texts, ", "), nil
}

// up starts the stack and returns the service that publishes its ports.
func (m module) up(ctx context.Context, args, project string, services []string) (*dagger.Service, error) {
	path, err := filepath.Abs(project)
	if err != nil {
		return nil, err
	}
	folder, err := m.client.Host().Directory(path, dagger.HostDirectoryOpts{Exclude: m.ignore}).ID(ctx)
	if err != nil {
		return nil, err
	}
	var answer struct {
		Stack struct {
			Up struct{ ID dagger.ServiceID }
		}
	}
	of := "projectPath: " + literal(folder)
	if len(services) > 0 {
		of += ", service: " + literal(services)
	}
	err = m.ask(ctx, fmt.Sprintf("{stack(%s) {up(%s) {id}}}", args, of), &answer)
	return m.client.LoadServiceFromID(answer.Stack.Up.ID), err
}

// text is the answer of a function without arguments.
func (m module) text(ctx context.Context, args, function string) (string, error) {
	var answer struct{ Stack struct{ Text string } }
	err := m.ask(ctx, fmt.Sprintf("{stack(%s) {text: %s}}", args, function), &answer)
	return answer.Stack.Text, err
}

func (m module) ask(ctx context.Context, query string, answer any) error {
	return m.client.Do(ctx, &dagger.Request{Query: query}, &dagger.Response{Data: answer})
}

// literal is a value in a query. JSON's text, numbers and lists are GraphQL's.
func literal(value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		return fmt.Sprintf("%q", fmt.Sprint(value)) // the engine says what it wants
	}
	return string(text)
}

// tunnel opens a port of the host, one that is free, for each that a service has.
func tunnel(ctx context.Context, client *dagger.Client, service *dagger.Service) (map[int]int, error) {
	inside, err := numbers(ctx, service)
	if err != nil {
		return nil, err
	}
	var forward []dagger.PortForward
	for _, port := range inside {
		forward = append(forward, dagger.PortForward{Backend: port})
	}
	opened, err := client.Host().Tunnel(service, dagger.HostTunnelOpts{Ports: forward}).Start(ctx)
	if err != nil {
		return nil, fmt.Errorf("open ports of the host: %w", err)
	}
	outside, err := numbers(ctx, opened) // in the same order
	if err != nil || len(outside) != len(inside) {
		return nil, errors.Join(err, fmt.Errorf("of the ports %v, %v were opened", inside, outside))
	}
	found := map[int]int{}
	for i, port := range inside {
		found[port] = outside[i]
	}
	return found, nil
}

// numbers are the ports of a service.
func numbers(ctx context.Context, service *dagger.Service) (found []int, err error) {
	ports, err := service.Ports(ctx)
	if err != nil {
		return nil, err
	}
	for _, port := range ports {
		number, err := port.Port(ctx)
		if err != nil {
			return nil, err
		}
		found = append(found, number)
	}
	return found, nil
}
