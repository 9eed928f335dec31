package kubernetes

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/util/validation"

	"dagger/stack/internal/spec"
)

// check refuses what cannot be written, and finds the groups and their volumes.
func (w *writer) check() error {
	o := w.options
	if _, err := resource.ParseQuantity(o.Storage); err != nil {
		return fmt.Errorf("storage %q: want a quantity as Kubernetes writes it, e.g. 10Gi", o.Storage)
	}
	if o.Namespace != "" && len(validation.IsDNS1123Label(o.Namespace)) > 0 {
		return fmt.Errorf("namespace %q: want at most 63 of a-z, 0-9 and \"-\", with a letter or digit at both ends", o.Namespace)
	}
	for _, names := range []map[string]string{o.Hosts, o.Images, o.External} {
		for _, name := range slices.Sorted(maps.Keys(names)) {
			if err := w.known(name); err != nil {
				return err
			}
		}
	}
	for _, service := range slices.Sorted(maps.Keys(o.Hosts)) {
		host := o.Hosts[service]
		if len(validation.IsDNS1123Subdomain(host)) > 0 {
			return fmt.Errorf("host %q of %s: want the name of a host, e.g. shop.example.com", host, service)
		}
	}
	for _, service := range slices.Sorted(maps.Keys(o.External)) {
		name := o.External[service]
		if len(validation.IsDNS1123Subdomain(name)) > 0 {
			return fmt.Errorf("external %s: %q cannot be the name of a Secret", service, name)
		}
	}
	if gateway := strings.Split(o.Gateway, "/"); o.Gateway != "" && (len(gateway) > 2 ||
		slices.ContainsFunc(gateway, func(name string) bool { return len(validation.IsDNS1123Subdomain(name)) > 0 })) {
		return fmt.Errorf("gateway %q: want the name of a Gateway, or NAMESPACE/NAME, e.g. infra/public", o.Gateway)
	}
	if o.Store != "" && len(validation.IsDNS1123Subdomain(o.Store)) > 0 {
		return fmt.Errorf("secret store %q: want the name of a ClusterSecretStore, e.g. vault", o.Store)
	}
	for _, service := range slices.Sorted(maps.Keys(o.Autoscale)) {
		if err := w.known(service); err != nil {
			return err
		}
	}
	if err := w.gather(); err != nil {
		return err
	}
	return errors.Join(w.checkScales(), w.checkHosts(), w.images())
}

// known refuses a name that no service of the project has.
func (w *writer) known(name string) error {
	var names []string
	for _, s := range w.project.Services {
		names = append(names, Source(s))
	}
	if names = slices.Compact(names); !slices.Contains(names, name) {
		return fmt.Errorf("service %q is not part of the stack: want one of %s", name, strings.Join(names, ", "))
	}
	return nil
}

// gather makes one group of all instances of a service.
func (w *writer) gather() error {
	taken := map[string]string{}
	for _, s := range w.project.Services {
		source := Source(s)
		if w.options.External[source] != "" {
			continue
		}
		if i := slices.IndexFunc(w.groups, func(g *group) bool { return g.source == source }); i >= 0 {
			w.groups[i].replicas++
			continue
		}
		name := objectName(source)
		if name == "" {
			return fmt.Errorf("service %q: its name has neither a letter nor a digit, and an object of Kubernetes wants one", source)
		}
		if other := taken[name]; other != "" {
			return fmt.Errorf("services %q and %q would both be called %q in Kubernetes: rename one of them", other, source, name)
		}
		if taken[name] = source; name != source {
			w.note("%s is called %s in the cluster, where a name has a-z, 0-9 and \"-\" alone: who reaches it as %s has to say %s", source, name, source, name)
		}
		if name == "kustomization" {
			return fmt.Errorf("service %q: its file would be kustomization.yaml, which is kubectl's: rename it", source)
		}
		w.groups = append(w.groups, &group{Service: s, name: name, replicas: 1, source: source})
	}
	if len(w.groups) == 0 {
		return errors.New("nothing is left to write: every service is external")
	}
	w.findClaims()
	w.findAliases()
	return nil
}

// images refuses services whose image only this machine has, all at once.
func (w *writer) images() error {
	built := w.options.ToBuild(w.project)
	if len(built) == 0 {
		return nil
	}
	return fmt.Errorf("a cluster needs the images of %s from a registry: publish them with --registry, or name them with %s",
		strings.Join(built, ", "), "--image "+strings.Join(built, "=REFERENCE --image ")+"=REFERENCE")
}

// isBuilt tells whether a service's image is made of the project.
func isBuilt(s spec.Service) bool { return s.Build.Docker != nil || s.Build.Dir != "" }

// objectName is a name as Kubernetes takes one for a Service: "" if nothing of it can be kept.
func objectName(name string) string {
	name = strings.Map(func(r rune) rune {
		switch {
		case r >= 'A' && r <= 'Z':
			return r + 'a' - 'A'
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			return r
		}
		return '-'
	}, name)
	if name = strings.Trim(name, "-"); name != "" && name[0] >= '0' && name[0] <= '9' {
		name = "s-" + name // a Service's name begins with a letter
	}
	return strings.Trim(name[:min(len(name), 50)], "-") // what is added to it has room up to 63
}
