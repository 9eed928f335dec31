package kubernetes

import (
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"dagger/stack/internal/spec"
)

// podSecurity is one of the levels of the Pod Security Standards (kubernetes.io/docs/concepts/security/pod-security-standards).
type podSecurity string

const (
	restricted podSecurity = "restricted"
	baseline   podSecurity = "baseline"
	privileged podSecurity = "privileged"
)

// baselineCapabilities may be added at the level baseline; Docker's own default has NET_RAW, too.
var baselineCapabilities = []string{
	"AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD", "NET_BIND_SERVICE", "SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT",
}

// user is who a service runs as.
func (w *writer) user(g *group) User { return w.options.Users[g.source] }

// podSecurity has the user's group own the volumes, so that the user can write to them.
func (w *writer) podSecurity(g *group) *corev1.PodSecurityContext {
	user := w.user(g)
	context := &corev1.PodSecurityContext{
		SeccompProfile:     &corev1.SeccompProfile{Type: corev1.SeccompProfileTypeRuntimeDefault},
		SupplementalGroups: user.Groups,
	}
	if user.GID != 0 {
		context.FSGroup = &user.GID
	}
	for _, name := range []string{"net.ipv4.ip_unprivileged_port_start", "net.ipv4.ping_group_range", "net.ipv4.tcp_syncookies", "net.ipv4.tcp_keepalive_time"} {
		if value, asked := g.Container.Sysctls[name]; asked {
			context.Sysctls = append(context.Sysctls, corev1.Sysctl{Name: name, Value: value})
		}
	}
	if len(context.Sysctls) < len(g.Container.Sysctls) {
		w.note("%s: some of its sysctls are left out: Kubernetes calls them unsafe, and a node has to allow them", g.source)
	}
	return context
}

// security is what a service's process may do: nothing of root's, unless its image or the project says that it is root.
func (w *writer) security(g *group) *corev1.SecurityContext {
	user, isRoot := w.user(g), w.user(g).UID == 0
	nonRoot, escalates := !isRoot, g.Process.NewPrivileges
	context := &corev1.SecurityContext{RunAsUser: &user.UID, RunAsGroup: &user.GID, RunAsNonRoot: &nonRoot, AllowPrivilegeEscalation: &escalates}
	if g.Container.ReadOnly {
		context.ReadOnlyRootFilesystem = &g.Container.ReadOnly
	}
	capabilities := &corev1.Capabilities{Drop: []corev1.Capability{"ALL"}}
	for _, name := range g.Process.Capabilities {
		name = strings.TrimPrefix(name, "CAP_")
		switch {
		case !slices.Contains(baselineCapabilities, name) && slices.Contains(spec.DefaultCapabilities, "CAP_"+name):
			w.note("%s: CAP_%s is left out: Docker gives it to everybody, and the Pod Security Standards to nobody", g.source, name)
			continue
		case !slices.Contains(baselineCapabilities, name):
			w.demand(privileged)
			w.note("%s asks for CAP_%s: only a namespace of the level privileged admits it", g.source, name)
		case name != "NET_BIND_SERVICE":
			w.demand(baseline)
		}
		capabilities.Add = append(capabilities.Add, corev1.Capability(name))
	}
	context.Capabilities = capabilities
	if isRoot || escalates {
		w.demand(baseline)
		w.note("%s is root in its image, or may become it: only a namespace of the level baseline admits it. An image with a user of its own is better", g.source)
	}
	return context
}

// demand raises the level that the namespace has to have.
func (w *writer) demand(level podSecurity) {
	order := []podSecurity{restricted, baseline, privileged}
	if slices.Index(order, level) > slices.Index(order, w.level) {
		w.level = level
	}
}
