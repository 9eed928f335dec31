package kubernetes

import (
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"dagger/stack/internal/spec"
)

// claim is a volume of the stack, and the services that have it.
type claim struct {
	name  string // of the PersistentVolumeClaim
	users []*group
}

// mounted is one volume of a service.
type mounted struct {
	volume, target, subpath string
	readOnly, noCopy        bool
}

// persistent are a service's volumes that outlive a container.
func persistent(s spec.Service) (all []mounted) {
	for _, data := range s.Data {
		if !data.Ephemeral {
			all = append(all, mounted{volume: data.Name, target: data.Path, noCopy: true})
		}
	}
	for _, mount := range s.Container.Mounts {
		if mount.Type == spec.MountVolume && !hidden(s, mount.Target) {
			all = append(all, mounted{mount.Source, mount.Target, mount.Subpath, mount.ReadOnly, mount.NoCopy})
		}
	}
	return all
}

// hidden tells whether a place lies in a folder of the project's code that the project lays over what the image has: the image of a cluster
// has the code itself, and beside it what the project keeps out of the way of the folder (./:/app with /app/node_modules).
func hidden(s spec.Service, target string) bool {
	return slices.ContainsFunc(s.Container.Mounts, func(m spec.Mount) bool {
		return isCode(s, m) && strings.HasPrefix(path.Clean(target)+"/", path.Clean(m.Target)+"/")
	})
}

// isCode tells whether a bind brings the code that the service's image is built from.
func isCode(s spec.Service, m spec.Mount) bool {
	if m.Type != spec.MountBind || m.File || s.Build.Docker == nil {
		return false
	}
	source, context := path.Clean(m.Source), path.Clean(s.Build.Docker.Context)
	return source == "." || context == "." || source == context || strings.HasPrefix(source+"/", context+"/")
}

// findClaims finds the volumes and who has them.
func (w *writer) findClaims() {
	w.claims = map[string]*claim{}
	for _, g := range w.groups {
		for _, m := range persistent(g.Service) {
			if w.claims[m.volume] == nil {
				w.claims[m.volume] = &claim{name: objectName(m.volume)}
			}
			if c := w.claims[m.volume]; !slices.Contains(c.users, g) {
				c.users = append(c.users, g)
			}
		}
	}
}

// isShared tells whether a volume is a claim of its own: several services have it, or a Job, which brings none.
func (w *writer) isShared(volume string) bool {
	c := w.claims[volume]
	return len(c.users) > 1 || w.isJob(c.users[0])
}

// own are the claims of which each pod of a group gets its own.
func (w *writer) own(g *group) (claims []corev1.PersistentVolumeClaim) {
	for _, m := range persistent(g.Service) {
		name := w.claims[m.volume].name
		if w.isShared(m.volume) || slices.ContainsFunc(claims, func(c corev1.PersistentVolumeClaim) bool { return c.Name == name }) {
			continue
		}
		claims = append(claims, corev1.PersistentVolumeClaim{
			ObjectMeta: metav1.ObjectMeta{Name: name, Labels: w.labels(g)}, Spec: w.claimSpec(corev1.ReadWriteOnce),
		})
	}
	return claims
}

func (w *writer) claimSpec(mode corev1.PersistentVolumeAccessMode) corev1.PersistentVolumeClaimSpec {
	return corev1.PersistentVolumeClaimSpec{
		AccessModes: []corev1.PersistentVolumeAccessMode{mode},
		Resources:   corev1.VolumeResourceRequirements{Requests: corev1.ResourceList{corev1.ResourceStorage: resource.MustParse(w.options.Storage)}},
	}
}

// shared are the claims that several services have.
func (w *writer) shared() (objects []any) {
	for _, g := range w.groups {
		for _, m := range persistent(g.Service) {
			c := w.claims[m.volume]
			if !w.isShared(m.volume) || c.users[0] != g {
				continue
			}
			var users []string
			for _, user := range c.users {
				users = append(users, user.source)
			}
			w.note("the volume %s is shared by %s: its claim asks for ReadWriteMany, which not every storage class has", m.volume, list(users))
			object := &corev1.PersistentVolumeClaim{
				TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "PersistentVolumeClaim"},
				ObjectMeta: w.meta(nil, c.name, fmt.Sprintf("The volume %s of %s.", m.volume, list(users))), Spec: w.claimSpec(corev1.ReadWriteMany),
			}
			if !slices.ContainsFunc(objects, func(o any) bool { return o.(*corev1.PersistentVolumeClaim).Name == c.name }) {
				objects = append(objects, object)
			}
		}
	}
	return objects
}

// volumes puts a service's volumes into its pod, and returns the ConfigMap that it reads.
func (w *writer) volumes(g *group, pod *corev1.PodSpec, container *corev1.Container) ([]any, error) {
	mount := func(volume corev1.Volume, m corev1.VolumeMount) {
		if !slices.ContainsFunc(pod.Volumes, func(v corev1.Volume) bool { return v.Name == volume.Name }) && volume.Name != "" {
			pod.Volumes = append(pod.Volumes, volume)
		}
		container.VolumeMounts = append(container.VolumeMounts, m)
	}
	for _, m := range persistent(g.Service) {
		volume := corev1.Volume{} // of a claim that each pod has: the StatefulSet brings it
		name := w.claims[m.volume].name
		if w.isShared(m.volume) {
			volume = corev1.Volume{Name: name, VolumeSource: corev1.VolumeSource{
				PersistentVolumeClaim: &corev1.PersistentVolumeClaimVolumeSource{ClaimName: name, ReadOnly: m.readOnly},
			}}
		}
		// In a folder of the disk: a new disk has a folder lost+found, for which postgres and others refuse to begin.
		mount(volume, corev1.VolumeMount{Name: name, MountPath: m.target, SubPath: path.Join("data", m.subpath), ReadOnly: m.readOnly})
	}
	empty := func(name, target string, memory bool, size int64) {
		source := &corev1.EmptyDirVolumeSource{}
		if memory {
			source.Medium = corev1.StorageMediumMemory
		}
		if size > 0 {
			source.SizeLimit = resource.NewQuantity(size, resource.BinarySI)
		}
		name = g.name + "-" + name
		mount(corev1.Volume{Name: name, VolumeSource: corev1.VolumeSource{EmptyDir: source}}, corev1.VolumeMount{Name: name, MountPath: target})
	}
	for i, data := range g.Data {
		if data.Ephemeral {
			empty("data-"+strconv.Itoa(i), data.Path, false, 0)
		}
	}
	for i, m := range g.Container.Mounts {
		switch m.Type {
		case spec.MountTmpfs:
			empty("tmp-"+strconv.Itoa(i), m.Target, true, m.Size)
		case spec.MountImage:
			name := g.name + "-image-" + strconv.Itoa(i)
			mount(corev1.Volume{Name: name, VolumeSource: corev1.VolumeSource{Image: &corev1.ImageVolumeSource{Reference: m.Source}}},
				corev1.VolumeMount{Name: name, MountPath: m.Target, SubPath: m.Subpath, ReadOnly: true})
		}
	}
	if size := g.Container.ShmSize; size > 0 {
		empty("shm", "/dev/shm", true, size)
	}
	return w.projectFiles(g, mount)
}
