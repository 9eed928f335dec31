package kubernetes

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"dagger/stack/internal/shell"
	"dagger/stack/internal/spec"
)

// isPlain tells whether the text of a secret is too short to be looked for, or also says something that is none, as where the password, the
// user and the database have one name.
func (w *writer) isPlain(text string) bool {
	if len(text) < 6 {
		return true
	}
	for _, s := range w.project.Services {
		if s.Name == text || slices.ContainsFunc(s.Process.Env, func(v spec.Variable) bool { return v.Value.String() == text }) {
			return true
		}
	}
	return false
}

// hide has secrets in the place of their texts, wherever the project's files have one of these in the middle of something else.
func (w *writer) hide(text string) spec.Value {
	known := slices.SortedFunc(maps.Keys(w.texts), func(a, b string) int { return cmp.Or(len(b)-len(a), strings.Compare(a, b)) })
	for _, secret := range known {
		before, after, found := strings.Cut(text, secret)
		if !found {
			continue
		}
		var value spec.Value
		if before != "" {
			value = w.hide(before)
		}
		value = append(value, spec.SecretPart(w.texts[secret], spec.Plain))
		if after != "" {
			value = append(value, w.hide(after)...)
		}
		return value
	}
	return spec.Value{spec.Text(text)}
}

// arguments are those of a command, with variables in the place of secrets: Kubernetes puts their values in.
func (w *writer) arguments(g *group, command []string, container *corev1.Container) (arguments []string, err error) {
	for _, argument := range command {
		text, needs, err := w.text(g, w.hide(argument), append([]spec.Variable{}, g.Process.Env...))
		if err != nil {
			return nil, err
		}
		arguments = append(arguments, text)
		container.Env = with(container.Env, needs)
	}
	return arguments, nil
}

// with adds variables that are not there.
func with(env, more []corev1.EnvVar) []corev1.EnvVar {
	for _, v := range more {
		if !slices.ContainsFunc(env, func(e corev1.EnvVar) bool { return e.Name == v.Name }) {
			env = append(env, v)
		}
	}
	return env
}

// probed is the command of a probe, in which Kubernetes puts no value of a Secret: a shell does, where there is one.
func (w *writer) probed(g *group, command []string, container *corev1.Container) []string {
	var words []string
	secrets := false
	isShell := len(command) == 3 && command[1] == "-c" && strings.HasSuffix(command[0], "sh")
	for _, argument := range command {
		value := w.hide(argument)
		secrets = secrets || len(value.Secrets()) > 0
		var word strings.Builder
		for _, part := range value {
			if part.Secret == nil {
				word.WriteString(map[bool]string{true: part.Text, false: shell.Quote(part.Text)}[isShell])
				continue
			}
			name := helperName(part.Secret.Name, g.Process.Env)
			container.Env = with(container.Env, []corev1.EnvVar{{Name: name, ValueFrom: w.secret(*part.Secret, g)}})
			switch so := word.String(); {
			case isShell && strings.Count(so, "'")%2 == 1:
				word.WriteString(`'"${` + name + `}"'`)
			case isShell && strings.Count(so, `"`)%2 == 1:
				word.WriteString("${" + name + "}")
			default:
				word.WriteString(`"${` + name + `}"`)
			}
		}
		words = append(words, word.String())
	}
	switch {
	case !secrets:
		words = slices.Clone(command)
	case !isShell:
		words = []string{"/bin/sh", "-c", "exec " + strings.Join(words, " ")}
	}
	for i := range words {
		words[i] = literal(words[i])
	}
	return words
}
