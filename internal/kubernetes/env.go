package kubernetes

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"dagger/stack/internal/spec"
)

// literal is a text in which Kubernetes refers to no variable.
func literal(text string) string { return strings.ReplaceAll(text, "$(", "$$(") }

// podIP is the variable that has the pod's own address.
const podIP = "POD_IP"

// env are the variables of a service. Those that others refer to stand before them, as Kubernetes wants.
func (w *writer) env(g *group) ([]corev1.EnvVar, error) {
	var helpers, env []corev1.EnvVar
	for _, v := range g.Process.Env {
		if v.Unset {
			w.note("%s: %s cannot be taken out of the image's variables in Kubernetes: it is empty", g.source, v.Name)
			env = append(env, corev1.EnvVar{Name: v.Name})
			continue
		}
		if external := w.externalOf(g, v); external != "" {
			env = append(env, corev1.EnvVar{Name: v.Name, ValueFrom: fromSecret(external, v.Name)})
			continue
		}
		if len(v.Value) == 1 && v.Value[0].Secret != nil && v.Value[0].Secret.Encoding == spec.Plain {
			env = append(env, corev1.EnvVar{Name: v.Name, ValueFrom: w.secret(*v.Value[0].Secret, g)})
			continue
		}
		text, needs, err := w.text(g, v.Value, g.Process.Env)
		if errors.Is(err, errUnlimited) {
			w.note("%s: %s is left out: it follows a limit that the service does not have", g.source, v.Name)
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("variable %s: %w", v.Name, err)
		}
		for _, need := range needs {
			if !slices.ContainsFunc(helpers, func(h corev1.EnvVar) bool { return h.Name == need.Name }) {
				helpers = append(helpers, need)
			}
		}
		env = append(env, corev1.EnvVar{Name: v.Name, Value: w.outside(g, v.Name, text)})
	}
	return append(helpers, env...), nil
}

// outside is a text that says where a browser finds a service: on this machine that is localhost, and there a host that an Ingress has.
func (w *writer) outside(g *group, variable, text string) string {
	for _, route := range w.project.Routes() {
		local := fmt.Sprintf("localhost:%d", route.Published)
		if !strings.Contains(text, local) {
			continue
		}
		s, _ := w.project.Service(route.Service)
		if host := w.options.Hosts[Source(s)]; host != "" {
			text = strings.NewReplacer("http://"+local, "https://"+host, local, host).Replace(text)
		} else {
			w.note("%s: %s says %s, which is no address in a cluster: give %s a host with --host %s=HOST", g.source, variable, local, Source(s), Source(s))
		}
	}
	return text
}

// errUnlimited is of a number that follows a limit which is not there.
var errUnlimited = errors.New("it follows a limit that the service does not have: give the service limits")

// text is a value as Kubernetes puts it together, and the variables that the text refers to. env are the service's own, whose
// names are taken; nil: no secret may stand there.
func (w *writer) text(g *group, value spec.Value, env []spec.Variable) (text string, needs []corev1.EnvVar, err error) {
	var all strings.Builder
	for _, part := range value {
		switch {
		case part.Secret != nil:
			if env == nil {
				return "", nil, errors.New("it holds a secret, and everybody in the container can read arguments")
			}
			need := corev1.EnvVar{Name: helperName(part.Secret.Name, env), ValueFrom: w.secret(*part.Secret, g)}
			needs = append(needs, need)
			all.WriteString("$(" + need.Name + ")")
		case part.Number != nil:
			if !part.Number.Bounded(g.Limits) {
				return "", nil, errUnlimited
			}
			fmt.Fprint(&all, part.Number.Under(g.Limits, spec.Limits{}))
		case part.Address:
			needs = append(needs, corev1.EnvVar{Name: podIP, ValueFrom: &corev1.EnvVarSource{FieldRef: &corev1.ObjectFieldSelector{FieldPath: "status.podIP"}}})
			all.WriteString("$(" + podIP + ")")
		default:
			all.WriteString(literal(part.Text))
		}
	}
	return all.String(), needs, nil
}

// helperName is the name of the variable that brings a secret into others: none that the service has itself.
func helperName(secret string, env []spec.Variable) string {
	name := "STACK_" + shellName(secret)
	for slices.ContainsFunc(env, func(v spec.Variable) bool { return v.Name == name }) {
		name += "_"
	}
	return name
}

// externalOf is the Secret that has a variable's value, "" if the variable is about no service that is external.
func (w *writer) externalOf(g *group, v spec.Variable) string {
	for _, service := range slices.Sorted(maps.Keys(w.options.External)) {
		name := w.options.External[service]
		if mentions(v.Value, service) || w.exports(service, v) {
			w.external(name, v.Name, g)
			return name
		}
	}
	return ""
}

// exports tells whether a variable is one that a service gives to those that need it.
func (w *writer) exports(service string, v spec.Variable) bool {
	s, _ := w.project.Service(service)
	return slices.ContainsFunc(s.Exports, func(e spec.Variable) bool { return e.Name == v.Name && e.Value.String() == v.Value.String() })
}

// mentions tells whether a value has a service's name as the name of a host.
func mentions(value spec.Value, service string) bool {
	rest := value.String()
	for {
		before, after, found := strings.Cut(rest, service)
		if !found {
			return false
		}
		startsWord := before == "" || strings.ContainsRune("/@,= ", rune(before[len(before)-1]))
		if startsWord && (after == "" || strings.ContainsRune(":/, ?", rune(after[0]))) {
			return true
		}
		rest = after
	}
}
