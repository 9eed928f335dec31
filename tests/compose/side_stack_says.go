package compose

import (
	"context"
	"encoding/json"
	"errors"
	"regexp"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// What this project's functions say of a stack, read.

// reported is one service of what `health --format json` says.
type reported struct {
	Service    string
	InstanceOf string // what the file calls a service of several instances
	Phase      string
	Health     string
	Restarts   int
	LastExit   *exit
}

type exit struct{ Code int }

// report is the state of all services; none, if there is no report.
func (s *Stack) report(ctx context.Context, c Case) []reported {
	text, _ := s.answer(ctx, c, "health", "--format", "json") // a report of what is not healthy is an error of the call
	var report struct{ Services []reported }
	if i := strings.Index(text, "{"); i < 0 || json.NewDecoder(strings.NewReader(text[i:])).Decode(&report) != nil {
		return nil
	}
	return report.Services
}

// log is all that a service has printed.
func (s *Stack) log(ctx context.Context, c Case, service string) ([]string, error) {
	text, err := s.answer(ctx, c, "logs", "--service", service, "--tail", "10000", "--format", "json")
	if err != nil {
		return nil, errors.New(text)
	}
	lines := []string{}
	for decoder := json.NewDecoder(strings.NewReader(text)); decoder.More(); {
		var line struct{ Stream, Text string }
		if err := decoder.Decode(&line); err != nil {
			return nil, err
		}
		if line.Stream == "stderr" && strings.HasPrefix(line.Text, "[stack] ") {
			continue // of the service's agent
		}
		lines = append(lines, said(line.Stream == "stderr", shortID.ReplaceAllString(line.Text, "ID")))
	}
	return lines, nil
}

// shortID is what a container calls itself where nobody gives it a name.
var shortID = regexp.MustCompile(`\b[0-9a-f]{12}\b`)

// ending is what stop prints of a service: "web stopped after 0.1 s: exit code 3", or a signal, or a reason that is not known here.
var ending = regexp.MustCompile(`(?m)^(\S+) stopped after [\d.]+ s: (?:exit code (\d+)|(SIG[A-Z0-9]+))`)

// endings are the exit codes of stopped services.
func endings(text string) map[string]*exit {
	codes := map[string]*exit{}
	for _, m := range ending.FindAllStringSubmatch(text, -1) {
		code, err := strconv.Atoi(m[2])
		if err != nil {
			code = 128 + int(unix.SignalNum(m[3]))
		}
		codes[m[1]] = &exit{code}
	}
	return codes
}
