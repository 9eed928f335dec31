package compose

import (
	"slices"

	"dagger/stack/internal/spec"
)

// waitForDatabases makes services that need a database wait until it answers, where the file only asks that it was started: the first
// start of a database takes seconds, and a client that does not try again ends before. What a file says of a health check of its own counts.
func (r *reader) waitForDatabases(services []spec.Service) []spec.Service {
	for i, s := range services {
		services[i].DependsOn = slices.Clone(s.DependsOn)
		for n, d := range s.DependsOn {
			at := slices.IndexFunc(services, func(other spec.Service) bool { return other.Name == d.Service })
			if d.Condition != spec.Started || at < 0 {
				continue
			}
			if other := services[at]; other.Login != nil && other.Probe != nil && len(other.Probe.URL) > 0 {
				services[i].DependsOn[n].Condition = spec.Healthy
				r.note(element{"services", s.Name, "depends_on"}, "%s waits until %s answers, and not only for its start", s.Name, other.Name)
			}
		}
	}
	return services
}
