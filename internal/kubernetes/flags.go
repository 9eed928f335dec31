package kubernetes

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/distribution/reference"
	"github.com/moby/sys/user"

	"dagger/stack/internal/project"
	"dagger/stack/internal/spec"
)

// Flags are what a user says, each of a list SERVICE=VALUE.
type Flags struct {
	Namespace, Storage, Store, Gateway string
	Images, Hosts, External, Autoscale []string
	Helm                               bool
}

// Options are what the flags say about a project.
func (f Flags) Options(p project.Project) (o Options, err error) {
	o = Options{Namespace: f.Namespace, Storage: f.Storage, Store: f.Store, Gateway: f.Gateway, Helm: f.Helm}
	if o.Autoscale, err = ranges(f.Autoscale); err != nil {
		return o, err
	}
	if o.Images, err = pairs("image", "web=registry.example.com/shop/web:1.2", f.Images); err != nil {
		return o, err
	}
	if o.External, err = pairs("external", "postgres=shop-database", f.External); err != nil {
		return o, err
	}
	if f.Gateway != "" && len(f.Hosts) == 0 {
		return o, errors.New("--gateway says by which Gateway hosts are reached: name them with --host shop.example.com")
	}
	for i, host := range f.Hosts {
		if !strings.Contains(host, "=") {
			service, err := front(p)
			if err != nil {
				return o, fmt.Errorf("host %q: %w", host, err)
			}
			f.Hosts = slices.Replace(slices.Clone(f.Hosts), i, i+1, service+"="+host)
		}
	}
	o.Hosts, err = pairs("host", "web=shop.example.com", f.Hosts)
	return o, err
}

func pairs(flag, example string, texts []string) (map[string]string, error) {
	pairs := map[string]string{}
	for _, text := range texts {
		name, value, found := strings.Cut(text, "=")
		if !found || name == "" || value == "" {
			return nil, fmt.Errorf("--%s %q: want SERVICE=VALUE, e.g. --%s %s", flag, text, flag, example)
		}
		if pairs[name] != "" {
			return nil, fmt.Errorf("--%s: %s is given twice, %s and %s", flag, name, pairs[name], value)
		}
		pairs[name] = value
	}
	return pairs, nil
}

// front is the service that a browser asks first: the frontend, or the only one that is published and no database.
func front(p project.Project) (string, error) {
	var published []string
	for _, s := range p.Services {
		if name := s.Name; s.Login == nil && len(s.Listens()) > 0 {
			if s.InstanceOf != "" {
				name = s.InstanceOf
			}
			published = append(published, name)
		}
	}
	published = slices.Compact(published)
	switch {
	case slices.Contains(published, "frontend"):
		return "frontend", nil
	case len(published) == 1:
		return published[0], nil
	case len(published) == 0:
		return "", errors.New("no service publishes a port: say which one it is for, as SERVICE=HOST")
	}
	return "", fmt.Errorf("say which service it is for, as SERVICE=HOST: one of %s", strings.Join(published, ", "))
}

// UserOf is who a service runs as, by the passwd and group files of its image.
func UserOf(s spec.Service, passwd, group string) (User, error) {
	found, err := user.GetExecUser(s.Process.User, nil, strings.NewReader(passwd), strings.NewReader(group))
	if err != nil {
		return User{}, fmt.Errorf("%s: its user %q: %w", s.Name, s.Process.User, err)
	}
	u := User{UID: int64(found.Uid), GID: int64(found.Gid)}
	groups, err := user.GetAdditionalGroups(s.Process.Groups, strings.NewReader(group))
	for _, gid := range slices.Concat(found.Sgids, groups) {
		if !slices.Contains(u.Groups, int64(gid)) && int64(gid) != u.GID {
			u.Groups = append(u.Groups, int64(gid))
		}
	}
	return u, err
}

// Source is what a project calls a service, of which the spec may be one instance.
func Source(s spec.Service) string { return cmp.Or(s.InstanceOf, s.Name) }

// ToBuild are the services that need an image of their own, because no registry has one.
func (o Options) ToBuild(p project.Project) (names []string) {
	for _, s := range p.Services {
		if name := Source(s); isBuilt(s) && o.Images[name] == "" && o.External[name] == "" && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// Reference is where the image of a service is published.
func Reference(registry, service, tag string) (string, error) {
	text := strings.TrimSuffix(registry, "/") + "/" + objectName(service) + ":" + tag
	named, err := reference.ParseNormalizedNamed(text)
	if err != nil || !strings.Contains(registry, "/") && !strings.ContainsAny(registry, ".:") && registry != "localhost" {
		return "", fmt.Errorf("registry %q, tag %q: want the name of a registry and a tag, e.g. registry.example.com/shop and 1.2", registry, tag)
	}
	return named.String(), nil
}
