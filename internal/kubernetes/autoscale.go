package kubernetes

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Range is how many pods an autoscaler may have.
type Range struct{ Min, Max int32 }

// busy is the share of its CPU limit, in percent, from which on a service gets more pods.
const busy = int32(80)

// ranges are those of a flag, each SERVICE=MIN-MAX.
func ranges(texts []string) (map[string]Range, error) {
	values, err := pairs("autoscale", "web=2-6", texts)
	if err != nil {
		return nil, err
	}
	all := map[string]Range{}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		low, high, _ := strings.Cut(values[name], "-")
		least, err := strconv.ParseInt(low, 10, 32)
		most, errMost := strconv.ParseInt(high, 10, 32)
		if errors.Join(err, errMost) != nil || least < 1 || most <= least {
			return nil, fmt.Errorf("--autoscale %s=%s: want SERVICE=MIN-MAX with 1 or more and more than that, e.g. --autoscale %s=2-6", name, values[name], name)
		}
		all[name] = Range{int32(least), int32(most)}
	}
	return all, nil
}

// checkScales refuses autoscalers that would never do anything, or would do harm.
func (w *writer) checkScales() error {
	for _, service := range slices.Sorted(maps.Keys(w.options.Autoscale)) {
		g := w.group(service)
		switch {
		case g == nil:
			return fmt.Errorf("autoscale %s: it is external, and not among the objects", service)
		case w.isJob(g):
			return fmt.Errorf("autoscale %s: it is a job, which runs once", service)
		case len(w.own(g)) > 0:
			return fmt.Errorf("autoscale %s: it has data of its own, of which each further pod would have none", service)
		case g.Limits.CPUs == 0:
			return fmt.Errorf("autoscale %s: an autoscaler counts how much of its CPU a service uses, and this one has no limit of CPU: "+
				"give it one with deploy.resources.limits.cpus in the compose file, or with-limits --service %s --cpus 1", service, service)
		}
		g.replicas = max(g.replicas, w.options.Autoscale[service].Min)
	}
	return nil
}

// replicas are how many pods a group has; nil: an autoscaler says it, and who applies the file again does not.
func (w *writer) replicas(g *group) *int32 {
	if _, is := w.options.Autoscale[g.source]; is {
		return nil
	}
	return &g.replicas
}

func (w *writer) autoscaler(g *group, scale Range) any {
	average := busy
	w.note("%s: its autoscaler asks the cluster's metrics server (metrics.k8s.io) how busy the pods are", g.source)
	return &autoscalingv2.HorizontalPodAutoscaler{
		TypeMeta:   metav1.TypeMeta{APIVersion: "autoscaling/v2", Kind: "HorizontalPodAutoscaler"},
		ObjectMeta: w.meta(g, g.name, fmt.Sprintf("More pods of %s when they use more than %d %% of their CPU, as --autoscale says.", g.source, busy)),
		Spec: autoscalingv2.HorizontalPodAutoscalerSpec{
			ScaleTargetRef: autoscalingv2.CrossVersionObjectReference{APIVersion: "apps/v1", Kind: "Deployment", Name: g.name},
			MinReplicas:    &scale.Min, MaxReplicas: scale.Max,
			Metrics: []autoscalingv2.MetricSpec{{Type: autoscalingv2.ResourceMetricSourceType, Resource: &autoscalingv2.ResourceMetricSource{
				Name: corev1.ResourceCPU, Target: autoscalingv2.MetricTarget{Type: autoscalingv2.UtilizationMetricType, AverageUtilization: &average},
			}}},
		},
	}
}

// checkHosts refuses a host for what nobody can reach.
func (w *writer) checkHosts() error {
	for _, service := range slices.Sorted(maps.Keys(w.options.Hosts)) {
		switch g := w.group(service); {
		case g == nil:
			return fmt.Errorf("host of %s: it is external, and not among the objects", service)
		case len(ports(g.Service)) == 0 || w.isJob(g):
			return fmt.Errorf("host of %s: no port of it is known: say ports or expose in the compose file", service)
		}
	}
	return nil
}
