package compose

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// ForgetHealth takes the health of those away that have none in truth: docker compose has no word on a service without a health check, and
// this project says that it is healthy as soon as it runs.
func ForgetHealth(truth, other Truth) {
	for i := range min(len(truth.Steps), len(other.Steps)) {
		for name, want := range truth.Steps[i].Services {
			got := other.Steps[i].Services[name]
			for j := range min(len(want), len(got)) {
				if want[j].Health == "" && got[j].Health == "healthy" {
					got[j].Health = ""
				}
			}
		}
	}
}

// Differences are what one side did differently, a sentence each; none if what must be equal is.
func Differences(truth, other Truth) []string {
	var all []string
	add := func(format string, args ...any) { all = append(all, fmt.Sprintf(format, args...)) }
	if truth.Config != "" && other.Config != "" {
		want, got := strings.Split(truth.Config, "\n"), strings.Split(other.Config, "\n")
		for i := range min(len(want), len(got)) {
			if want[i] != got[i] {
				add("%s, line %d: %s, and in truth %s", configFile, i+1, strings.TrimSpace(got[i]), strings.TrimSpace(want[i]))
				break
			}
		}
	}
	if len(truth.Steps) != len(other.Steps) {
		add("%d steps, and in truth %d", len(other.Steps), len(truth.Steps))
	}
	for i := range min(len(truth.Steps), len(other.Steps)) {
		want, got := truth.Steps[i], other.Steps[i]
		at := fmt.Sprintf("step %d, %s", i+1, want.Step)
		if want.Failed != got.Failed {
			add("%s: failed is %t (%s), and in truth %t (%s)", at, got.Failed, got.Says, want.Failed, want.Says)
		}
		for _, name := range keys(want.Services, got.Services) {
			all = append(all, instances(at+": "+name, want.Services[name], got.Services[name])...)
		}
		for _, address := range keys(want.Dialed, got.Dialed) {
			if want.Dialed[address] != got.Dialed[address] {
				add("%s: %s answers %q, and in truth %q", at, address, got.Dialed[address], want.Dialed[address])
			}
		}
	}
	return all
}

// Unexplained are the differences that the case does not expect of this project, and what it expects and is not so.
func (c Case) Unexplained(differences []string) (all []string, err error) {
	explained := make([]bool, len(differences))
	for _, pattern := range slices.Sorted(maps.Keys(c.Differs)) {
		expected, err := regexp.Compile(pattern)
		if err != nil {
			return nil, fmt.Errorf("%s: case.json: differs: %w", c.Name, err)
		}
		found := false
		for i, difference := range differences {
			if expected.MatchString(difference) {
				explained[i], found = true, true
			}
		}
		if !found {
			all = append(all, fmt.Sprintf("is not different any more: take %q out of its case.json", pattern))
		}
	}
	for i, difference := range differences {
		if !explained[i] {
			all = append(all, difference)
		}
	}
	return all, nil
}

func instances(at string, want, got []Instance) []string {
	if len(want) != len(got) {
		return []string{fmt.Sprintf("%s: %d instances, and in truth %d", at, len(got), len(want))}
	}
	var all []string
	add := func(format string, args ...any) { all = append(all, at+": "+fmt.Sprintf(format, args...)) }
	for i, w := range want {
		g := got[i]
		if w.State != g.State || w.Exit != g.Exit {
			add("%s with exit code %d, and in truth %s with %d", g.State, g.Exit, w.State, w.Exit)
		}
		if w.Health != g.Health {
			add("health %q, and in truth %q", g.Health, w.Health)
		}
		if w.Restarts != g.Restarts {
			add("%d restarts, and in truth %d", g.Restarts, w.Restarts)
		}
		for _, line := range missing(g.Log, w.Log) {
			add("says %q, which is not so in truth", line)
		}
		for _, line := range missing(w.Log, g.Log) {
			add("does not say %q", line)
		}
		if len(w.Log) == len(g.Log) && !slices.Equal(w.Log, g.Log) && len(missing(w.Log, g.Log)) == 0 {
			add("says the same in another order: %q, and in truth %q", g.Log, w.Log)
		}
	}
	return all
}

// missing are the lines of one log that the other lacks, counted.
func missing(of, in []string) []string {
	count := map[string]int{}
	for _, line := range in {
		count[line]++
	}
	var all []string
	for _, line := range of {
		if count[line]--; count[line] < 0 {
			all = append(all, line)
		}
	}
	return all
}

func keys[V any](a, b map[string]V) []string {
	names := slices.AppendSeq(slices.Collect(maps.Keys(a)), maps.Keys(b))
	slices.Sort(names)
	return slices.Compact(names)
}
