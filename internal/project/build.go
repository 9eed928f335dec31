package project

import "fmt"

// CheckBuildSecret refuses a secret of a build that has no use for it.
func (p Project) CheckBuildSecret(service, name string) error {
	if err := p.Check(service); err != nil {
		return err
	}
	s, _ := p.Service(service)
	switch {
	case s.Described:
		return fmt.Errorf("service %s: its compose file says which secrets its build has (build: secrets:), and --build is for services that are detected", service)
	case s.Build.Dockerfile != "":
		return fmt.Errorf("service %s: it is built from a Dockerfile, which gets no %s: describe it in a compose file with build: secrets:, or let it be built from its source with --no-dockerfile", service, name)
	case s.Build.Target == "":
		return fmt.Errorf("service %s: it is not built from the project, so --build has no use: leave it out to give %s to its process", service, name)
	}
	return nil
}
