package kubernetes

import (
	"maps"
	"slices"

	corev1 "k8s.io/api/core/v1"

	"dagger/stack/internal/spec"
)

// secret is one that the objects refer to by name. No file has its value.
type secret struct {
	object, key string
	inURL       bool        // it stands in an address: letters and digits alone are safe there
	random      spec.Random // the form that it is made in
	file        string      // of the project, which has it
	template    string      // the text of a file with ${NAME} in the place of other secrets
	external    bool        // it is somebody else's: the address and the login of a service that is not part of the objects
	users       []string
}

// object is the Secret of the stack.
func (w *writer) object() string { return objectName(w.project.Name) + "-secrets" }

// secret refers to a secret of the stack.
func (w *writer) secret(s spec.Secret, g *group) *corev1.EnvVarSource {
	known := w.secretNamed(s.Name, g)
	known.inURL = known.inURL || s.Encoding == spec.URL
	if s.Random != nil {
		known.random = *s.Random
	}
	return fromSecret(known.object, known.key)
}

func (w *writer) secretNamed(name string, g *group) *secret {
	if w.secrets[name] == nil {
		w.secrets[name] = &secret{object: w.object(), key: name}
	}
	known := w.secrets[name]
	if !slices.Contains(known.users, g.source) {
		known.users = append(known.users, g.source)
	}
	return known
}

// external refers to a variable of a service that is not part of the objects.
func (w *writer) external(object, variable string, g *group) {
	known := w.secretNamed(object+"/"+variable, g)
	known.object, known.key, known.external = object, variable, true
}

func fromSecret(object, key string) *corev1.EnvVarSource {
	return &corev1.EnvVarSource{SecretKeyRef: &corev1.SecretKeySelector{LocalObjectReference: corev1.LocalObjectReference{Name: object}, Key: key}}
}

// ownSecrets are the names of the secrets that are the stack's.
func (w *writer) ownSecrets() (names []string) {
	for _, name := range slices.Sorted(maps.Keys(w.secrets)) {
		if !w.secrets[name].external {
			names = append(names, name)
		}
	}
	return names
}

// externalSecret has External Secrets bring the stack's secrets from a store. Its type is external-secrets.io's, which has no
// package that is free of its operator.
func (w *writer) externalSecret() any {
	var data []any
	for _, name := range w.ownSecrets() {
		data = append(data, map[string]any{
			"secretKey": w.secrets[name].key,
			"remoteRef": map[string]any{"key": w.project.Name + "/" + w.secrets[name].key},
		})
	}
	return map[string]any{
		"apiVersion": "external-secrets.io/v1", "kind": "ExternalSecret",
		"metadata": w.meta(nil, w.object(), "The secrets of the stack, each from "+w.project.Name+"/NAME of the store."),
		"spec": map[string]any{
			"secretStoreRef": map[string]any{"name": w.options.Store, "kind": "ClusterSecretStore"},
			"target":         map[string]any{"name": w.object()},
			"data":           data,
		},
	}
}
