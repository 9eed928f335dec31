// Package kubernetes writes a stack as Kubernetes objects: the same services, probes, limits and edges, for who outgrows one machine.
// It knows a resolved project and nothing of an engine. What Kubernetes has no counterpart for is a note, never silence.
package kubernetes

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"dagger/stack/internal/project"
	"dagger/stack/internal/spec"
)

// Options are what the project does not say.
type Options struct {
	Namespace string
	Hosts     map[string]string // by service, the name of the host under which an Ingress publishes it, or an HTTPRoute
	Gateway   string            // the Gateway of HTTPRoutes, NAME or NAMESPACE/NAME; "": hosts are an Ingress
	Autoscale map[string]Range  // by service, how many pods an autoscaler may have of it
	Helm      bool              // a chart
	Images    map[string]string // by service, the image to run; others run the image that the project names
	Users     map[string]User   // by service, who its process runs as
	External  map[string]string // by service that is not part of the objects, the Secret with the variables of who uses it
	Storage   string            // how much a volume asks for, e.g. 10Gi
	Store     string            // a ClusterSecretStore of External Secrets, which brings the secrets; "": the user makes them
	Command   string            // that wrote the files, for their reader
	Project   fs.FS             // the project's files
	Texts     map[string]string // of the secrets that the project's files have, by name: no file of the export has one
}

// User is who a process runs as, in numbers: a cluster does not know the names of an image.
type User struct {
	UID, GID int64
	Groups   []int64
}

// Export is a folder of files, and what a reader should know.
type Export struct {
	Files map[string]string
	Notes []string
}

// Write writes a resolved project, with its secrets concealed.
func Write(p project.Project, o Options) (Export, error) {
	w := &writer{project: p, options: o, secrets: map[string]*secret{}, files: map[string]string{}, configs: map[string]bool{}, level: restricted}
	if o.Helm {
		w.chart = newChart(&w.options)
	}
	w.shareSecrets()
	if err := w.check(); err != nil {
		return Export{}, err
	}
	for _, left := range p.LeftOut {
		w.note("%s is left out: %s", left.Service, left.Reason)
	}
	for _, group := range w.groups {
		objects, err := w.workload(group)
		if err != nil {
			return Export{}, fmt.Errorf("%s: %w", group.name, err)
		}
		w.write(group.name, objects...)
	}
	w.write("network", w.network()...)
	w.write("volumes", w.shared()...)
	if o.Store != "" && len(w.secrets) > 0 {
		w.write("secrets", w.externalSecret())
	}
	if o.Namespace != "" && !o.Helm {
		w.write("namespace", w.namespace())
	}
	w.files["README.md"] = w.readme()
	if o.Helm {
		return w.chart.export(w), w.err
	}
	w.kustomization()
	return Export{Files: w.files, Notes: w.notes}, w.err
}

// writer is one export under way.
type writer struct {
	project project.Project
	options Options
	groups  []*group
	secrets map[string]*secret // by their names in the stack
	texts   map[string]string  // the names of secrets that the project's files have, by their texts
	claims  map[string]*claim  // volumes, by their names in the stack
	configs map[string]bool    // the ConfigMaps that are written
	level   podSecurity        // what the most demanding of the services needs
	files   map[string]string
	chart   *chart // nil: the files are no chart's
	notes   []string
	err     error
}

// group is a service with all its instances, which are one workload with replicas.
type group struct {
	spec.Service
	name     string // of its objects
	replicas int32
	source   string   // the service's name in the project
	aliases  []string // more names that others find it by
}

func (w *writer) note(format string, args ...any) {
	if note := fmt.Sprintf(format, args...); !slices.Contains(w.notes, note) {
		w.notes = append(w.notes, note)
	}
}

// write adds objects to a file. A service may have the name of a file of the whole stack, which then has both.
func (w *writer) write(name string, objects ...any) {
	var text strings.Builder
	for _, object := range objects {
		document, err := w.document(object)
		if err != nil && w.err == nil {
			w.err = fmt.Errorf("%s: %w", name, err)
		}
		text.WriteString(document)
	}
	if text.Len() > 0 {
		w.files[name+".yaml"] += text.String()
	}
}

// group is the one of a service of the project, nil if it is external.
func (w *writer) group(service string) *group {
	i := slices.IndexFunc(w.groups, func(g *group) bool { return g.Name == service || g.InstanceOf != "" && g.InstanceOf == service })
	if i < 0 {
		if s, found := w.project.Service(service); found && s.InstanceOf != "" {
			return w.group(s.InstanceOf)
		}
		return nil
	}
	return w.groups[i]
}

// Said are the notes, a line each.
func (e Export) Said() (text string) {
	for _, note := range e.Notes {
		text += note + "\n"
	}
	return text
}
