package detect

import (
	"fmt"
	"slices"
	"strings"

	"dagger/stack/internal/project"
)

// workerName is the service that does the work that the backend hands on.
const workerName = "worker"

// work adds the backend's worker: it is made like the backend, and started after it. A service of that name that there is already is
// taken for the worker.
func (found Result) work(p project.Project, cache string, flags Flags) (project.Project, error) {
	if found.Backend == nil || found.Backend.Worker.Command == nil || slices.Contains(slices.Concat(p.Names(), flags.Added), workerName) {
		return p, nil
	}
	worker := found.Backend.Worker
	command := strings.Join(worker.Command, " ")
	p.Notes = slices.Clone(p.Notes)
	switch {
	case found.Backend.Build.Dockerfile != "":
		p.Notes = append(p.Notes, fmt.Sprintf("%s is an application of Celery, whose worker is not started, because the backend's image is its Dockerfile's: "+
			"with-service --name worker --like backend --command %q adds it", worker.Why, command))
		return p, nil
	case cache == "":
		p.Notes = append(p.Notes, fmt.Sprintf("%s is an application of Celery, whose worker is not started: the stack has no redis for it", worker.Why))
		return p, nil
	}
	p.Notes = append(p.Notes, fmt.Sprintf("%s is an application of Celery: its worker is started beside the backend, by %q; without-service --name worker leaves it out", worker.Why, command))
	return p.Add(project.Custom{Name: workerName, Like: backendName, Command: worker.Command, Kind: "worker (Celery)", Needs: []string{cache}})
}
