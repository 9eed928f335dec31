package kubernetes

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strconv"
	"strings"
	"unicode/utf8"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"dagger/stack/internal/spec"
)

// configMax is how much fits into a ConfigMap (1 MiB), with room for its metadata.
const configMax = 1_000_000

// files are those of the project that a service gets, on their way into a pod.
type files struct {
	*writer
	g      *group
	mount  func(corev1.Volume, corev1.VolumeMount)
	config *corev1.ConfigMap
	size   int
}

// projectFiles brings what a service has of the project beside its image: files and folders that are mounted, configs and secrets.
// It returns the ConfigMap that holds them.
func (w *writer) projectFiles(g *group, mount func(corev1.Volume, corev1.VolumeMount)) ([]any, error) {
	f := &files{writer: w, g: g, mount: mount, config: &corev1.ConfigMap{
		TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "ConfigMap"},
		ObjectMeta: w.meta(g, g.name+"-files", fmt.Sprintf("Files of the project that %s reads.", g.source)),
	}}
	for i, m := range g.Container.Mounts {
		if m.Type != spec.MountBind {
			continue
		}
		if err := f.bind(i, m); err != nil {
			return nil, err
		}
	}
	for i, file := range g.Files {
		if err := f.file(i, file); err != nil {
			return nil, fmt.Errorf("file %s: %w", file.Path, err)
		}
	}
	if len(f.config.Data)+len(f.config.BinaryData) == 0 || w.configs[f.config.Name] {
		return nil, nil // there is none, or another service that waits for the same job has brought it
	}
	w.configs[f.config.Name] = true
	return []any{f.config}, nil
}

// bind brings a file or folder of the project that is mounted.
func (f *files) bind(i int, m spec.Mount) error {
	name := f.g.name + "-bind-" + strconv.Itoa(i)
	switch {
	case isCode(f.g.Service, m):
		f.note("%s: ./%s is not mounted at %s: the image that it is built into has it", f.g.source, strings.TrimPrefix(m.Source, "./"), m.Target)
		return nil
	case m.Missing:
		f.mount(corev1.Volume{Name: name, VolumeSource: corev1.VolumeSource{EmptyDir: &corev1.EmptyDirVolumeSource{}}}, corev1.VolumeMount{Name: name, MountPath: m.Target})
		return nil
	}
	if !m.ReadOnly {
		f.note("%s: what is mounted at %s can be read only: a ConfigMap has the project's ./%s", f.g.source, m.Target, m.Source)
	}
	var items []corev1.KeyToPath
	err := fs.WalkDir(f.options.Project, path.Clean(m.Source), func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		below := strings.TrimPrefix(strings.TrimPrefix(file, path.Clean(m.Source)), "/")
		key := fmt.Sprintf("%d-%s", i, strings.ReplaceAll(keyName(file), "/", "_"))
		items = append(items, corev1.KeyToPath{Key: key, Path: below})
		return f.add(key, file)
	})
	if err != nil {
		return fmt.Errorf("the bind mount of ./%s at %s: %w: build its files into the image, or put them on a volume", m.Source, m.Target, err)
	}
	if m.File {
		f.single(name, items[0].Key, m.Target)
		return nil
	}
	f.mount(f.volume(name, items), corev1.VolumeMount{Name: name, MountPath: m.Target, ReadOnly: true})
	return nil
}

// add puts a file of the project into the ConfigMap.
func (f *files) add(key, file string) error {
	text, err := fs.ReadFile(f.options.Project, file)
	if err != nil {
		return err
	}
	return f.put(key, text)
}

func (f *files) put(key string, text []byte) error {
	if f.size += len(key) + len(text); f.size > configMax {
		return errors.New("more than the 1 MB that a ConfigMap holds")
	}
	if utf8.Valid(text) {
		if f.config.Data == nil {
			f.config.Data = map[string]string{}
		}
		f.config.Data[key] = string(text)
		return nil
	}
	if f.config.BinaryData == nil {
		f.config.BinaryData = map[string][]byte{}
	}
	f.config.BinaryData[key] = text
	return nil
}

func (f *files) volume(name string, items []corev1.KeyToPath) corev1.Volume {
	return corev1.Volume{Name: name, VolumeSource: corev1.VolumeSource{ConfigMap: &corev1.ConfigMapVolumeSource{
		LocalObjectReference: corev1.LocalObjectReference{Name: f.config.Name}, Items: items,
	}}}
}

// single mounts one file of the ConfigMap in a place of its own.
func (f *files) single(name, key, target string) {
	base := path.Base(target)
	f.mount(f.volume(name, []corev1.KeyToPath{{Key: key, Path: base}}), corev1.VolumeMount{Name: name, MountPath: target, SubPath: base, ReadOnly: true})
}

// file brings a config or a secret. One whose text has a secret in the middle is a key of the Secret as a whole: the README says what to
// put there.
func (f *files) file(i int, file spec.File) error {
	name, key := f.g.name+"-file-"+strconv.Itoa(i), fmt.Sprintf("%d-%s", i, keyName(path.Base(file.Path)))
	secrets := file.Content.Secrets()
	switch {
	case file.Source != "" && file.Sensitive:
		known := f.secretNamed("file-"+f.g.name+"-"+keyName(path.Base(file.Path)), f.g)
		known.file = file.Source
		f.fromSecret(name, known.key, file.Path)
		return nil
	case file.Source != "":
		if err := f.add(key, file.Source); err != nil {
			return err
		}
	case len(secrets) == 1 && len(file.Content) == 1:
		f.fromSecret(name, f.secretNamed(secrets[0], f.g).key, file.Path)
		return nil
	case len(secrets) > 0:
		known := f.secretNamed("file-"+f.g.name+"-"+keyName(path.Base(file.Path)), f.g)
		text, err := f.text(file.Content)
		known.template = text
		f.fromSecret(name, known.key, file.Path)
		return err
	default:
		text, err := f.text(file.Content)
		if err != nil {
			return err
		}
		if err := f.put(key, []byte(text)); err != nil {
			return err
		}
	}
	f.single(name, key, file.Path)
	return nil
}

// text is a file's text. One that has secrets is as a shell reads it, with ${NAME} in the place of each.
func (f *files) text(content spec.Value) (string, error) {
	var text strings.Builder
	plain := strings.NewReplacer() // changes nothing
	if len(content.Secrets()) > 0 {
		plain = strings.NewReplacer(`\`, `\\`, "`", "\\`", "$", `\$`)
	}
	for _, part := range content {
		switch {
		case part.Secret != nil:
			f.secretNamed(part.Secret.Name, f.g)
			quote := ""
			if part.Secret.Encoding == spec.Quoted {
				quote = `"`
			}
			text.WriteString(quote + "${" + shellName(part.Secret.Name) + "}" + quote)
		case part.Number != nil:
			if !part.Number.Bounded(f.g.Limits) {
				return "", errUnlimited
			}
			fmt.Fprint(&text, part.Number.Under(f.g.Limits, spec.Limits{}))
		case part.Address:
			return "", errors.New("it holds the container's own address, which is not known before the container is there")
		default:
			text.WriteString(plain.Replace(part.Text))
		}
	}
	return text.String(), nil
}

// fromSecret mounts a key of the stack's Secret as a file.
func (f *files) fromSecret(name, key, target string) {
	mode, base := int32(0o440), path.Base(target)
	f.mount(corev1.Volume{Name: name, VolumeSource: corev1.VolumeSource{Secret: &corev1.SecretVolumeSource{
		SecretName: f.object(), Items: []corev1.KeyToPath{{Key: key, Path: base}}, DefaultMode: &mode,
	}}}, corev1.VolumeMount{Name: name, MountPath: target, SubPath: base, ReadOnly: true})
}

// keyName is a name as a key of a ConfigMap or a Secret.
func keyName(name string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_./", r) {
			return r
		}
		return '_'
	}, name)
}
