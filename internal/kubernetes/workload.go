package kubernetes

import (
	"fmt"
	"math"
	"slices"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"dagger/stack/internal/spec"
)

// workload are the objects of one service: what runs its pods, what the pods read, and the name that others reach them by.
func (w *writer) workload(g *group) ([]any, error) {
	if g.Mode == spec.ModeJob && len(w.waiters(g)) > 0 {
		w.note("%s is an init container of %s, which wait for its end: Kubernetes runs it before each of their pods starts, for several at the same time, so it has to be fit for that and to run again",
			g.source, list(w.waiters(g)))
		return nil, nil
	}
	pod, more, err := w.pod(g)
	if err != nil {
		return nil, err
	}
	meta := func(comment string) metav1.ObjectMeta { return w.meta(g, g.name, comment) }
	template := corev1.PodTemplateSpec{ObjectMeta: metav1.ObjectMeta{Labels: w.labels(g)}, Spec: pod}
	selector := &metav1.LabelSelector{MatchLabels: w.selector(g)}
	var run any
	switch claims := w.own(g); {
	case w.isJob(g):
		run = w.job(g, template)
	case len(claims) > 0:
		run = &appsv1.StatefulSet{
			TypeMeta:   metav1.TypeMeta{APIVersion: "apps/v1", Kind: "StatefulSet"},
			ObjectMeta: meta("The service " + w.origin(g) + ": it has data of its own, so each pod keeps its volumes."),
			Spec:       appsv1.StatefulSetSpec{Replicas: w.replicas(g), Selector: selector, ServiceName: g.name, Template: template, VolumeClaimTemplates: claims},
		}
		if g.replicas > 1 {
			w.note("each of the %d pods of %s has volumes of its own; in the project they share them", g.replicas, g.source)
		}
	default:
		run = &appsv1.Deployment{
			TypeMeta:   metav1.TypeMeta{APIVersion: "apps/v1", Kind: "Deployment"},
			ObjectMeta: meta("The service " + w.origin(g) + "."),
			Spec:       appsv1.DeploymentSpec{Replicas: w.replicas(g), Selector: selector, Template: template},
		}
	}
	objects := append([]any{run}, more...)
	if service := w.service(g); service != nil {
		objects = append(objects, service)
		objects = append(objects, w.aliasServices(g, service)...)
	}
	if scale, is := w.options.Autoscale[g.source]; is {
		objects = append(objects, w.autoscaler(g, scale))
	}
	if g.replicas > 1 {
		one := intstr.FromInt32(1)
		objects = append(objects, &policyv1.PodDisruptionBudget{
			TypeMeta:   metav1.TypeMeta{APIVersion: "policy/v1", Kind: "PodDisruptionBudget"},
			ObjectMeta: meta(fmt.Sprintf("There are %d of %s or more: a node that is drained takes one at a time.", g.replicas, g.source)),
			Spec:       policyv1.PodDisruptionBudgetSpec{MaxUnavailable: &one, Selector: selector},
		})
	}
	return objects, nil
}

// origin is where a service comes from, for who reads its file.
func (w *writer) origin(g *group) string {
	origin := g.source
	if g.Kind != "" {
		origin += " (" + g.Kind + ")"
	}
	if w.project.Source != "" {
		origin += " of " + w.project.Source
	}
	return origin
}

// isJob tells whether a service runs to its end: it is a job, or a container that the project says not to restart, has no port and is not
// reached by anybody.
func (w *writer) isJob(g *group) bool {
	ends := g.Mode == spec.ModeContainer && g.Restart.Policy == spec.RestartNo && !g.Restart.Unsaid && len(g.Ports) == 0 && g.Probe == nil
	return g.Mode == spec.ModeJob || ends && !w.isReached(g)
}

// job runs once. Kubernetes tries again six times, unless the project says otherwise.
func (w *writer) job(g *group, template corev1.PodTemplateSpec) any {
	retries := int32(0)
	template.Spec.RestartPolicy = corev1.RestartPolicyNever
	if g.Restart.Policy == spec.RestartOnFailure {
		retries = 6
		if g.Restart.MaxRetries > 0 {
			retries = int32(min(g.Restart.MaxRetries, math.MaxInt32))
		}
	}
	w.note("the Job %s runs once: kubectl delete job %s before it is applied again, because a Job cannot be changed", g.name, g.name)
	return &batchv1.Job{
		TypeMeta:   metav1.TypeMeta{APIVersion: "batch/v1", Kind: "Job"},
		ObjectMeta: w.meta(g, g.name, "The service "+w.origin(g)+", which runs to its end."),
		Spec:       batchv1.JobSpec{BackoffLimit: &retries, Template: template},
	}
}

// waiters are the services that start when a job has completed.
func (w *writer) waiters(job *group) (names []string) {
	for _, g := range w.groups {
		for _, d := range g.DependsOn {
			if d.Condition == spec.Completed && w.group(d.Service) == job && !slices.Contains(names, g.source) {
				names = append(names, g.source)
			}
		}
	}
	return names
}

// pod is what a group's pods consist of, and the objects that they read.
func (w *writer) pod(g *group) (pod corev1.PodSpec, more []any, err error) {
	no, grace := false, int64(math.Ceil(g.Process.Grace().Seconds()))
	pod = corev1.PodSpec{
		AutomountServiceAccountToken: &no, EnableServiceLinks: &no, TerminationGracePeriodSeconds: &grace, SecurityContext: w.podSecurity(g),
		RestartPolicy: corev1.RestartPolicyAlways,
	}
	container, more, err := w.container(g, &pod)
	if err != nil {
		return pod, nil, err
	}
	container.StartupProbe, container.ReadinessProbe, container.LivenessProbe = w.probes(g, &container)
	container.Lifecycle = w.lifecycle(g, &grace)
	for _, d := range g.DependsOn {
		job := w.group(d.Service)
		there := job != nil && slices.ContainsFunc(pod.InitContainers, func(c corev1.Container) bool { return c.Name == job.name })
		if d.Condition != spec.Completed || job == nil || job.Mode != spec.ModeJob || there {
			continue
		}
		init, read, err := w.container(job, &pod)
		if err != nil {
			return pod, nil, fmt.Errorf("its job %s: %w", job.source, err)
		}
		pod.InitContainers = append(pod.InitContainers, init)
		more = append(more, read...)
	}
	pod.Containers = []corev1.Container{container}
	switch {
	case w.isJob(g) || g.Restart.Policy == spec.RestartAlways:
	case g.Restart.Unsaid && len(g.Ports) == 0 && g.Probe == nil && !w.isReached(g):
		w.note(`%s is a Deployment, which is started again when it ends. Where it is to run to its end, say restart: "no", and it is a Job`, g.source)
	default:
		w.note("Kubernetes starts every service again that ends, whatever restart says")
	}
	w.uncounted(g)
	return pod, more, nil
}

// container is the one of a service, with its volumes in the pod.
func (w *writer) container(g *group, pod *corev1.PodSpec) (container corev1.Container, more []any, err error) {
	env, err := w.env(g)
	if err != nil {
		return container, nil, err
	}
	container = corev1.Container{
		Name: g.name, Image: w.image(g), WorkingDir: g.Process.Workdir, Env: env, Resources: resources(g.Limits), SecurityContext: w.security(g),
		Stdin: g.Container.StdinOpen, TTY: g.Container.TTY,
	}
	if container.Command, err = w.arguments(g, g.Process.Command, &container); err != nil {
		return container, nil, fmt.Errorf("an argument of its command: %w", err)
	}
	for _, option := range g.Process.Options {
		text, _, err := w.text(g, option, nil)
		if err != nil {
			return container, nil, fmt.Errorf("an argument of its command: %w", err)
		}
		container.Command = append(container.Command, text)
	}
	for _, port := range ports(g.Service) {
		container.Ports = append(container.Ports, corev1.ContainerPort{Name: portName(port), ContainerPort: port})
	}
	more, err = w.volumes(g, pod, &container)
	return container, more, err
}

func (w *writer) image(g *group) string {
	if image := w.options.Images[g.source]; image != "" {
		return image
	}
	return g.Build.Image
}

// drain is how long a pod still serves when it is to end: only then have all nodes heard that it gets no more requests.
const drain = 5

// drains tells whether a pod is replaced by another while others send it requests: a Deployment's, with a Service that has an address.
func (w *writer) drains(g *group) bool {
	return !w.isJob(g) && len(w.own(g)) == 0 && len(ports(g.Service)) > 0
}

// lifecycle is what runs beside the process, after its start and before its stop. Kubernetes always sends SIGTERM.
func (w *writer) lifecycle(g *group, grace *int64) *corev1.Lifecycle {
	lifecycle := &corev1.Lifecycle{}
	exec := func(args []string) *corev1.LifecycleHandler {
		return &corev1.LifecycleHandler{Exec: &corev1.ExecAction{Command: args}}
	}
	if start := g.Container.PostStart; len(start) > 0 {
		lifecycle.PostStart = exec(start[0].Args)
	}
	stop := g.Container.PreStop
	if len(stop) > 0 {
		lifecycle.PreStop = exec(stop[0].Args)
	} else if signal := g.Process.StopSignal; signal != "" && signal != "SIGTERM" && signal != "15" {
		kill := fmt.Sprintf("kill -%d 1", g.Process.Signal())
		if w.drains(g) {
			kill, *grace = fmt.Sprintf("sleep %d; %s", drain, kill), *grace+drain
		}
		lifecycle.PreStop = exec([]string{"sh", "-c", kill})
	} else if w.drains(g) {
		lifecycle.PreStop = &corev1.LifecycleHandler{Sleep: &corev1.SleepAction{Seconds: drain}}
		*grace += drain
	}
	for _, command := range slices.Concat(g.Container.PostStart, stop) {
		if command.User != "" || len(command.Env) > 0 || command.Workdir != "" {
			w.note("%s: a command of post_start or pre_stop runs with the container's own user, folder and variables: Kubernetes knows no others for it", g.source)
		}
	}
	if len(g.Container.PostStart) > 1 || len(stop) > 1 {
		w.note("%s: only the first command of post_start and of pre_stop is there: Kubernetes has one of each", g.source)
	}
	if lifecycle.PostStart == nil && lifecycle.PreStop == nil {
		return nil
	}
	return lifecycle
}
