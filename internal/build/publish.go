package build

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"dagger/stack/internal/control"
	"dagger/stack/internal/dagger"
	"dagger/stack/internal/kubernetes"
	"dagger/stack/internal/source/git"
	"dagger/stack/internal/spec"
)

// Registry is where images are published, and who publishes.
type Registry struct {
	Name, Tag, Username string
	Password            *dagger.Secret
	Origin              git.Origin // of the project
	Format              string     // of the answer: text, unless given, or json
}

// labels are those of the OCI annotations (github.com/opencontainers/image-spec, annotations.md). When an image was made is not among them: the
// same source makes the same image.
func (r Registry) labels(service string) map[string]string {
	labels := map[string]string{"title": service, "source": r.Origin.URL, "revision": r.Origin.Revision, "version": r.Tag}
	if r.Tag == "latest" {
		delete(labels, "version")
	}
	maps.DeleteFunc(labels, func(_, value string) bool { return value == "" })
	return labels
}

// List are the references by the services: a line for each, or an object.
func (r Registry) List(published map[string]string) string {
	if r.Format == "json" {
		text, _ := json.MarshalIndent(published, "", "  ") // of strings: no error
		return string(text) + "\n"
	}
	var text strings.Builder
	for _, name := range slices.Sorted(maps.Keys(published)) {
		fmt.Fprintf(&text, "%s %s\n", name, published[name])
	}
	return text.String()
}

// Publish publishes the images of services that are named, once for all instances, and returns the references by the services' names. ready is a
// service's container, built.
func (r Registry) Publish(ctx context.Context, services []spec.Service, names []string, ready func(context.Context, spec.Service) (*dagger.Container, error)) (map[string]string, error) {
	if (r.Username == "") != (r.Password == nil) {
		return nil, fmt.Errorf("--registry-username and --registry-password: give both of them, or none")
	}
	if err := control.CheckFormat(r.Format); err != nil {
		return nil, err
	}
	var mu sync.Mutex
	published := map[string]string{}
	group, groupCtx := errgroup.WithContext(ctx)
	for _, s := range services {
		source := kubernetes.Source(s)
		if !slices.Contains(names, source) {
			continue
		}
		names = slices.DeleteFunc(slices.Clone(names), func(name string) bool { return name == source }) // once for all instances
		if s.Process.Reloads {
			fmt.Printf("note: %s is published with a development server, as up runs it without --production\n", source)
		}
		reference, err := kubernetes.Reference(r.Name, source, r.Tag)
		if err != nil {
			return nil, err
		}
		group.Go(func() error {
			container, err := ready(groupCtx, s)
			if err != nil {
				return err
			}
			container = container.WithUser(s.Process.User).WithWorkdir(s.Process.Workdir).WithEntrypoint([]string{}).
				WithDefaultArgs(s.Process.Command)
			labels := r.labels(source)
			for _, name := range slices.Sorted(maps.Keys(labels)) {
				container = container.WithLabel("org.opencontainers.image."+name, labels[name])
			}
			if r.Username != "" {
				host, _, _ := strings.Cut(r.Name, "/")
				container = container.WithRegistryAuth(host, r.Username, r.Password)
			}
			digest, err := container.Publish(groupCtx, reference)
			mu.Lock()
			defer mu.Unlock()
			published[source] = digest
			return err
		})
	}
	return published, group.Wait()
}
