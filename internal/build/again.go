package build

import (
	"context"
	"fmt"

	"dagger/stack/internal/control"
	"dagger/stack/internal/dagger"
	"dagger/stack/internal/spec"
)

// Made is a container that was built for a service that runs already, and what of it is brought into the running one.
type Made struct {
	Container *dagger.Container
	Products  []spec.Product
	Image     bool // all of its files
}

// Again builds what is made of a service's source, or its image, now. It is an error if that cannot become part of the running service,
// which is made of what was. built builds a container.
func (b Builder) Again(ctx context.Context, name string, was control.Build, built func(context.Context, string, *dagger.Container) (*dagger.Container, error)) (made Made, err error) {
	service, found := b.Project.Service(name)
	why := ""
	switch {
	case !found:
		why = "the project has no such service any more"
	case was.Source == nil && service.Build.From() == nil:
		why = "its image is not built any more"
	case was.Source != nil && service.Source == nil:
		why = "it is not made from the project's source any more"
	case was.Source != nil:
		why = was.Source.Unlike(*service.Source)
	}
	if why != "" {
		return made, newUp(name, why)
	}
	made.Image = was.Source == nil
	if !made.Image {
		made.Products = service.Build.Products()
	}
	if made.Container, err = b.Container(ctx, service); err != nil {
		return made, err
	}
	if made.Container, err = built(ctx, name, made.Container); err != nil || !made.Image {
		return made, err
	}
	image, err := ReadImage(ctx, made.Container)
	if err == nil && image.Digest() != was.From.Config {
		err = newUp(name, "its new image says another command, environment, user, volume or health check")
	}
	return made, err
}

func newUp(name, why string) error {
	return fmt.Errorf("%s: its edits take a new up, nothing of them was brought: %s: end the stack and start it anew with up "+
		"(or give watch the flags that up was given)", name, why)
}
