package kubernetes

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"dagger/stack/internal/spec"
)

// ports are those that a service is known to have, each once.
func ports(s spec.Service) (all []int32) {
	for _, p := range s.Ports {
		if port := int32(p.Container); !slices.Contains(all, port) {
			all = append(all, port)
		}
	}
	return all
}

func portName(port int32) string { return fmt.Sprintf("tcp-%d", port) }

// isReached tells whether another service names this one.
func (w *writer) isReached(g *group) bool {
	return slices.ContainsFunc(w.groups, func(other *group) bool { return other != g && w.reaches(other, g) })
}

// reaches tells whether one service is known to use another: it depends on it, or has one of its names in a variable or an argument.
func (w *writer) reaches(from, to *group) bool {
	for _, need := range from.Needs() {
		if w.group(need) == to && to.Mode != spec.ModeJob {
			return true
		}
	}
	for _, name := range append([]string{to.source}, to.aliases...) {
		if slices.ContainsFunc(from.Process.Env, func(v spec.Variable) bool { return mentions(v.Value, name) }) ||
			slices.ContainsFunc(from.Process.Command, func(argument string) bool { return mentions(spec.Value{spec.Text(argument)}, name) }) {
			return true
		}
	}
	return false
}

// service is the name by which others reach a group's pods. Where no port is known it has no address of its own, and leads to the
// pods: then every port is reached, as with Docker.
func (w *writer) service(g *group) *corev1.Service {
	known := ports(g.Service)
	if g.Mode == spec.ModeJob || len(known) == 0 && !w.isReached(g) && len(w.own(g)) == 0 {
		return nil
	}
	service := &corev1.Service{
		TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "Service"},
		ObjectMeta: w.meta(g, g.name, fmt.Sprintf("How others reach %s.", g.source)),
		Spec:       corev1.ServiceSpec{Selector: w.selector(g)},
	}
	for _, port := range known {
		service.Spec.Ports = append(service.Spec.Ports, corev1.ServicePort{Name: portName(port), Port: port, TargetPort: intstr.FromInt32(port)})
	}
	if len(known) == 0 || len(w.own(g)) > 0 {
		service.Spec.ClusterIP = corev1.ClusterIPNone
	}
	return service
}

// network are the rules of who reaches whom, and what is published.
func (w *writer) network() []any {
	deny := &networkingv1.NetworkPolicy{
		TypeMeta:   metav1.TypeMeta{APIVersion: "networking.k8s.io/v1", Kind: "NetworkPolicy"},
		ObjectMeta: w.meta(nil, objectName(w.project.Name)+"-deny", "Nobody reaches a pod of the stack, unless a policy below says so."),
		Spec: networkingv1.NetworkPolicySpec{
			PodSelector: metav1.LabelSelector{MatchLabels: map[string]string{"app.kubernetes.io/part-of": w.project.Name}},
			PolicyTypes: []networkingv1.PolicyType{networkingv1.PolicyTypeIngress},
		},
	}
	objects := []any{deny}
	for _, g := range w.groups {
		if policy := w.policy(g); policy != nil {
			objects = append(objects, policy)
		}
	}
	for _, source := range slices.Sorted(maps.Keys(w.options.Hosts)) {
		if g := w.group(source); g != nil && len(ports(g.Service)) > 0 {
			objects = append(objects, w.entry(g, w.options.Hosts[source]))
		}
	}
	return objects
}

// policy says who reaches a group: the services that use it, and everybody where it is published.
func (w *writer) policy(g *group) *networkingv1.NetworkPolicy {
	var rules []networkingv1.NetworkPolicyIngressRule
	var who []string
	var peers []networkingv1.NetworkPolicyPeer
	for _, other := range w.groups {
		if other != g && w.reaches(other, g) || other == g && g.replicas > 1 {
			who = append(who, other.source)
			peers = append(peers, networkingv1.NetworkPolicyPeer{PodSelector: &metav1.LabelSelector{MatchLabels: w.selector(other)}})
		}
	}
	if len(peers) > 0 {
		rules = append(rules, networkingv1.NetworkPolicyIngressRule{From: peers})
	}
	if w.options.Hosts[g.source] != "" {
		who = append(who, "everybody, through "+w.options.Hosts[g.source])
		rule := networkingv1.NetworkPolicyIngressRule{}
		for _, port := range ports(g.Service)[:1] {
			number := intstr.FromInt32(port)
			rule.Ports = append(rule.Ports, networkingv1.NetworkPolicyPort{Port: &number})
		}
		rules = append(rules, rule)
	}
	if len(rules) == 0 {
		return nil
	}
	return &networkingv1.NetworkPolicy{
		TypeMeta:   metav1.TypeMeta{APIVersion: "networking.k8s.io/v1", Kind: "NetworkPolicy"},
		ObjectMeta: w.meta(g, g.name, fmt.Sprintf("%s is reached by %s.", g.source, list(who))),
		Spec: networkingv1.NetworkPolicySpec{
			PodSelector: metav1.LabelSelector{MatchLabels: w.selector(g)}, Ingress: rules,
			PolicyTypes: []networkingv1.PolicyType{networkingv1.PolicyTypeIngress},
		},
	}
}

// entry publishes a service under the name of a host.
func (w *writer) entry(g *group, host string) any {
	if w.options.Gateway == "" {
		return w.ingress(g, host)
	}
	return w.route(g, host)
}

// route is an HTTPRoute of Gateway API, whose types are not worth their module.
func (w *writer) route(g *group, host string) any {
	gateway := map[string]any{"name": w.options.Gateway}
	if namespace, name, found := strings.Cut(w.options.Gateway, "/"); found {
		gateway = map[string]any{"name": name, "namespace": namespace}
	}
	return map[string]any{
		"apiVersion": "gateway.networking.k8s.io/v1", "kind": "HTTPRoute",
		"metadata": w.meta(g, g.name, fmt.Sprintf("https://%s is %s, through the Gateway %s, which has the certificate.", host, g.source, w.options.Gateway)),
		"spec": map[string]any{
			"parentRefs": []any{gateway}, "hostnames": []any{host},
			"rules": []any{map[string]any{"backendRefs": []any{map[string]any{"name": g.name, "port": ports(g.Service)[0]}}}},
		},
	}
}

// ingress publishes a service under the name of a host, at its first port.
func (w *writer) ingress(g *group, host string) *networkingv1.Ingress {
	prefix := networkingv1.PathTypePrefix
	return &networkingv1.Ingress{
		TypeMeta:   metav1.TypeMeta{APIVersion: "networking.k8s.io/v1", Kind: "Ingress"},
		ObjectMeta: w.meta(g, g.name, fmt.Sprintf("https://%s is %s. The cluster's default class of Ingress serves it; a certificate is for you to add.", host, g.source)),
		Spec: networkingv1.IngressSpec{Rules: []networkingv1.IngressRule{{
			Host: host,
			IngressRuleValue: networkingv1.IngressRuleValue{HTTP: &networkingv1.HTTPIngressRuleValue{Paths: []networkingv1.HTTPIngressPath{{
				Path: "/", PathType: &prefix,
				Backend: networkingv1.IngressBackend{Service: &networkingv1.IngressServiceBackend{
					Name: g.name, Port: networkingv1.ServiceBackendPort{Number: ports(g.Service)[0]},
				}},
			}}}},
		}}},
	}
}
