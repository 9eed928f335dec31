package build

import (
	"context"
	"fmt"

	"dagger/stack/internal/dagger"
	"dagger/stack/internal/spec"
)

// Made is a container that was built for a service that runs already, and what of it is brought into the running one.
type Made struct {
	Container *dagger.Container
	Products  []spec.Product
}

// Again is what is made of a service's source now, or an error if that cannot become part of the running service, which is made of
// what was.
func (b Builder) Again(ctx context.Context, name string, was spec.Source) (made Made, err error) {
	service, found := b.Project.Service(name)
	why := "the project has no such service any more"
	if found && service.Source == nil {
		why = "it is not made from the project's source any more"
	} else if found {
		why = was.Unlike(*service.Source)
	}
	if why != "" {
		return made, fmt.Errorf("%s: its edits take a new up, nothing of them was brought: %s: end the stack and start it anew with dagger call up "+
			"(or give watch the flags that up was given)", name, why)
	}
	made.Products = service.Build.Products()
	made.Container, err = b.Container(ctx, service)
	return made, err
}
