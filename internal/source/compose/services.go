package compose

import (
	"cmp"
	"maps"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/docker/go-units"

	"dagger/stack/internal/project"
	"dagger/stack/internal/recipe"
	"dagger/stack/internal/spec"
)

// services are those of the stack: each as often as the file says, and what has to run before each.
func (r *reader) services() (services []spec.Service) {
	for _, name := range r.names() {
		if err := project.CheckServiceName(name); err != nil {
			r.refuse(element{"services", name}, "%v", err)
			continue
		}
		r.checkContainer(r.model.Services[name])
		s := r.service(r.model.Services[name])
		before := r.preStart(s, r.model.Services[name])
		for _, job := range before {
			s.DependsOn = append(s.DependsOn, spec.Dependency{Service: job.Name, Condition: spec.Completed})
		}
		services = append(append(services, before...), r.instances(s, r.model.Services[name])...)
	}
	services = r.connectInstances(services)
	r.publishBehindProxies(services)
	return r.waitForDatabases(services)
}

// leastMemory is what Docker asks for (github.com/moby/moby, daemon/daemon_unix.go).
const leastMemory = 6 * units.MiB

// checkContainer refuses what the library leaves to Docker to refuse.
func (r *reader) checkContainer(s types.ServiceConfig) {
	if limit := r.limits(s).Memory; limit > 0 && limit < leastMemory {
		r.refuse(element{"services", s.Name}, "%d bytes of memory: want at least 6m", limit)
	}
	for name, ips := range s.ExtraHosts {
		for _, ip := range ips {
			if ip != "host-gateway" && net.ParseIP(strings.Trim(ip, "[]")) == nil {
				r.refuse(element{"services", s.Name, "extra_hosts", item(name)}, "%q: want an IP address or host-gateway", ip)
			}
		}
	}
	for _, server := range s.DNS {
		if net.ParseIP(server) == nil {
			r.refuse(element{"services", s.Name, "dns"}, "%q: want the IP address of a nameserver", server)
		}
	}
	for name, other := range r.model.Services {
		if name < s.Name && s.ContainerName != "" && s.ContainerName == other.ContainerName {
			r.refuse(element{"services", s.Name, "container_name"}, "%s has %s as well: two containers cannot have one name", name, s.ContainerName)
		}
	}
	for _, v := range s.Volumes {
		source, inside := r.workspace.inside(v.Source)
		if v.Bind != nil && !bool(v.Bind.CreateHostPath) && inside && r.workspace.kind(source) == missing {
			r.refuse(element{"services", s.Name, "volumes", item(v.Target)}, "%s %v: make the file or folder, or leave create_host_path out", source, errMissing)
		}
	}
}

// service is one of the file, with what is known of its image.
func (r *reader) service(s types.ServiceConfig) spec.Service {
	service := spec.Service{
		Described: true,
		Name:      s.Name, Kind: s.Image, Mode: spec.ModeContainer,
		Build:     r.build(s),
		Process:   r.process(s),
		DependsOn: r.dependencies(s),
		Container: r.container(s),
		Limits:    r.limits(s),
		Files:     r.serviceFiles(s),
		Restart:   r.restart(s),
		Log:       r.log(s),
	}
	if service.Build.Docker != nil {
		service.Kind = "Dockerfile"
	}
	if deploy := s.Deploy; deploy != nil && strings.HasSuffix(deploy.Mode, "-job") {
		service.Mode = spec.ModeJob
	}
	service.Ports = r.ports(s)
	service.Probe, service.NoProbe = r.probe(s)
	service.Container.Mounts = append(r.mounts(s), r.folders(s)...)
	service.Container.Hosts = r.hosts(s)
	service.Triggers = r.triggers(s)
	service, _ = recipe.Complete(service)
	return service
}

// dependencies are what the service waits for.
func (r *reader) dependencies(s types.ServiceConfig) (dependencies []spec.Dependency) {
	for _, name := range slices.Sorted(maps.Keys(s.DependsOn)) {
		if _, found := r.model.Services[name]; !found {
			continue // not asked for, or left out, and not required
		}
		d := s.DependsOn[name]
		condition := map[string]spec.Condition{
			types.ServiceConditionStarted: spec.Started, types.ServiceConditionCompletedSuccessfully: spec.Completed,
		}[d.Condition]
		dependencies = append(dependencies, spec.Dependency{Service: name, Condition: condition, Restart: d.Restart, Optional: !d.Required})
	}
	return dependencies
}

// restart is the policy, by default none. A policy of deploy wins, as with docker compose.
func (r *reader) restart(s types.ServiceConfig) spec.Restart {
	policy, count, _ := strings.Cut(s.Restart, ":")
	e := element{"services", s.Name, "restart"}
	var most uint64
	if count != "" {
		n, ok := number(count)
		if !ok {
			r.refuse(e, "%q: want on-failure, or on-failure: and how often", s.Restart)
		}
		most = uint64(n)
	}
	if s.Deploy != nil && s.Deploy.RestartPolicy != nil {
		e = element{"services", s.Name, "deploy", "restart_policy"}
		policy, most = s.Deploy.RestartPolicy.Condition, 0
		if attempts := s.Deploy.RestartPolicy.MaxAttempts; attempts != nil {
			most = *attempts
		}
	}
	restart := spec.Restart{FirstStart: true, MaxRetries: int(most), Unsaid: policy == ""}
	switch policy {
	case "", "no", "none":
		restart.Policy = spec.RestartNo
	case "on-failure":
		restart.Policy = spec.RestartOnFailure
	case "always", "unless-stopped", "any":
		restart.Policy = spec.RestartAlways
	default:
		r.refuse(e, "%q: want no, always, unless-stopped or on-failure", policy)
	}
	if most > 0 && restart.Policy != spec.RestartOnFailure {
		r.refuse(e, "how often counts with on-failure alone")
	}
	return restart
}

// limits are what the service may use: nothing is bounded that the file does not bound.
func (r *reader) limits(s types.ServiceConfig) (limits spec.Limits) {
	limits = spec.Limits{CPUs: float64(s.CPUS), Memory: int64(s.MemLimit), Pids: max(0, s.PidsLimit)}
	if s.CPUQuota > 0 && limits.CPUs == 0 {
		limits.CPUs = float64(s.CPUQuota) / float64(cmp.Or(s.CPUPeriod, 100_000))
	}
	if s.Deploy != nil && s.Deploy.Resources.Limits != nil {
		of := s.Deploy.Resources.Limits
		limits.CPUs = cmp.Or(float64(of.NanoCPUs), limits.CPUs)
		limits.Memory = cmp.Or(int64(of.MemoryBytes), limits.Memory)
		limits.Pids = cmp.Or(max(0, of.Pids), limits.Pids)
	}
	return limits
}

// log is what is kept of the output, in the words of Docker's drivers that write files.
func (r *reader) log(s types.ServiceConfig) (log spec.Log) {
	if s.Logging == nil {
		return log
	}
	e := element{"services", s.Name, "logging"}
	if driver := s.Logging.Driver; driver != "" && driver != "json-file" && driver != "local" {
		r.note(append(e, "driver"), "no effect: the stack keeps the log, and the function logs shows it")
		return log
	}
	for _, name := range slices.Sorted(maps.Keys(s.Logging.Options)) {
		value, at := s.Logging.Options[name], element{"services", s.Name, "logging", "options", name}
		switch name {
		case "max-size":
			size, err := units.RAMInBytes(value)
			if err != nil || size == 0 {
				r.refuse(at, "%q: want a size such as 10m", value)
			}
			if log.MaxSize = min(max(size, units.MiB), units.GiB); log.MaxSize != size {
				r.note(at, "%s instead of %s: a file of a log has 1 MiB to 1 GiB", units.BytesSize(float64(log.MaxSize)), value)
			}
		case "max-file":
			files, ok := number(value)
			if !ok {
				r.refuse(at, "%q: want a number", value)
			}
			if log.MaxFiles = min(max(files, 2), 100); log.MaxFiles != files {
				r.note(at, "%d instead of %s: a log has 2 to 100 files", log.MaxFiles, value)
			}
		default:
			r.note(at, "no effect: the stack keeps the log")
		}
	}
	return log
}

// firstInterval is how often a command asks until it has once succeeded: as often as the agent asks by itself would be too often
// for a command that starts an interpreter.
const firstInterval = 250 * time.Millisecond

// probe is the health check; none means that the image may have one, and off that nobody asks. The times are Docker's, but for
// the first success: the service is asked more often until then, so that those that wait for it begin sooner. What the file
// gives a service until it counts as unhealthy is the time in which these further failures do not count.
func (r *reader) probe(s types.ServiceConfig) (probe *spec.Probe, off bool) {
	h := s.HealthCheck
	if h == nil {
		return nil, false
	}
	if h.Disable || len(h.Test) > 0 && h.Test[0] == "NONE" {
		return nil, true
	}
	duration := func(d *types.Duration, otherwise time.Duration) time.Duration {
		if d == nil || *d == 0 {
			return otherwise
		}
		return time.Duration(*d)
	}
	retries := 3
	if h.Retries != nil && *h.Retries > 0 {
		retries = int(*h.Retries)
	}
	interval := duration(h.Interval, 30*time.Second)
	probe = &spec.Probe{
		Interval:      spec.Duration(interval),
		Timeout:       spec.Duration(duration(h.Timeout, 30*time.Second)),
		StartInterval: spec.Duration(duration(h.StartInterval, min(interval, firstInterval))),
		StartPeriod:   spec.Duration(duration(h.StartPeriod, 0) + time.Duration(retries)*interval),
		Retries:       retries,
	}
	if len(h.Test) > 1 {
		probe.Exec = r.relative(h.Test[1:])
		if h.Test[0] == "CMD-SHELL" {
			probe.Exec = []string{"/bin/sh", "-c", strings.Join(probe.Exec, " ")}
		}
	}
	return probe, false
}

// preStart are the commands that run in containers of their own before the service, one after the other.
func (r *reader) preStart(s spec.Service, of types.ServiceConfig) (before []spec.Service) {
	waits := s.DependsOn
	for i, hook := range of.PreStart {
		inner := types.ServiceConfig{Name: of.Name, ContainerSpec: hook.ContainerSpec}
		inner.Volumes = append(slices.Clone(of.Volumes), hook.Volumes...)
		if hook.Image == "" || hook.Image == of.Image {
			inner.Build = of.Build
		}
		job := r.service(inner)
		job.Name = preStartName(of.Name, i)
		job.Ports, job.Probe, job.NoProbe, job.Backup, job.Hooks, job.Restart = nil, nil, true, nil, nil, spec.Restart{Policy: spec.RestartNo, FirstStart: true}
		job.Mode, job.DependsOn = spec.ModeJob, waits
		waits = append(slices.Clone(s.DependsOn), spec.Dependency{Service: job.Name, Condition: spec.Completed})
		before = append(before, job)
	}
	return before
}
