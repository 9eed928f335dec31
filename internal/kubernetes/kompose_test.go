//go:build kube && kompose

package kubernetes

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/cli"
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
			n += once(slices.ContainsFunc(env, func(v any) bool { return v.(map[string]any)["name"] == name }))
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

// TestBesideKompose counts what becomes of the compose files of make kube, here and by kompose: objects that a kube-apiserver refuses, and elements
// that are lost. It prints the table of docs/kubernetes.md.
func TestBesideKompose(t *testing.T) {
	c := newCluster(t)
	for _, level := range []podSecurity{restricted, baseline, privileged} {
		c.namespace(string(level), string(level))
	}
	type count struct{ projects, services, absent, objects, refused, pods int }
	counts, lost, there := [2]count{}, [2]map[string]int{{}, {}}, map[string]int{}
	both, programs := 0, [2]string{"stack", "kompose"}
	for _, dir := range composeProjects(t) {
		p, o, read := readProject(t, dir)
		var exports [2]map[string]map[string]any
		var texts [2]string
		if export, err := Write(p, o); read && err == nil {
			exports[0], texts[0] = objects(t, export), strings.Join(slices.Collect(maps.Values(export.Files)), "\n")
		}
		exports[1], texts[1] = kompose(t, dir)
		for i, all := range exports {
			if len(all) == 0 {
				continue
			}
			counts[i].projects++
			counts[i].objects += len(all)
			for _, why := range c.refuses(all, "restricted", o.Namespace) { // kompose says no level
				counts[i].pods += once(strings.HasPrefix(why, "the pod of"))
			}
			for _, why := range c.refuses(all, "privileged", o.Namespace) {
				counts[i].refused++
				t.Logf("%s %s: %s", programs[i], filepath.Base(dir), why)
			}
		}
		model, err := load(dir)
		if err != nil || len(exports[0]) == 0 || len(exports[1]) == 0 {
			continue
		}
		both++
		for _, s := range model.Services {
			for i := range exports {
				counts[i].services++
				m, found := of(exports[i], texts[i], s.Name)
				counts[i].absent += once(!found)
				for _, w := range whats {
					n := w.has(s)
					if i == 0 {
						there[w.name] += n
					}
					if n > 0 && found {
						n = max(0, n-w.kept(s, m))
					}
					if lost[i][w.name] += n; n > 0 {
						t.Logf("%s %s: lost of %s, which is there: %t: %s, %d", programs[i], filepath.Base(dir), s.Name, found, w.name, n)
					}
				}
			}
		}
	}
	var table strings.Builder
	row := func(name string, values ...any) {
		fmt.Fprintf(&table, "| %s | %v | %v | %v |\n", name, values[0], values[1], values[2])
	}
	row("projects that are converted", len(composeProjects(t)), counts[0].projects, counts[1].projects)
	row("objects", "", counts[0].objects, counts[1].objects)
	row("objects and pods that the server refuses", "", counts[0].refused, counts[1].refused)
	row("workloads whose pods only a namespace without Pod Security admits", "", counts[0].pods, counts[1].pods)
	row(fmt.Sprintf("services that are not there, of %d projects that both convert", both), counts[0].services, counts[0].absent, counts[1].absent)
	for _, w := range whats {
		row("lost: "+w.name, there[w.name], lost[0][w.name], lost[1][w.name])
	}
	t.Logf("\n| | there | stack | kompose |\n|---|---|---|---|\n%s", table.String())
}

func load(dir string) (*types.Project, error) {
	options, err := cli.NewProjectOptions(nil, cli.WithWorkingDirectory(dir), cli.WithDotEnv, cli.WithDefaultConfigPath, cli.WithProfiles([]string{"*"}), cli.WithName("shop"))
	if err != nil {
		return nil, err
	}
	return options.LoadProject(context.Background())
}

// kompose converts a project with every profile; nil if it does not.
func kompose(t *testing.T, dir string) (all map[string]map[string]any, texts string) {
	t.Helper()
	out := t.TempDir()
	cmd := exec.Command(filepath.Join(os.Getenv("KUBE_PROGRAMS"), "kompose"), "convert", "--profile", "*", "--out", out+"/")
	cmd.Dir = dir
	if said, err := cmd.CombinedOutput(); err != nil {
		t.Logf("kompose %s: %s", filepath.Base(dir), said)
		return nil, ""
	}
	files, err := filepath.Glob(filepath.Join(out, "*.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	export := Export{Files: map[string]string{}}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		export.Files[filepath.Base(file)] = "---\n" + strings.TrimPrefix(string(text), "---\n")
		texts += string(text)
	}
	return objects(t, export), texts
}
