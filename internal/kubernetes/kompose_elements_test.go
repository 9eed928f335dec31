//go:build kube && kompose

package kubernetes

import (
	"cmp"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
)

// what is one element of a compose file that Kubernetes has a counterpart for: how often a service has it, and how often its objects do.
type what struct {
	name string
	has  func(s types.ServiceConfig) int
	kept func(s types.ServiceConfig, o made) int
}

// made is what became of a service.
type made struct {
	all       map[string]map[string]any
	files     string
	workload  map[string]any
	pod       map[string]any
	container map[string]any
}

func once(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

// has tells whether an object has something in a place.
func (m made) has(in map[string]any, path string) int {
	var value any = in
	for _, step := range strings.Split(path, ".") {
		fields, _ := value.(map[string]any)
		value = fields[step]
	}
	return once(value != nil)
}

// mounts counts the mounts at targets whose volume is of one of the kinds.
func (m made) mounts(targets []string, kinds ...string) (n int) {
	of := map[string]map[string]any{}
	volumes, _ := m.pod["volumes"].([]any)
	for _, volume := range volumes {
		of[volume.(map[string]any)["name"].(string)] = volume.(map[string]any)
	}
	claims, _ := m.workload["spec"].(map[string]any)["volumeClaimTemplates"].([]any)
	for _, claim := range claims {
		of[claim.(map[string]any)["metadata"].(map[string]any)["name"].(string)] = map[string]any{"persistentVolumeClaim": true}
	}
	mounts, _ := m.container["volumeMounts"].([]any)
	for _, mount := range mounts {
		mount := mount.(map[string]any)
		target := strings.TrimSuffix(mount["mountPath"].(string), "/")
		is := slices.ContainsFunc(kinds, func(kind string) bool { return of[mount["name"].(string)][kind] != nil })
		if is && slices.ContainsFunc(targets, func(t string) bool { return strings.TrimSuffix(t, "/") == target }) {
			n++
		}
	}
	return n
}

// fromMap tells whether a variable is of a ConfigMap that the container has all variables of.
func (m made) fromMap(variable string) bool {
	from, _ := m.container["envFrom"].([]any)
	for _, source := range from {
		reference, _ := source.(map[string]any)["configMapRef"].(map[string]any)
		data, _ := m.all[fmt.Sprint("ConfigMap/", reference["name"])]["data"].(map[string]any)
		if data[variable] != nil {
			return true
		}
	}
	return false
}

func targets(s types.ServiceConfig, kind string) (all []string) {
	for _, volume := range s.Volumes {
		if _, err := os.Stat(volume.Source); kind == "bind" && err != nil {
			continue // Docker makes an empty folder
		}
		if volume.Type == kind && (kind != "bind" || !strings.HasPrefix(volume.Source, "/var/run") && !strings.HasPrefix(volume.Source, "/etc") && s.Build == nil) {
			all = append(all, volume.Target)
		}
	}
	return all
}

func password(name string) bool {
	name = strings.ToUpper(name)
	return slices.ContainsFunc([]string{"PASSWORD", "SECRET", "TOKEN", "API_KEY"}, func(part string) bool { return strings.Contains(name, part) }) && !strings.Contains(name, "FILE")
}

// whats are the elements. A count of 0 is of services that do not have one.
var whats = []what{
	{"environment, each variable", func(s types.ServiceConfig) int { return len(s.Environment) }, func(s types.ServiceConfig, m made) (n int) {
		env, _ := m.container["env"].([]any)
		for name := range s.Environment {
			n += once(slices.ContainsFunc(env, func(v any) bool { return v.(map[string]any)["name"] == name }) || m.fromMap(name))
		}
		return n
	}},
	{"variables of passwords that are in no file", func(s types.ServiceConfig) (n int) {
		for name, value := range s.Environment {
			n += once(password(name) && value != nil && len(*value) > 5)
		}
		return n
	}, func(s types.ServiceConfig, m made) (n int) {
		for name, value := range s.Environment {
			env, _ := m.container["env"].([]any)
			n += once(password(name) && value != nil && len(*value) > 5 && !slices.ContainsFunc(env, func(v any) bool { return v.(map[string]any)["value"] == *value }))
		}
		return n
	}},
	{"ports, each", func(s types.ServiceConfig) int { return len(s.Ports) }, func(s types.ServiceConfig, m made) (n int) {
		for _, port := range s.Ports {
			n += once(slices.ContainsFunc(slices.Collect(maps.Values(m.all)), func(o map[string]any) bool {
				return o["kind"] == "Service" && strings.Contains(fmt.Sprint(o["spec"].(map[string]any)["ports"]), fmt.Sprint("targetPort:", port.Target))
			}))
		}
		return n
	}},
	{"command, entrypoint", func(s types.ServiceConfig) int { return once(len(s.Command)+len(s.Entrypoint) > 0) }, func(s types.ServiceConfig, m made) int {
		return max(m.has(m.container, "command"), m.has(m.container, "args"))
	}},
	{"healthcheck", func(s types.ServiceConfig) int {
		return once(s.HealthCheck != nil && len(s.HealthCheck.Test) > 1 && !s.HealthCheck.Disable)
	}, func(s types.ServiceConfig, m made) int {
		return max(m.has(m.container, "livenessProbe"), m.has(m.container, "readinessProbe"))
	}},
	{"healthcheck, as readiness", func(s types.ServiceConfig) int {
		return once(s.HealthCheck != nil && len(s.HealthCheck.Test) > 1 && !s.HealthCheck.Disable)
	}, func(s types.ServiceConfig, m made) int { return m.has(m.container, "readinessProbe") }},
	{"depends_on: service_completed_successfully", func(s types.ServiceConfig) (n int) {
		for _, d := range s.DependsOn {
			n += once(d.Condition == types.ServiceConditionCompletedSuccessfully)
		}
		return n
	}, func(s types.ServiceConfig, m made) (n int) {
		inits, _ := m.pod["initContainers"].([]any)
		return len(inits)
	}},
	{"volumes that are kept", func(s types.ServiceConfig) int { return len(targets(s, "volume")) },
		func(s types.ServiceConfig, m made) int {
			return m.mounts(targets(s, "volume"), "persistentVolumeClaim")
		}},
	{"files of the project that are mounted, with their content", func(s types.ServiceConfig) int { return len(targets(s, "bind")) },
		func(s types.ServiceConfig, m made) int { return m.mounts(targets(s, "bind"), "configMap", "secret") }},
	{"configs and secrets", func(s types.ServiceConfig) int { return len(s.Configs) + len(s.Secrets) }, func(s types.ServiceConfig, m made) (n int) {
		var at []string
		for _, use := range s.Configs {
			at = append(at, cmp.Or(use.Target, "/"+use.Source))
		}
		for _, use := range s.Secrets {
			target := cmp.Or(use.Target, use.Source)
			if !strings.HasPrefix(target, "/") {
				target = "/run/secrets/" + target
			}
			at = append(at, target)
		}
		return m.mounts(at, "configMap", "secret")
	}},
	{"tmpfs", func(s types.ServiceConfig) int { return len(s.Tmpfs) + len(targets(s, "tmpfs")) },
		func(s types.ServiceConfig, m made) int {
			var at []string
			for _, text := range s.Tmpfs {
				target, _, _ := strings.Cut(text, ":")
				at = append(at, target)
			}
			return m.mounts(append(at, targets(s, "tmpfs")...), "emptyDir")
		}},
	{"limits of CPU and memory", func(s types.ServiceConfig) int {
		return once(s.MemLimit > 0 || s.CPUS > 0 || s.Deploy != nil && s.Deploy.Resources.Limits != nil && (s.Deploy.Resources.Limits.MemoryBytes > 0 || s.Deploy.Resources.Limits.NanoCPUs > 0))
	}, func(s types.ServiceConfig, m made) int { return m.has(m.container, "resources.limits") }},
	{"replicas", func(s types.ServiceConfig) int { return once(s.GetScale() > 1) },
		func(s types.ServiceConfig, m made) int {
			spec, _ := m.workload["spec"].(map[string]any)
			return once(fmt.Sprint(spec["replicas"]) == fmt.Sprint(s.GetScale()))
		}},
	{"user", func(s types.ServiceConfig) int { return once(s.User != "") }, func(s types.ServiceConfig, m made) int {
		return max(m.has(m.container, "securityContext.runAsUser"), m.has(m.pod, "securityContext.runAsUser"))
	}},
	{"cap_add, cap_drop", func(s types.ServiceConfig) int { return once(len(s.CapAdd)+len(s.CapDrop) > 0) },
		func(s types.ServiceConfig, m made) int { return m.has(m.container, "securityContext.capabilities") }},
	{"read_only", func(s types.ServiceConfig) int { return once(s.ReadOnly) },
		func(s types.ServiceConfig, m made) int {
			return m.has(m.container, "securityContext.readOnlyRootFilesystem")
		}},
	{"stop_grace_period", func(s types.ServiceConfig) int { return once(s.StopGracePeriod != nil) },
		func(s types.ServiceConfig, m made) int { return m.has(m.pod, "terminationGracePeriodSeconds") }},
	{"stop_signal", func(s types.ServiceConfig) int { return once(s.StopSignal != "" && s.StopSignal != "SIGTERM") },
		func(s types.ServiceConfig, m made) int { return m.has(m.container, "lifecycle.preStop") }},
	{"working_dir", func(s types.ServiceConfig) int { return once(s.WorkingDir != "") },
		func(s types.ServiceConfig, m made) int { return m.has(m.container, "workingDir") }},
	{"shm_size", func(s types.ServiceConfig) int { return once(s.ShmSize > 0) },
		func(s types.ServiceConfig, m made) int { return m.mounts([]string{"/dev/shm"}, "emptyDir") }},
	{"aliases, each", func(s types.ServiceConfig) int { return len(aliasesOf(s)) }, func(s types.ServiceConfig, m made) (n int) {
		for _, name := range aliasesOf(s) {
			n += once(m.all["Service/"+name] != nil)
		}
		return n
	}},
}

func aliasesOf(s types.ServiceConfig) (names []string) {
	for _, network := range s.Networks {
		if network != nil {
			for _, name := range network.Aliases {
				if name != s.Name && !slices.Contains(names, name) {
					names = append(names, name)
				}
			}
		}
	}
	return names
}

// of finds what became of a service: a pod of its own, or a container that another one waits for.
func of(all map[string]map[string]any, files, service string) (m made, found bool) {
	m = made{all: all, files: files}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		object := all[name]
		spec, _ := object["spec"].(map[string]any)
		pod := spec
		if template, is := spec["template"].(map[string]any); is {
			pod, _ = template["spec"].(map[string]any)
		}
		for _, kind := range []string{"containers", "initContainers"} {
			containers, _ := pod[kind].([]any)
			for _, container := range containers {
				container := container.(map[string]any)
				if container["name"] == objectName(service) || container["name"] == service || object["metadata"].(map[string]any)["name"] == objectName(service) && kind == "containers" {
					m.workload, m.pod, m.container = object, pod, container
					return m, true
				}
			}
		}
	}
	return m, false
}
