package agent

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"dagger/stack/internal/spec"
	"dagger/stack/internal/state"
	"dagger/stack/internal/state/logstore"
)

// learnSecrets renders every value once, so that the log knows what to redact before the first line is written, and a
// missing secret is found before anything starts.
func (a *agent) learnSecrets() error {
	for _, value := range a.Service.Values() {
		if _, err := a.render.Render(value); err != nil {
			return err
		}
	}
	return nil
}

func (a *agent) openLog() (err error) {
	a.learnRedaction()
	a.tee = newTee(a.Service.Name, func() string { return a.cli("logs --service " + a.Service.Name + " --follow") }, a.Stdout, a.Stderr)
	options := logstore.Options{
		SegmentSize: a.Service.Log.MaxSize, SegmentsKept: a.Service.Log.MaxFiles,
		Secrets: a.secrets, Tee: a.overhear, TeeNotes: a.tee.note,
	}
	if a.Whole {
		options.Tee, options.TeeNotes = a.pass, nil
	}
	a.log, err = logstore.Open(a.folder.Logs(), options)
	return err
}

// forms are a secret and how it looks in a URL, a query, a JSON string and an SQL one: what prints a secret often
// prints it so.
func forms(secret string) [][]byte {
	var quoted bytes.Buffer
	encoder := json.NewEncoder(&quoted)
	encoder.SetEscapeHTML(false) // as other languages have it
	_ = encoder.Encode(secret)   // a string always can be
	var all [][]byte
	for _, form := range []string{
		secret, urlEncode(secret), url.PathEscape(secret), url.QueryEscape(secret),
		strings.TrimSuffix(quoted.String()[1:], "\"\n"), strings.ReplaceAll(secret, "'", "''"),
	} {
		if form := []byte(form); !slices.ContainsFunc(all, func(known []byte) bool { return bytes.Equal(known, form) }) {
			all = append(all, form)
		}
	}
	return all
}

// redact is for what leaves the agent by another way than the log: what probes say, and answers.
func (a *agent) redact(text string) string {
	return logstore.Redact(text, a.secrets, len(text) >= state.OutputKept)
}

// environ is the environment of the service's process.
func (a *agent) environ() ([]string, error) { return a.environWith(nil, a.user.Home) }

// environWith is that of a command beside the process, with more variables.
func (a *agent) environWith(more []spec.Variable, home string) ([]string, error) {
	base := a.Environ
	if a.Service.Isolated() {
		base = withoutEngine(base)
	}
	env, err := a.render.environ(base, slices.Concat(a.Service.Process.Env, more))
	if err != nil {
		return nil, err
	}
	return withDefault(a.dockerEnv(env), "HOME", home), nil
}

// withoutEngine is an environment without what Dagger's engine adds to that of every container: for programs that send traces,
// and the home of root, who the agent is.
func withoutEngine(env []string) []string {
	return slices.DeleteFunc(slices.Clone(env), func(pair string) bool {
		name, _, _ := strings.Cut(pair, "=")
		return pair == engineHome || strings.HasPrefix(name, "OTEL_") || slices.Contains([]string{"TRACEPARENT", "TRACESTATE", "BAGGAGE", "HOSTNAME"}, name)
	})
}

// beforeStart is what comes before every start: files anew, leftovers gone, secrets applied.
func (a *agent) beforeStart() (env []string, err error) {
	if env, err = a.environ(); err != nil {
		return nil, err
	}
	if err := errors.Join(a.checkSubpaths(), a.writeFiles()); err != nil {
		return nil, err
	}
	for _, data := range a.data {
		for _, name := range data.stale {
			if err := os.Remove(filepath.Join(data.path, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return nil, err
			}
		}
	}
	return env, a.runHooks(env)
}

func withDefault(env []string, name, value string) []string {
	for _, pair := range env {
		if len(pair) > len(name) && pair[:len(name)] == name && pair[len(name)] == '=' {
			return env
		}
	}
	return append(env, name+"="+value)
}
