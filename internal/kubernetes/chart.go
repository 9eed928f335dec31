package kubernetes

import (
	"fmt"
	"maps"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"sigs.k8s.io/yaml"
)

// chart is the export as a chart of Helm: what an installation may want to say otherwise is one of its values. Until all is written, a mark stands
// where a value belongs: a text that YAML, the names of hosts and of Kubernetes' objects can be.
type chart struct {
	services map[string]any
	values   map[string]any
	marks    []mark
}

// mark is where a value belongs.
type mark struct {
	template string // of Helm
	text     string // the value, for readers
	block    bool   // several lines
}

func newChart(o *Options) *chart {
	c := &chart{services: map[string]any{}}
	c.values = map[string]any{"services": c.services}
	hosts := map[string]string{}
	for _, service := range slices.Sorted(maps.Keys(o.Hosts)) {
		hosts[service] = c.of(objectName(service), "host", o.Hosts[service], o.Hosts[service])
	}
	o.Hosts = hosts
	if o.Store != "" {
		o.Store = c.value("secretStore", o.Store)
	}
	return c
}

// value marks the place of a value of the whole stack.
func (c *chart) value(key, text string) string {
	c.values[key] = text
	return c.mark(mark{template: "{{ .Values." + key + " }}", text: text})
}

// of marks the place of a service's value.
func (c *chart) of(service, key string, value any, text string) string {
	if c.services[service] == nil {
		c.services[service] = map[string]any{}
	}
	c.services[service].(map[string]any)[key] = value
	_, block := value.(map[string]any)
	return c.mark(mark{template: fmt.Sprintf("{{ index .Values.services %q %q }}", service, key), text: text, block: block})
}

func (c *chart) mark(m mark) string {
	i := slices.Index(c.marks, m)
	if i < 0 {
		i = len(c.marks)
		c.marks = append(c.marks, m)
	}
	return fmt.Sprintf("chart-mark-%d.invalid", i)
}

// object marks in an object what are values. The namespace is the installation's.
func (c *chart) object(fields map[string]any) {
	metadata := fields["metadata"].(map[string]any)
	delete(metadata, "namespace")
	name, _ := metadata["name"].(string)
	spec, _ := fields["spec"].(map[string]any)
	c.replace(spec, "replicas", name)
	if fields["kind"] == "HorizontalPodAutoscaler" {
		c.replace(spec, "minReplicas", name)
		c.replace(spec, "maxReplicas", name)
	}
	c.storage(spec)
	claims, _ := spec["volumeClaimTemplates"].([]any)
	for _, claim := range claims {
		c.storage(claim.(map[string]any)["spec"].(map[string]any))
	}
	template, _ := spec["template"].(map[string]any)
	pod, _ := template["spec"].(map[string]any)
	for _, kind := range []string{"initContainers", "containers"} {
		containers, _ := pod[kind].([]any)
		for _, container := range containers {
			container := container.(map[string]any)
			c.replace(container, "image", container["name"].(string))
			c.replace(container, "resources", container["name"].(string))
		}
	}
}

func (c *chart) replace(fields map[string]any, key, service string) {
	if value := fields[key]; value != nil {
		fields[key] = c.of(service, key, value, fmt.Sprint(value))
	}
}

func (c *chart) storage(claim map[string]any) {
	resources, _ := claim["resources"].(map[string]any)
	if requests, _ := resources["requests"].(map[string]any); requests["storage"] != nil {
		requests["storage"] = c.value("storage", requests["storage"].(string))
	}
}

var (
	marked = regexp.MustCompile(`chart-mark-(\d+)\.invalid`)
	blocks = regexp.MustCompile(`(?m)^( *)(.*): chart-mark-(\d+)\.invalid$`)
)

// text is a file of a chart: what Helm would take for a template in the project's own texts is text.
func (c *chart) text(file string) string {
	number := func(digits string) int {
		i, _ := strconv.Atoi(digits) // the pattern has digits alone
		return i
	}
	file = strings.ReplaceAll(file, "{{", `{{ "{{" }}`)
	file = blocks.ReplaceAllStringFunc(file, func(line string) string {
		parts := blocks.FindStringSubmatch(line)
		m := c.marks[number(parts[3])]
		if !m.block {
			return line
		}
		inside := strings.TrimSuffix(strings.TrimPrefix(m.template, "{{ "), " }}")
		// A key that begins an item of a list is as far in as the item's other keys.
		indent := len(parts[1]) + len(parts[2]) - len(strings.TrimLeft(parts[2], "- ")) + 2
		return fmt.Sprintf("%s%s: {{- %s | toYaml | nindent %d }}", parts[1], parts[2], inside, indent)
	})
	return marked.ReplaceAllStringFunc(file, func(text string) string { return c.marks[number(marked.FindStringSubmatch(text)[1])].template })
}

// read is a text for readers, who see what the values say.
func (c *chart) read(text string) string {
	var pairs []string
	for i, m := range c.marks {
		pairs = append(pairs, fmt.Sprintf("chart-mark-%d.invalid", i), m.text)
	}
	return strings.NewReplacer(pairs...).Replace(text)
}

// export is the chart's folder.
func (c *chart) export(w *writer) Export {
	files := map[string]string{}
	for name, text := range w.files {
		if path.Ext(name) == ".yaml" {
			files["templates/"+name] = c.text(text)
		} else {
			files[name] = c.read(text)
		}
	}
	values, err := yaml.Marshal(c.values)
	if err != nil {
		w.err = err
	}
	files["values.yaml"] = "# What an installation may say otherwise. The images, limits and numbers are the project's.\n" + string(values)
	files["Chart.yaml"] = fmt.Sprintf("apiVersion: v2\nname: %s\ndescription: The stack %s\ntype: application\nversion: 0.1.0\n", objectName(w.project.Name), w.project.Name)
	var notes []string
	for _, note := range w.notes {
		notes = append(notes, c.read(note))
	}
	return Export{Files: files, Notes: notes}
}
