package compose

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"

	"dagger/stack/internal/project"
)

// impossible is why a service cannot be had.
type impossible struct {
	at   element
	what string
}

// cannot says that a service needs what is not there. Of several reasons the first one counts.
func (r *reader) cannot(e element, format string, args ...any) {
	if r.impossible == nil {
		r.impossible = map[string]impossible{}
	}
	if _, known := r.impossible[e[1]]; !known {
		r.impossible[e[1]] = impossible{e, fmt.Sprintf(format, args...)}
	}
}

// leaveOut takes out the services that cannot be had. One that others need, and with Strict any of them, is an error.
func (r *reader) leaveOut() {
	before, of := r.messages.refused, map[string][]message{}
	for _, name := range r.names() {
		r.messages.refused = nil
		r.checkNamespaces(name, r.model.Services[name])
		r.checkCapabilities(name, r.model.Services[name])
		r.checkBinds(name, r.model.Services[name])
		of[name] = r.messages.refused
	}
	r.messages.refused = before
	names := slices.Sorted(maps.Keys(r.impossible))
	for name, refused := range of {
		if !slices.Contains(names, name) { // what else is wrong with a service that is left out is no matter
			r.messages.refused = append(r.messages.refused, refused...)
		}
	}
	for _, name := range names {
		why := r.impossible[name]
		needed := r.neededBy(name)
		switch {
		case len(needed) > 0:
			r.refuse(why.at, "cannot be had here: %s, and %s: take the element out, or leave these services out with without-service",
				why.what, needs(needed, name))
			continue
		case r.opt.Strict:
			r.refuse(why.at, "cannot be had here: %s: take the element out, or leave the service out with without-service --name %s", why.what, name)
			continue
		}
		at, _ := r.index.find(why.at)
		reason := message{at, why.at.String(), "cannot be had here: " + why.what}.String()
		r.leftOut = append(r.leftOut, project.LeftOut{Service: name, Reason: reason})
		r.messages.noted = slices.DeleteFunc(r.messages.noted, func(m message) bool { return strings.HasPrefix(m.element, "services."+name+".") })
	}
	gone := r.model.WithServicesDisabled(names...)
	if len(gone.Services) == 0 && len(r.messages.refused) == 0 {
		for _, name := range names {
			r.refuse(r.impossible[name].at, "cannot be had here: %s: nothing is left of the stack", r.impossible[name].what)
		}
	}
	r.proxies = r.findProxies()
	r.model = gone
}

// needs says in words who needs a service.
func needs(dependents []string, name string) string {
	const named = 3
	switch n := len(dependents); {
	case n == 1:
		return dependents[0] + " needs " + name
	case n > named:
		return strings.Join(dependents[:named], ", ") + " and " + counted(n-named, "other service", "other services") + " need " + name
	}
	return strings.Join(dependents[:len(dependents)-1], ", ") + " and " + dependents[len(dependents)-1] + " need " + name
}

// neededBy are the services that can be had and cannot do without one.
func (r *reader) neededBy(name string) (dependents []string) {
	for _, other := range r.names() {
		if _, gone := r.impossible[other]; gone {
			continue
		}
		if d, depends := r.model.Services[other].DependsOn[name]; depends && d.Required {
			dependents = append(dependents, other)
		}
	}
	return dependents
}

// names are the services in the order of the files.
func (r *reader) names() []string {
	names := slices.Sorted(maps.Keys(r.model.Services))
	places := map[string]int{}
	for i, document := range r.index.documents {
		for _, name := range names {
			if _, known := places[name]; known {
				continue
			}
			_, services := child(document.root, "services")
			if key, _ := child(services, name); key != nil {
				places[name] = i*1_000_000 + key.Line
			}
		}
	}
	slices.SortStableFunc(names, func(a, b string) int { return places[a] - places[b] })
	return names
}

// checkNamespaces finds what a service would share with the machine or with another service.
func (r *reader) checkNamespaces(name string, s types.ServiceConfig) {
	for _, namespace := range []struct{ key, mode, what string }{
		{"network_mode", s.NetworkMode, "network"}, {"pid", s.Pid, "processes"}, {"ipc", s.Ipc, "shared memory"},
	} {
		e := element{"services", name, namespace.key}
		_, of, shared := strings.Cut(namespace.mode, ":")
		switch {
		case namespace.mode == "host" && namespace.key == "ipc":
			r.note(e, "no effect: the service has shared memory of its own; shm_size says how much")
		case namespace.mode == "host" && namespace.key == "pid":
			r.note(e, "no effect: the service sees the processes of its own container")
		case namespace.mode == "host":
			r.cannot(e, "the %s of the machine", namespace.what)
		case shared:
			r.cannot(e, "the %s of another container (%s)", namespace.what, of)
		}
	}
	if s.Runtime == "nvidia" {
		r.cannot(element{"services", name, "runtime"}, "a GPU of the machine")
	} else if s.Runtime != "" && s.Runtime != "runc" {
		r.note(element{"services", name, "runtime"}, "no effect: the engine runs the service")
	}
	for key := range s.Sysctls {
		if !ownSysctl(key) {
			r.cannot(element{"services", name, "sysctls", key}, "a setting of the machine's kernel")
		}
	}
}

// ownSysctl tells whether a setting of the kernel is the container's own; these are Docker's rules.
func ownSysctl(key string) bool {
	return strings.HasPrefix(key, "net.") || strings.HasPrefix(key, "fs.mqueue.") || strings.HasPrefix(key, "kernel.shm") ||
		slices.Contains([]string{"kernel.msgmax", "kernel.msgmnb", "kernel.msgmni", "kernel.sem"}, key)
}

// machine are folders that a service takes from the machine in order to see or to change the machine.
var machine = []string{"/boot", "/dev", "/etc", "/lib/modules", "/proc", "/run", "/sys", "/usr", "/var/lib/docker", "/var/log", "/var/run"}

// harmless are files that make a container agree with its machine on the time or on names: nothing breaks without.
var harmless = []string{"/etc/localtime", "/etc/timezone", "/usr/share/zoneinfo", "/etc/hosts", "/etc/resolv.conf", "/etc/passwd", "/etc/group",
	"/etc/ssl/certs", "/usr/share/ca-certificates", "/usr/local/share/ca-certificates", "/etc/machine-id", "/dev/shm", "/tmp/.X11-unix"}

// checkBinds finds mounts of what is not in the project.
func (r *reader) checkBinds(name string, s types.ServiceConfig) {
	for _, v := range s.Volumes {
		e := element{"services", name, "volumes", item(v.Target)}
		_, inside := r.workspace.inside(v.Source)
		switch {
		case v.Type == types.VolumeTypeVolume:
			r.checkDriver(name, v)
		case v.Type == types.VolumeTypeTmpfs: // nothing of the machine's
		case v.Type == types.VolumeTypeImage:
			r.checkImage(e, v)
		case v.Type != types.VolumeTypeBind:
			r.cannot(e, "a mount of type %s", v.Type)
		case inside || v.Source == nothing:
		case slices.Contains(harmless, path.Clean(v.Source)):
			r.note(e, "no effect: %s of the machine cannot be mounted; the container keeps its own", v.Source)
		case path.Base(v.Source) == "docker.sock" || v.Source == "/run/docker" || v.Source == "/var/run/podman/podman.sock":
			r.cannot(e, "the Docker socket")
		case v.Source == "/" || slices.ContainsFunc(machine, func(dir string) bool { return path.Clean(v.Source) == dir || strings.HasPrefix(v.Source, dir+"/") }):
			r.cannot(e, "%s of the machine", v.Source)
		case r.standsIn(v):
			r.note(e, "%s of the machine cannot be seen: a folder of the stack is in its place, empty at first. What is there already has to be copied into the project",
				r.workspace.shown(v.Source))
		default:
			r.refuseOutside(e, v.Source, name)
		}
	}
}

// checkImage finds mounts of images that are made here: the builds of a stack do not wait for each other.
func (r *reader) checkImage(e element, v types.ServiceVolumeConfig) {
	for _, s := range r.model.Services {
		if s.Build != nil && s.Image == v.Source {
			r.cannot(e, "a mount of the files of an image that the file builds (%s): additional_contexts and COPY --from= in a Dockerfile copy them", s.Name)
		}
	}
}

// standsIn tells whether a folder of the stack can be in the place of one of the machine.
func (r *reader) standsIn(v types.ServiceVolumeConfig) bool {
	return v.Type == types.VolumeTypeBind && !v.ReadOnly && (v.Bind == nil || bool(v.Bind.CreateHostPath)) && r.ofService(v.Source)
}

// ofService tells whether a path of the machine is a folder that a service keeps its data in, which Docker makes where it is missing. What has
// the name of a file, or is hidden as settings and keys are, is something that the service is to find.
func (r *reader) ofService(name string) bool {
	shown := r.workspace.shown(name)
	above := shown == ".." || strings.HasPrefix(shown, "../")
	return !r.opt.Strict && !above && path.Ext(shown) == "" && !strings.Contains(shown, "/.") && shown != "~"
}

// refuseOutside says what to do about a folder that is not in the project.
func (r *reader) refuseOutside(e element, source, name string) {
	shown := r.workspace.shown(source)
	if shown == ".." || strings.HasPrefix(shown, "../") {
		r.refuse(e, "%s %v: name the folder above with --project-path, and the compose file below it with --compose-file (as --project-path .. --compose-file %s)",
			shown, errOutside, path.Join("FOLDER", r.files[0]))
		return
	}
	instead := ","
	if e[2] == "volumes" {
		instead = ", use a named volume,"
	}
	r.refuse(e, "%s %v: copy it into the project%s or leave the service out with without-service --name %s", shown, errOutside, instead, name)
}

// checkDriver finds volumes that are somewhere else.
func (r *reader) checkDriver(service string, v types.ServiceVolumeConfig) {
	volume := r.model.Volumes[v.Source]
	e := element{"services", service, "volumes", item(v.Target)}
	if volume.Driver != "" && volume.Driver != "local" {
		r.cannot(e, "a volume of the driver %s", volume.Driver)
		return
	}
	switch kind, device := volume.DriverOpts["type"], volume.DriverOpts["device"]; {
	case kind == "tmpfs" || device == "" && len(volume.DriverOpts) == 0:
	case kind == "none" || strings.Contains(volume.DriverOpts["o"], "bind"):
		if _, inside := r.workspace.inside(device); inside {
			return
		}
		e := element{"volumes", v.Source, "driver_opts", "device"}
		if !r.ofService(device) {
			r.refuseOutside(e, device, service)
			return
		}
		r.note(e, "%s of the machine cannot be seen: it is a volume of the engine, empty at first", r.workspace.shown(device))
	case kind != "" && kind != "ext4" && kind != "btrfs" && kind != "xfs":
		r.cannot(e, "a volume of type %s", kind)
	default:
		r.note(element{"volumes", v.Source, "driver_opts"}, "no effect: it is a volume of the engine")
	}
}
