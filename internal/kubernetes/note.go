package kubernetes

import (
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	"dagger/stack/internal/spec"
)

// list is names as a sentence has them.
func list(names []string) string {
	if n := len(names); n > 1 {
		return strings.Join(names[:n-1], ", ") + " and " + names[n-1]
	}
	return strings.Join(names, "")
}

// resources are the limits, which are the requests, too: what a service may use is there for it.
func resources(l spec.Limits) (r corev1.ResourceRequirements) {
	limits := corev1.ResourceList{}
	if l.CPUs > 0 {
		limits[corev1.ResourceCPU] = *resource.NewMilliQuantity(int64(l.CPUs*1000+0.5), resource.DecimalSI)
	}
	if l.Memory > 0 {
		limits[corev1.ResourceMemory] = *resource.NewQuantity(l.Memory, resource.BinarySI)
	}
	if len(limits) > 0 {
		r.Limits, r.Requests = limits, limits
	}
	return r
}

// uncounted says what of a service has no counterpart in Kubernetes.
func (w *writer) uncounted(g *group) {
	c := g.Container
	for _, row := range []struct {
		said bool
		what string
	}{
		{len(c.Ulimits) > 0, "its ulimits are the node's"},
		{c.Init, "init has no counterpart: a container's first process is its own"},
		{c.Hostname != "" && c.Hostname != g.name, "its hostname is the pod's name"},
		{!c.DNS.None(), "dns, dns_search and dns_opt are the cluster's"},
		{c.NoNetwork, "network_mode: none has no counterpart: a NetworkPolicy keeps others out, and it can reach them"},
		{isBuilt(g.Service) && g.Process.Reloads && w.options.Images[g.source] != "", "its command is a development server, which sees its files change: a cluster wants an image that was built for production, with a command of its own"},
	} {
		if row.said {
			w.note("%s: %s", g.source, row.what)
		}
	}
	for _, local := range g.Local {
		w.note("%s: %s answers at localhost:%d here: in the cluster say %s:%d", g.source, local.Service, local.Port, local.Service, local.To)
	}
	for _, host := range c.Hosts {
		if host.IP != "" {
			w.note("%s: the name %s for %s is left out: add hostAliases where it is needed", g.source, host.Name, host.IP)
		}
	}
	for _, m := range persistent(g.Service) {
		if g.Login == nil && !m.noCopy {
			w.note("%s: its volume at %s begins empty: Kubernetes copies nothing of the image into it, as Docker does", g.source, m.target)
		}
	}
	if g.Limits.Pids > 0 {
		w.note("the limits of processes (pids) are the node's (podPidsLimit of the kubelet)")
	}
	if g.Backup != nil {
		w.note("backup and restore, the mending of dropped databases and changed passwords are the agent's: in the cluster use its own tools for %s, or an operator", g.source)
	}
}
