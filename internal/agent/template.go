package agent

import (
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"text/template"

	"dagger/stack/internal/spec"
	"dagger/stack/internal/state"
)

// renderer fills secrets into templates and remembers which it used: the log store redacts those.
type renderer struct {
	given   string      // folder of the secrets that the user gave
	stack   state.Stack // makes the others
	address netip.Addr
	mu      sync.Mutex // jobs render beside the loop
	used    map[string]string
	limits  spec.Limits // in force
}

// Render fills in a template. Its functions are the ones that spec.Template documents.
func (r *renderer) Render(text spec.Template) (string, error) {
	return r.render(text, template.FuncMap{
		"secret":     r.secret,
		"urlencode":  urlEncode,
		"sqlliteral": func(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" },
		"quote":      func(s string) string { return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"` },
	})
}

func (r *renderer) render(text spec.Template, secret template.FuncMap) (string, error) {
	t, err := template.New("").Option("missingkey=error").Funcs(secret).Funcs(limitFuncs(r.inForce())).Funcs(template.FuncMap{
		"address": r.address.String,
	}).Parse(string(text))
	if err != nil {
		return "", fmt.Errorf("template %q: %w", text, err)
	}
	var out strings.Builder
	if err := t.Execute(&out, nil); err != nil {
		return "", fmt.Errorf("template %q: %w", text, err)
	}
	return out.String(), nil
}

// urlEncode makes a text fit for the user part of a URL.
func urlEncode(s string) string { return url.UserPassword("", s).String()[1:] }

// secret is the one that the user gave or else the stack's own.
func (r *renderer) secret(name string) (string, error) {
	value, err := os.ReadFile(filepath.Join(r.given, filepath.Base(name)))
	if errors.Is(err, fs.ErrNotExist) {
		value, err = r.stack.Secret(name)
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
func (r *renderer) environ(base []string, vars []spec.Env) ([]string, error) {
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
		value := v.Value
		if v.Template != "" {
			var err error
			if value, err = r.Render(v.Template); err != nil {
				return nil, fmt.Errorf("variable %s: %w", v.Name, err)
			}
		}
		set[v.Name] = true
		env = append(env, v.Name+"="+value)
	}
	for _, pair := range base {
		if name, _, _ := strings.Cut(pair, "="); !set[name] {
			env = append(env, pair)
		}
	}
	return env, nil
}
