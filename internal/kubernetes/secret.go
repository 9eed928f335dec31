package kubernetes

import (
	"maps"
	"net/url"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"dagger/stack/internal/recipe"
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
	made        bool        // nobody outside of the stack has to know it: a new one does
	users       []string
}

// shareSecrets has each secret of the project's files once, whatever the number of the variables that hold it: those with the same text are
// one, and of an address only the password is a secret. What else the address says is plain again, such as the service that it leads to.
func (w *writer) shareSecrets() {
	shared := map[string]string{} // the name of a secret, by its text
	names := slices.Sorted(maps.Keys(w.options.Texts))
	slices.SortStableFunc(names, func(a, b string) int { return w.order(a) - w.order(b) }) // as those who keep it call it
	share := func(name, text string) string {
		if shared[text] == "" {
			shared[text] = name
		}
		return shared[text]
	}
	values := map[string]spec.Value{}
	for _, name := range names {
		if _, _, _, is := passwordOf(w.options.Texts[name]); !is {
			values[name] = spec.Value{spec.SecretPart(share(name, w.options.Texts[name]), spec.Plain)}
		}
	}
	for _, name := range names {
		if before, password, after, is := passwordOf(w.options.Texts[name]); is {
			values[name] = spec.Value{spec.Text(before), spec.SecretPart(share(name+"-password", password), spec.URL), spec.Text(after)}
		}
	}
	w.texts = shared
	for text := range w.texts {
		if w.isPlain(text) {
			delete(w.texts, text)
		}
	}
	w.project.Services = slices.Clone(w.project.Services)
	for i, s := range w.project.Services {
		w.project.Services[i] = s.Replaced(func(value spec.Value) (all spec.Value) {
			for _, part := range value {
				switch {
				case part.Text != "":
					all = append(all, w.hide(part.Text)...)
				case part.Secret == nil || values[part.Secret.Name] == nil:
					all = append(all, part)
				case len(values[part.Secret.Name]) == 1:
					all = append(all, spec.SecretPart(values[part.Secret.Name][0].Secret.Name, part.Secret.Encoding))
				default:
					all = append(all, values[part.Secret.Name]...)
				}
			}
			return all
		})
	}
}

// order puts the secrets of databases first.
func (w *writer) order(secret string) int {
	for _, s := range w.project.Services {
		if s.Login != nil && strings.HasPrefix(secret, "value-"+s.Name+"-") {
			return 0
		}
	}
	return 1
}

// passwordOf takes an address with a password apart.
func passwordOf(text string) (before, password, after string, is bool) {
	address, err := url.Parse(text)
	if err != nil || address.User == nil || address.Host == "" {
		return "", "", "", false
	}
	password, is = address.User.Password()
	scheme, rest, _ := strings.Cut(text, "://")
	user, rest, _ := strings.Cut(rest, ":")
	written, after, _ := strings.Cut(rest, "@")
	plain, err := url.PathUnescape(written)
	return scheme + "://" + user + ":", password, "@" + after, is && password != "" && err == nil && plain == password
}

// object is the Secret of the stack.
func (w *writer) object() string {
	name := objectName(w.project.Name) + "-secrets"
	if w.chart != nil {
		return w.chart.value("secret", name)
	}
	return name
}

// secret refers to a secret of the stack.
func (w *writer) secret(s spec.Secret, g *group) *corev1.EnvVarSource {
	known := w.secretNamed(s.Name, g)
	known.inURL = known.inURL || s.Encoding == spec.URL
	if s.Random != nil {
		known.random, known.made = *s.Random, true
	}
	return fromSecret(known.object, known.key)
}

func (w *writer) secretNamed(name string, g *group) *secret {
	if w.secrets[name] == nil {
		w.secrets[name] = &secret{object: w.object(), key: name}
	}
	known := w.secrets[name]
	// A database and those who use it agree on any password.
	known.made = known.made || name == recipe.DBPassword || name == recipe.RedisPassword || g.Login != nil && strings.HasPrefix(name, "value-")
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

// remote is what a store calls a secret.
func (w *writer) remote(s *secret) string { return w.project.Name + "/" + s.key }

// externalSecret has External Secrets bring the stack's secrets from a store. Its type is external-secrets.io's, which has no
// package that is free of its operator.
func (w *writer) externalSecret() any {
	var data []any
	for _, name := range w.ownSecrets() {
		data = append(data, map[string]any{
			"secretKey": w.secrets[name].key,
			"remoteRef": map[string]any{"key": w.remote(w.secrets[name])},
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
