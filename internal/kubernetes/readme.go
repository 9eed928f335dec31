package kubernetes

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/api/resource"

	"dagger/stack/internal/spec"
)

// shellName is a secret's name as a variable of a shell.
func shellName(name string) string {
	return strings.ToUpper(strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			return r
		}
		return '_'
	}, name))
}

// readme says how the objects are applied, what they need, and what differs.
func (w *writer) readme() string {
	var text strings.Builder
	add := func(format string, args ...any) { fmt.Fprintf(&text, format, args...) }
	add("# %s on Kubernetes\n\nWritten by `%s`. Written again, the files are the same, unless the project has changed.\n\n", w.project.Name, w.options.Command)
	kubectl := "kubectl"
	if w.options.Namespace != "" {
		kubectl += " --namespace " + w.options.Namespace
	}
	add("```sh\n")
	switch {
	case w.options.Namespace == "":
	case w.options.Helm:
		add("kubectl create namespace %s\nkubectl label namespace %s pod-security.kubernetes.io/enforce=%s\n", w.options.Namespace, w.options.Namespace, w.level)
	default:
		add("kubectl apply -f namespace.yaml\n")
	}
	if w.options.Store == "" {
		w.secretLines(add, kubectl)
	}
	apply := "kubectl apply -k ."
	if w.options.Helm {
		apply = "helm upgrade --install " + strings.TrimPrefix(kubectl+" ", "kubectl ") + objectName(w.project.Name) + " ."
	}
	add("%s\n%s get pods --watch\n```\n\n", apply, kubectl)
	if w.options.Helm {
		add("`values.yaml` has what an installation may say otherwise, e.g. `--set services.NAME.replicas=3`.\n\n")
	}
	if w.options.Store == "" && len(w.ownSecrets()) > 0 {
		add("The secrets are in no file here: the lines above make new ones where nobody else has to know them, and ask for the others. A database keeps the password that it began with.\n\n")
	}
	if w.options.Store != "" {
		w.stored(add)
	}
	for _, name := range slices.Sorted(maps.Keys(w.secrets)) {
		if s := w.secrets[name]; s.external {
			add("- The Secret `%s` is yours: %s read%s its key `%s`.\n", s.object, list(s.users), map[bool]string{true: "s"}[len(s.users) == 1], s.key)
		}
	}
	add("\nThe pods fit the Pod Security level **%s**%s.\n\n| service | image | file |\n|---|---|---|\n", w.level, w.asked())
	for _, g := range w.groups {
		file := "`" + g.name + ".yaml`"
		if w.options.Helm {
			file = "`templates/" + g.name + ".yaml`"
		}
		if _, found := w.files[g.name+".yaml"]; !found {
			file = "an init container of " + list(w.waiters(g))
		}
		add("| %s | `%s` | %s |\n", g.source, w.image(g), file)
	}
	if len(w.notes) > 0 {
		add("\n## What differs\n\n")
		for _, note := range w.notes {
			add("- %s\n", note)
		}
	}
	return text.String()
}

// secretLines make the stack's Secret.
func (w *writer) secretLines(add func(string, ...any), kubectl string) {
	names := w.ownSecrets()
	if len(names) == 0 {
		return
	}
	var arguments, files []string
	for _, name := range names {
		switch s := w.secrets[name]; {
		case s.template != "" || s.file != "":
		case s.made:
			add("%s=%s # of %s\n", shellName(name), generate(*s), list(s.users))
		default:
			where := "as you give it to up"
			if strings.HasPrefix(name, "value-") {
				where = "as the project's files have it"
			}
			add(": \"${%s:?set it first}\" # of %s: %s\n", shellName(name), list(s.users), where)
		}
	}
	for _, name := range names {
		switch s := w.secrets[name]; {
		case s.file != "":
			arguments = append(arguments, fmt.Sprintf("--from-file=%s=%s", s.key, path.Join("PROJECT", s.file)))
		case s.template != "":
			add("cat > %s <<END\n%s\nEND\n", s.key, strings.TrimRight(s.template, "\n"))
			arguments, files = append(arguments, fmt.Sprintf("--from-file=%s", s.key)), append(files, s.key)
		default:
			arguments = append(arguments, fmt.Sprintf(`--from-literal=%s="$%s"`, s.key, shellName(name)))
		}
	}
	add("%s create secret generic %s \\\n  %s\n", kubectl, w.object(), strings.Join(arguments, " \\\n  "))
	if len(files) > 0 {
		add("rm %s\n", strings.Join(files, " "))
	}
}

// asked is how much the nodes have to have room for, "" if no service has a limit.
func (w *writer) asked() string {
	cpu, memory := resource.NewMilliQuantity(0, resource.DecimalSI), resource.NewQuantity(0, resource.BinarySI)
	for _, g := range w.groups {
		if _, runs := w.files[g.name+".yaml"]; runs && !w.isJob(g) {
			requests := resources(g.Limits).Requests
			for range g.replicas {
				cpu.Add(*requests.Cpu())
				memory.Add(*requests.Memory())
			}
		}
	}
	if cpu.IsZero() && memory.IsZero() {
		return ""
	}
	return fmt.Sprintf(", and ask for %g CPUs and %s of memory together: nodes need that much room, and with-limits says otherwise", cpu.AsApproximateFloat64(), memory)
}

// stored says what a store has to have.
func (w *writer) stored(add func(string, ...any)) {
	names := w.ownSecrets()
	if len(names) == 0 {
		return
	}
	add("The store `%s` has these, before the objects are applied:\n\n", w.options.Store)
	for _, name := range names {
		s := w.secrets[name]
		add("- `%s`, of %s", w.remote(s), list(s.users))
		switch {
		case s.file != "":
			add(": the text of the project's `%s`\n", s.file)
		case s.template != "":
			add(": this text, with the secrets in the place of their names\n\n```\n%s\n```\n\n", strings.TrimRight(s.template, "\n"))
		case s.made:
			add(": anything, e.g. `%s`\n", strings.Trim(generate(*s), `"$()`))
		case strings.HasPrefix(name, "value-"):
			add(": as the project's files have it\n")
		default:
			add(": as you give it to up\n")
		}
	}
	add("\n")
}

// generate is how a shell makes a secret in the form that the stack would make it in.
func generate(s secret) string {
	length := s.random.Length
	switch {
	case s.random.Form == spec.Base64Form && !s.inURL:
		return fmt.Sprintf(`"$(openssl rand -base64 %d)"`, max(length, 32))
	case s.random.Form == spec.Base64URLForm:
		return fmt.Sprintf(`"$(openssl rand -base64 %d | tr '+/' '-_')"`, max(length, 32))
	case s.random.Form == spec.TextForm && length > 0:
		return fmt.Sprintf(`"$(openssl rand -hex %d)"`, (length+1)/2)
	}
	return fmt.Sprintf(`"$(openssl rand -hex %d)"`, max(length, 24))
}
