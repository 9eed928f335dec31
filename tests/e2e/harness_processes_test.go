package e2e

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// The processes of a stack, seen from the machine that the engine runs on: tests that kill one need to be root there.

// process is one of them.
type process struct {
	pid, parent int
	inside      int // its number in the container
	resident    int // memory, KiB
	args        []string
}

// processes are those of one service's container.
func (s *stack) processes(service string) []process {
	return s.find(service, func([]string) bool { return true })
}

// find is for those that a test waits for: what is asked of every process of the machine is the little that tells most.
func (s *stack) find(service string, wanted func(args []string) bool) (found []process) {
	folders, _ := filepath.Glob("/proc/[0-9]*")
	for _, folder := range folders {
		args := arguments(folder)
		if args == nil || !wanted(args) || !s.owns(folder, service) {
			continue
		}
		if p, ok := readProcess(folder, args); ok {
			found = append(found, p)
		}
	}
	return found
}

// arguments are nil of a zombie, and of one that is gone.
func arguments(folder string) []string {
	cmdline, err := os.ReadFile(filepath.Join(folder, "cmdline"))
	if err != nil || len(cmdline) == 0 {
		return nil
	}
	return strings.Split(strings.TrimRight(string(cmdline), "\x00"), "\x00")
}

func readProcess(folder string, args []string) (p process, ok bool) {
	status, err := os.ReadFile(filepath.Join(folder, "status"))
	if err != nil {
		return p, false
	}
	p.args = args
	p.pid, _ = strconv.Atoi(filepath.Base(folder))
	for line := range strings.Lines(string(status)) {
		name, value, _ := strings.Cut(line, ":")
		numbers := strings.Fields(value)
		switch name {
		case "PPid":
			p.parent, _ = strconv.Atoi(numbers[0])
		case "VmRSS":
			p.resident, _ = strconv.Atoi(numbers[0])
		case "NSpid": // in the outermost namespace first
			p.inside, _ = strconv.Atoi(numbers[len(numbers)-1])
		}
	}
	return p, true
}

// owns tells whether a process sees the files of that service's container.
func (s *stack) owns(folder, service string) bool {
	inside := filepath.Join(folder, "root/.stack")
	var spec struct{ Name string }
	var run struct{ Stack string }
	return readJSON(filepath.Join(inside, "spec.json"), &spec) && spec.Name == service &&
		readJSON(filepath.Join(inside, "state/run.json"), &run) && run.Stack == s.name
}

func readJSON(path string, value any) bool {
	data, err := os.ReadFile(path)
	return err == nil && json.Unmarshal(data, value) == nil
}

// agent is the agent of a service.
func (s *stack) agent(service string) (process, bool) {
	found := s.find(service, func(args []string) bool {
		return len(args) > 1 && filepath.Base(args[0]) == "stack-agent" && args[1] == "run"
	})
	if len(found) == 0 {
		return process{}, false
	}
	return found[0], true
}

// running is a service's agent, which must be there.
func (s *stack) running(service string) process {
	s.Helper()
	agent, ok := s.agent(service)
	if !ok {
		s.Fatalf("no agent of %s: do you see the engine's processes, as root of its machine?", service)
	}
	return agent
}

// status is what an agent says about its service, read without a call.
func (s *stack) status(agent process) (status serviceStatus) {
	var spec struct{ Name string }
	inside := filepath.Join("/proc", strconv.Itoa(agent.pid), "root/.stack")
	readJSON(filepath.Join(inside, "spec.json"), &spec)
	readJSON(filepath.Join(inside, "state", spec.Name, "status.json"), &status)
	return status
}

// child is the process that an agent runs.
func (s *stack) child(service string) process {
	s.Helper()
	agent := s.running(service)
	var found process
	s.eventually("a process of "+service, func() bool {
		inside := s.status(agent).PID
		all := s.processes(service)
		i := slices.IndexFunc(all, func(p process) bool { return p.parent == agent.pid && p.inside == inside })
		if i >= 0 {
			found = all[i]
		}
		return i >= 0
	})
	return found
}

// signal sends a signal to a process of the stack.
func (s *stack) signal(p process, signal syscall.Signal) {
	s.Helper()
	if err := syscall.Kill(p.pid, signal); err != nil {
		s.Fatalf("signal %v to %q: %v", signal, p.args, err)
	}
}

// untilHealthy waits for a new process of a service that is healthy.
func (s *stack) untilHealthy(service string, old process) {
	s.Helper()
	agent := s.running(service)
	s.eventually(service+" is healthy again", func() bool {
		status := s.status(agent)
		return status.PID != 0 && status.PID != old.inside && status.Health == "healthy"
	})
}

// eventually waits for a condition; how long it takes is no claim of the test.
func (s *stack) eventually(what string, condition func() bool) {
	s.Helper()
	for end := time.Now().Add(waitTimeout); !condition(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			for _, session := range s.sessions {
				s.Logf("%v: %v\n%s", session.cmd.Args, session.cmd.ProcessState, tail(session.printed()))
			}
			s.Fatalf("never: %s", what)
		}
	}
}
