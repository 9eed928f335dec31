package command

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"time"

	"dagger/stack/internal/agent"
	"dagger/stack/internal/agent/boot"
	"dagger/stack/internal/agent/names"
	"dagger/stack/internal/agent/process"
	"dagger/stack/internal/control"
	"dagger/stack/internal/layout"
	"dagger/stack/internal/spec"
	"dagger/stack/internal/state"
)

// cgroupName is what the service's cgroup is called, below the container's own.
const cgroupName = "service"

// garbage is how much of the live heap may be garbage before it is collected, in percent. There is an agent for every
// service, each with a small heap and little to do: half of Go's default keeps 1.4 MB of its 6.6 out of memory.
const garbage = 50

// described is the service that the agent's container was made for.
func described() (service spec.Service, err error) {
	data, err := given(layout.Spec)
	if err != nil {
		return service, err
	}
	if err := json.Unmarshal(data, &service); err != nil {
		return service, fmt.Errorf("%s: %w", layout.Spec, err)
	}
	return service, nil
}

// given is what install.WithText has put there. One that came in a variable becomes the file, and is in no other process's environment.
func given(file string) ([]byte, error) {
	value, is := os.LookupEnv(layout.Variable(file))
	if !is {
		return os.ReadFile(file)
	}
	return []byte(value), errors.Join(os.Unsetenv(layout.Variable(file)), os.WriteFile(file, []byte(value), 0o600))
}

// run is the agent as installed in a container.
func run(ctx context.Context, args []string) (int, error) {
	stack := stateIn(argument(args, 0))
	debug.SetGCPercent(garbage)
	service, err := described()
	if err != nil {
		return 0, err
	}
	session, err := ownSession()
	if err != nil {
		return 0, err
	}
	code, err := supervise(ctx, stack, service, session)
	if err != nil {
		// For who waits for it in another container: this one's output is nobody's any more.
		failure := state.Failure{Session: session, Time: time.Now(), Why: err.Error()}
		err = errors.Join(err, stack.Service(service.Name).WriteFailure(failure))
	}
	return code, err
}

// once runs a command to its end. How the command has ended is in a file: the exit code of this process says whether it was run.
func oneOff(ctx context.Context, args []string) (int, error) {
	service, err := described()
	if err != nil {
		return 0, err
	}
	config, err := configure(stateIn(argument(args, 0)), service)
	if err != nil {
		return 0, err
	}
	result, err := agent.OneOff(ctx, config, layout.OneOff)
	if err != nil {
		return 0, err
	}
	data, err := json.Marshal(result)
	if err != nil {
		return 0, err
	}
	return 0, os.WriteFile(layout.Result, data, 0o600)
}

// supervise is the agent's life.
func supervise(ctx context.Context, stack state.Stack, service spec.Service, session string) (int, error) {
	config, err := configure(stack, service)
	if err != nil {
		return 0, err
	}
	config.Instance, config.Session = layout.Instance, session
	watching, stop := context.WithCancel(ctx)
	defer stop()
	go watchGateway(watching, stack, service.Name, session, os.Stderr)
	return agent.Run(ctx, config)
}

// configure closes the container, and says where an agent finds things in it.
func configure(stack state.Stack, service spec.Service) (agent.Config, error) {
	address, err := agent.OwnAddress()
	if err != nil {
		return agent.Config{}, err
	}
	byName, isolation, err := closeContainer(service)
	return agent.Config{
		Service: service, State: stack, Secrets: layout.Secrets, Isolation: isolation,
		Address: address, Names: byName, Environ: boot.Environ(), Homes: "/home", Confine: process.Full, Cgroup: cgroupName, Filter: layout.Filter,
		Stdout: os.Stdout, Stderr: os.Stderr,
	}, err
}

func ready(ctx context.Context, args []string) (int, error) {
	c := control.Client{State: stateIn(argument(args, 1))}
	return 0, c.Ready(ctx, argument(args, 0), layout.Instance)
}

// ownSession tells sessions of the engine apart: every one has a domain of its own, the last that its containers search
// (engine/engineutil/executor_spec.go; network.SessionDomain). Nothing in the container's definition could say it: a
// service that is used in two places of a session must be the same.
func ownSession() (string, error) {
	text, err := os.ReadFile(resolvConf)
	if err != nil {
		return "", err
	}
	if domains := names.ParseResolvConf(string(text)).Search; len(domains) > 0 {
		return domains[len(domains)-1], nil
	}
	return "", nil
}
