package compose

import (
	"path"
	"slices"
	"strings"

	"dagger/stack/internal/project"
	"dagger/stack/internal/spec"
)

// HasCode tells whether a stack of a compose file runs the project's own code: a service is built from the project, or runs
// source that is mounted into an image. Otherwise the file has backing services alone.
func HasCode(p project.Project) bool { return slices.ContainsFunc(p.Services, hasCode) }

func hasCode(s spec.Service) bool {
	if s.Build.Docker != nil {
		return s.Build.Docker.Git == ""
	}
	return s.Backup == nil && slices.ContainsFunc(s.Container.Mounts, func(m spec.Mount) bool { return isCode(s, m) })
}

// ImageOf is the image of a service that is called as one of names, "" if there is none: by such an image a project is used by others. An
// official image, and one that is called as its owner, is somebody else's: examples are called as what they show.
func ImageOf(p project.Project, names []string) string {
	for _, s := range p.Services {
		owner, tagged := path.Split(s.Build.Image)
		repository, _, _ := strings.Cut(tagged, ":")
		if s.Login == nil && owner != "" && path.Base(owner) != repository && slices.Contains(names, repository) {
			return s.Build.Image
		}
	}
	return ""
}

// sources are the folders in which images expect the source that they run.
var sources = []string{"/app", "/code", "/opt/app", "/src", "/srv", "/srv/app", "/usr/local/apache2/htdocs", "/usr/share/nginx/html",
	"/usr/src/app", "/var/www", "/var/www/html", "/work", "/workdir", "/workspace"}

// isCode tells whether a mount brings in source that the service runs: the whole project, or what lies where the image expects
// source, where the process starts, or what its command names.
func isCode(s spec.Service, m spec.Mount) bool {
	if m.Type != spec.MountBind || m.File {
		return false
	}
	if m.Source == "." || slices.Contains(sources, m.Target) {
		return true
	}
	below := func(name string) bool { return name == m.Target || strings.HasPrefix(name, m.Target+"/") }
	if below(s.Process.Workdir) {
		return true
	}
	return path.Ext(m.Target) == "" && slices.ContainsFunc(slices.Concat(s.Process.Entrypoint, s.Process.Args), below)
}
