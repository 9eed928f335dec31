package kubernetes

import (
	"encoding/json"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"
)

// because is the annotation that carries an object's comment to where the object is written. It is in no file.
const because = "stack/because"

// document is an object as YAML, below a comment that says where it comes from.
func (w *writer) document(object any) (string, error) {
	text, err := json.Marshal(object)
	if err != nil {
		return "", err
	}
	var fields map[string]any
	if err := json.Unmarshal(text, &fields); err != nil {
		return "", err
	}
	delete(fields, "status") // the cluster's, not ours
	tidy(fields)
	if w.chart != nil {
		w.chart.object(fields)
	}
	comment := ""
	if metadata, is := fields["metadata"].(map[string]any); is {
		if annotations, is := metadata["annotations"].(map[string]any); is {
			comment, _ = annotations[because].(string)
			if delete(annotations, because); len(annotations) == 0 {
				delete(metadata, "annotations")
			}
		}
	}
	body, err := yaml.Marshal(fields)
	if comment != "" {
		comment = "# " + strings.ReplaceAll(comment, "\n", "\n# ") + "\n"
	}
	return "---\n" + comment + string(body), err
}

// tidy takes out what the types write though nobody has set it.
func tidy(value any) {
	switch value := value.(type) {
	case map[string]any:
		if value["creationTimestamp"] == nil {
			delete(value, "creationTimestamp")
		}
		for _, name := range []string{"status", "strategy", "updateStrategy"} {
			if field, is := value[name].(map[string]any); is && len(field) == 0 {
				delete(value, name)
			}
		}
		for _, field := range value {
			tidy(field)
		}
	case []any:
		for _, item := range value {
			tidy(item)
		}
	}
}

// meta is the metadata of an object of a group; a nil group is the whole stack.
func (w *writer) meta(g *group, name, comment string) metav1.ObjectMeta {
	meta := metav1.ObjectMeta{Name: name, Namespace: w.options.Namespace, Labels: w.labels(g)}
	if comment != "" {
		meta.Annotations = map[string]string{because: comment}
	}
	return meta
}

// labels are Kubernetes' recommended ones.
func (w *writer) labels(g *group) map[string]string {
	labels := map[string]string{"app.kubernetes.io/part-of": w.project.Name, "app.kubernetes.io/managed-by": "stack"}
	if g != nil {
		maps.Copy(labels, w.selector(g))
	}
	return labels
}

// selector are the labels by which the pods of a group are known.
func (w *writer) selector(g *group) map[string]string {
	return map[string]string{"app.kubernetes.io/name": g.name, "app.kubernetes.io/instance": w.project.Name}
}

// namespace is the namespace, which admits no pod that asks for more than the stack's do.
func (w *writer) namespace() any {
	labels := w.labels(nil)
	labels["pod-security.kubernetes.io/enforce"] = string(w.level)
	return &corev1.Namespace{
		TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Namespace"},
		ObjectMeta: metav1.ObjectMeta{Name: w.options.Namespace, Labels: labels, Annotations: map[string]string{
			because: "Pods that ask for more rights than the services of the stack have are refused.",
		}},
	}
}

// kustomization lists the files, for kubectl apply -k.
func (w *writer) kustomization() {
	text := "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n"
	for _, name := range slices.Sorted(maps.Keys(w.files)) {
		if path.Ext(name) == ".yaml" {
			text += fmt.Sprintf("  - %s\n", name)
		}
	}
	w.files["kustomization.yaml"] = text
}
