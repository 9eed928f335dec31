package image

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	dockerspec "github.com/moby/docker-image-spec/specs-go/v1"
)

// Instructions are the lines of a Dockerfile that make a stage with the files of an exported image say what the image says: what is built
// on the stage has all of it.
func Instructions(archive io.Reader) ([]string, error) {
	config, err := read(archive)
	if err != nil {
		return nil, err
	}
	return instructions(config.Config), nil
}

func instructions(c dockerspec.DockerOCIImageConfig) (lines []string) {
	add := func(instruction string, words ...string) {
		lines = append(lines, instruction+" "+strings.Join(words, " "))
	}
	for _, pair := range c.Env {
		name, value, _ := strings.Cut(pair, "=")
		add("ENV", name+"="+quoted(value))
	}
	for _, name := range slices.Sorted(maps.Keys(c.Labels)) {
		add("LABEL", quoted(name)+"="+quoted(c.Labels[name]))
	}
	for _, port := range slices.Sorted(maps.Keys(c.ExposedPorts)) {
		add("EXPOSE", port)
	}
	if c.WorkingDir != "" {
		add("WORKDIR", escaped(c.WorkingDir))
	}
	if len(c.Volumes) > 0 {
		add("VOLUME", list(slices.Sorted(maps.Keys(c.Volumes))))
	}
	if c.StopSignal != "" {
		add("STOPSIGNAL", c.StopSignal)
	}
	if len(c.Shell) > 0 {
		add("SHELL", list(c.Shell))
	}
	if c.Healthcheck != nil && len(c.Healthcheck.Test) > 0 {
		add("HEALTHCHECK", healthcheck(*c.Healthcheck)...)
	}
	if len(c.Entrypoint) > 0 {
		add("ENTRYPOINT", list(c.Entrypoint))
	}
	if len(c.Cmd) > 0 {
		add("CMD", list(c.Cmd))
	}
	for _, line := range c.OnBuild {
		add("ONBUILD", line)
	}
	if c.User != "" {
		add("USER", escaped(c.User))
	}
	return lines
}

func healthcheck(check dockerspec.HealthcheckConfig) (words []string) {
	if check.Test[0] == "NONE" {
		return []string{"NONE"}
	}
	for name, time := range map[string]time.Duration{
		"interval": check.Interval, "timeout": check.Timeout, "start-period": check.StartPeriod, "start-interval": check.StartInterval,
	} {
		if time > 0 {
			words = append(words, fmt.Sprintf("--%s=%s", name, time))
		}
	}
	if check.Retries > 0 {
		words = append(words, "--retries="+strconv.Itoa(check.Retries))
	}
	slices.Sort(words)
	return append(words, "CMD", list(probeCommand(check.Test)))
}

// list is a Dockerfile's list. It is not escaped: a dollar in it means nothing to the builder.
func list(words []string) string {
	text, _ := json.Marshal(words) // strings, which cannot fail
	return string(text)
}

// escaped is a word in which the builder replaces nothing, and quoted one that may hold blanks.
func escaped(text string) string {
	return strings.NewReplacer(`\`, `\\`, `$`, `\$`, `"`, `\"`).Replace(text)
}

func quoted(text string) string { return `"` + escaped(text) + `"` }
