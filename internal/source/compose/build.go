package compose

import (
	"cmp"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/distribution/reference"

	"dagger/stack/internal/spec"
)

// build says where the container comes from. What is built and has an image's name is built.
func (r *reader) build(s types.ServiceConfig) spec.Build {
	if builder := r.builderOf(s); builder != nil {
		return r.build(*builder)
	}
	if s.PullPolicy == types.PullPolicyNever && s.Build == nil {
		r.note(element{"services", s.Name, "pull_policy"}, "no effect: the image comes from its registry; images that only the local Docker has cannot be had")
	}
	if s.Build == nil && r.isProject(s.Image) {
		r.note(element{"services", s.Name, "image"}, "%s is the project itself: it is built from its Dockerfile, because no registry has it", s.Image)
		s.Build = &types.BuildConfig{Context: r.workspace.path(r.dir()), Dockerfile: "Dockerfile"}
	}
	if s.Build == nil {
		if _, err := reference.ParseNormalizedNamed(s.Image); err != nil {
			r.refuse(element{"services", s.Name, "image"}, "%q: %v", s.Image, err)
		}
		return spec.Build{Image: s.Image, Platform: s.Platform}
	}
	return spec.Build{Docker: r.dockerBuild(s, *s.Build)}
}

// builderOf is the service whose build makes the image that a service names; nil if none does. docker compose finds such an image
// in the local Docker.
func (r *reader) builderOf(s types.ServiceConfig) *types.ServiceConfig {
	if s.Build != nil {
		return nil
	}
	image := tagged(s.Image)
	all := r.model.AllServices()
	for _, name := range slices.Sorted(maps.Keys(all)) {
		other := all[name]
		if other.Build == nil {
			continue
		}
		names := append([]string{cmp.Or(other.Image, r.model.Name+"-"+name)}, other.Build.Tags...)
		if slices.ContainsFunc(names, func(name string) bool { return tagged(name) == image }) {
			return &other
		}
	}
	return nil
}

// isProject tells whether an image without an owner is called as the project, which has a Dockerfile: who uses the files of docker compose
// has built it by hand before.
func (r *reader) isProject(image string) bool {
	if _, err := reference.ParseNormalizedNamed(image); err != nil || r.opt.Names == nil || r.workspace.kind(path.Join(r.dir(), "Dockerfile")) != file {
		return false
	}
	return slices.ContainsFunc(r.opt.Names(), func(name string) bool { return tagged(name) == tagged(image) })
}

// tagged is an image's name in full.
func tagged(image string) string {
	named, err := reference.ParseNormalizedNamed(image)
	if err != nil {
		return image
	}
	return reference.TagNameOnly(named).String()
}

// buildSSH tells whether a build gets the caller's SSH agent. There is one, whatever the Dockerfile calls it.
func (r *reader) buildSSH(e element, keys types.SSHConfig) bool {
	for _, key := range keys {
		if key.Path != "" {
			r.note(e, "%s is not read: the agent of --build-ssh has the keys", r.workspace.relative(key.Path))
		}
	}
	if len(keys) > 0 && !r.opt.SSH {
		r.refuse(e, "the build wants your SSH agent: give its socket with --build-ssh $SSH_AUTH_SOCK")
	}
	return len(keys) > 0
}

func (r *reader) dockerBuild(s types.ServiceConfig, b types.BuildConfig) *spec.DockerBuild {
	e := element{"services", s.Name, "build"}
	build := &spec.DockerBuild{
		Inline: b.DockerfileInline, Target: b.Target,
		Platform: s.Platform,
		SSH:      r.buildSSH(append(e, "ssh"), b.SSH),
	}
	if len(b.Platforms) > 0 {
		build.Platform = cmp.Or(s.Platform, b.Platforms[0])
		if len(b.Platforms) > 1 && s.Platform == "" {
			r.note(append(e, "platforms"), "%s is built; a stack runs one platform", build.Platform)
		}
	}
	if isGit(b.Context) {
		build.Git = b.Context
		build.Dockerfile = b.Dockerfile
	} else {
		build.Context, build.Dockerfile = r.buildFiles(s.Name, b)
	}
	text := []byte(b.DockerfileInline)
	if name := build.Dockerfile; name != "" && build.Git == "" {
		text, _ = r.workspace.fetch(name)
	}
	r.checkDockerfile(s, build.Dockerfile, string(text))
	for _, name := range slices.Sorted(maps.Keys(b.Args)) {
		if value := b.Args[name]; value != nil {
			build.Args = append(build.Args, spec.BuildVariable{Name: name, Value: r.workspace.relative(*value)})
		}
	}
	for _, secret := range b.Secrets {
		build.Secrets = append(build.Secrets, r.buildSecret(append(e, "secrets", item(secret.Source)), secret))
	}
	for _, name := range slices.Sorted(maps.Keys(b.AdditionalContexts)) {
		build.Contexts = append(build.Contexts, r.buildContext(append(e, "additional_contexts", item(name)), name, b.AdditionalContexts[name]))
	}
	return build
}

// isGit tells whether a context is no folder, but a repository.
func isGit(context string) bool {
	return !filepath.IsAbs(context) && (remote.MatchString(context) || strings.HasSuffix(context, ".git"))
}

// buildFiles are the folder and the Dockerfile of a build.
func (r *reader) buildFiles(service string, b types.BuildConfig) (context, dockerfile string) {
	e := element{"services", service, "build", "context"}
	if _, exact := r.index.find(e); !exact {
		e = e[:3]
	}
	context, inside := r.workspace.inside(b.Context)
	if !inside {
		r.refuseOutside(e, b.Context, service)
		return "", ""
	}
	if kind := r.workspace.kind(context); kind != folder {
		r.refuse(e, "%s is no folder of the project", context)
		return context, ""
	}
	if b.DockerfileInline != "" {
		return context, ""
	}
	dockerfile = path.Join(context, b.Dockerfile)
	if filepath.IsAbs(b.Dockerfile) {
		if dockerfile, inside = r.workspace.inside(b.Dockerfile); !inside {
			r.refuseOutside(element{"services", service, "build", "dockerfile"}, b.Dockerfile, service)
			return context, ""
		}
	}
	switch at := (element{"services", service, "build", "dockerfile"}); {
	case strings.HasPrefix(dockerfile, "../"):
		r.refuseOutside(at, r.workspace.path(dockerfile), service)
	case r.workspace.kind(dockerfile) != file:
		r.refuse(at, "%s %v: want a Dockerfile", dockerfile, errMissing)
	}
	return context, dockerfile
}

// buildSecret is a secret that a build reads.
func (r *reader) buildSecret(e element, use types.ServiceSecretConfig) spec.BuildSecret {
	secret := r.model.Secrets[use.Source]
	built := spec.BuildSecret{ID: cmp.Or(use.Target, use.Source), Variable: secret.Environment, Value: secret.Content}
	if secret.File != "" {
		built.File, _ = r.projectFile(e, secret.File)
	}
	return built
}

// buildContext is a further folder, image or build that a build takes files from.
func (r *reader) buildContext(e element, name, value string) spec.BuildContext {
	context := spec.BuildContext{Name: name}
	switch {
	case strings.HasPrefix(value, types.ServicePrefix):
		context.Service = strings.TrimPrefix(value, types.ServicePrefix)
	case strings.HasPrefix(value, "docker-image://"):
		context.Image = strings.TrimPrefix(value, "docker-image://")
	case remote.MatchString(value) || strings.Contains(value, "://"):
		r.refuse(e, "%s: want a folder of the project, docker-image://IMAGE or service:SERVICE", value)
	default:
		dir, inside := r.workspace.inside(value)
		if !inside {
			r.refuse(e, "%s %v: copy it into the project", r.workspace.shown(value), errOutside)
		}
		context.Dir = dir
	}
	return context
}
