package agent

import (
	"fmt"
	"os"
	"strconv"
	"strings"

	"dagger/stack/internal/state"
)

// readPrivileges asks the kernel what a process may do: what the status says is what is, not what was meant.
func readPrivileges(pid int) (*state.Privileges, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return nil, err
	}
	return parsePrivileges(string(text))
}

func parsePrivileges(status string) (*state.Privileges, error) {
	var p state.Privileges
	for line := range strings.Lines(status) {
		name, value, _ := strings.Cut(line, ":")
		value = strings.TrimSpace(value)
		var err error
		switch name {
		case "Uid":
			p.UID, err = numbers(value)
		case "Gid":
			p.GID, err = numbers(value)
		case "Groups":
			p.Groups, err = numbers(value)
		case "CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb":
			var set uint64
			set, err = strconv.ParseUint(value, 16, 64)
			p.Capabilities |= set
		case "NoNewPrivs":
			p.NoNewPrivs = value == "1"
		case "Seccomp":
			p.Seccomp, err = strconv.Atoi(value)
		}
		if err != nil {
			return nil, fmt.Errorf("%s %q: %w", name, value, err)
		}
	}
	return &p, nil
}

func numbers(text string) ([]int, error) {
	all := []int{}
	for _, field := range strings.Fields(text) {
		n, err := strconv.Atoi(field)
		if err != nil {
			return nil, err
		}
		all = append(all, n)
	}
	return all, nil
}
