package agent

import (
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"

	"dagger/stack/internal/agent/enforce"
	"dagger/stack/internal/spec"
	"dagger/stack/internal/state"
)

// renderer turns values into texts and remembers which secrets it used: the log store redacts those.
type renderer struct {
	given   string      // folder of the secrets that the user gave
	stack   state.Stack // makes the others
	address netip.Addr
	mu      sync.Mutex // jobs render beside the loop
	used    map[string]string
	limits  spec.Limits // in force
}

// Render is the text of a value here and now.
func (r *renderer) Render(value spec.Value) (string, error) {
	var text strings.Builder
	for _, part := range value {
		switch {
		case part.Secret != nil:
			secret, err := r.secret(*part.Secret)
			if err != nil {
				return "", err
			}
			text.WriteString(encode(secret, part.Secret.Encoding))
		case part.Number != nil:
			text.WriteString(strconv.FormatInt(part.Number.Under(r.inForce(), enforce.Machine()), 10))
		case part.Address:
			text.WriteString(r.address.String())
		default:
			text.WriteString(part.Text)
		}
	}
	return text.String(), nil
}

func encode(secret string, as spec.Encoding) string {
	switch as {
	case spec.URL:
		return urlEncode(secret)
	case spec.SQL:
		return "'" + strings.ReplaceAll(secret, "'", "''") + "'"
	case spec.Quoted:
		return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(secret) + `"`
	}
	return secret
}

// urlEncode makes a text fit for the user part of a URL.
func urlEncode(s string) string { return url.UserPassword("", s).String()[1:] }

// inForce are the limits that numbers follow.
func (r *renderer) inForce() spec.Limits {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.limits
}

func (r *renderer) know(limits spec.Limits) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.limits = limits
}

// secret is the one that the user gave or else the stack's own.
func (r *renderer) secret(of spec.Secret) (string, error) {
	name := of.Name
	value, err := os.ReadFile(filepath.Join(r.given, filepath.Base(name)))
	if errors.Is(err, fs.ErrNotExist) {
		value, err = r.stack.SecretAs(name, of.Random)
	}
	if err != nil {
		return "", fmt.Errorf("secret %q: %w", name, err)
	}
	// A file's last line ends with a newline that nobody means, as the images' own *_FILE variables have it.
	secret := strings.TrimRight(string(value), "\r\n")
	r.mu.Lock()
	defer r.mu.Unlock()
	r.used[name] = secret
	return secret, nil
}

// environ renders variables on top of a base environment.
func (r *renderer) environ(base []string, vars []spec.Variable) ([]string, error) {
	given := make(map[string]bool, len(base))
	for _, pair := range base {
		name, _, _ := strings.Cut(pair, "=")
		given[name] = true
	}
	set := make(map[string]bool, len(vars))
	var env []string
	for _, v := range vars {
		if v.Default && given[v.Name] {
			continue
		}
		set[v.Name] = true
		if v.Unset {
			continue
		}
		text, err := r.Render(v.Value)
		if err != nil {
			return nil, fmt.Errorf("variable %s: %w", v.Name, err)
		}
		env = append(env, v.Name+"="+text)
	}
	for _, pair := range base {
		if name, _, _ := strings.Cut(pair, "="); !set[name] {
			env = append(env, pair)
		}
	}
	return env, nil
}

// arguments are those of the service's process.
func (a *agent) arguments() ([]string, error) {
	args := append([]string(nil), a.Service.Process.Command...)
	for _, option := range a.Service.Process.Options {
		if names := option.Secrets(); len(names) > 0 {
			return nil, fmt.Errorf("an argument holds the secret %q, which everybody in the container could read", names[0])
		}
		text, err := a.render.Render(option)
		if err != nil {
			return nil, err
		}
		args = append(args, text)
	}
	return args, nil
}
