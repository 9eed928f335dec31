package control

import (
	"fmt"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"

	securejoin "github.com/cyphar/filepath-securejoin"

	"dagger/stack/internal/agent/volume"
)

// bring brings what has changed in the project to the stack's binds, by their sources. What cannot come while services run is
// found out before anything is changed.
func bring(r SyncRequest) (map[string]volume.Brought, error) {
	if len(r.Binds) == 0 {
		return nil, nil
	}
	v := volume.At(r.Volume)
	lock, err := v.Lock()
	if err != nil {
		return nil, err
	}
	defer lock.Close()
	from := map[string]string{}
	for _, service := range slices.Sorted(maps.Keys(r.Binds)) {
		for _, source := range r.Binds[service] {
			if from[source], err = inProject(v, r.Project, source); err != nil {
				return nil, fmt.Errorf("%s: %w", service, err)
			}
		}
	}
	brought := map[string]volume.Brought{}
	for _, source := range slices.Sorted(maps.Keys(from)) {
		if brought[source], err = v.Bring(source, from[source], r.BindsAt[source]...); err != nil {
			return nil, fmt.Errorf("bring what has changed in %s: %w", source, err)
		}
	}
	return brought, nil
}

// inProject is where the project has the source of a bind. What is mounted is a file or a folder: one cannot become the other.
func inProject(v volume.Volume, project, source string) (string, error) {
	at, err := securejoin.SecureJoin(project, source) // as the engine follows links
	if err != nil {
		return "", err
	}
	was, err := os.Stat(v.Path(source))
	if err != nil {
		return at, nil //nolint:nilerr // nothing was brought yet: Bring makes it
	}
	is, err := os.Stat(at)
	if was.IsDir() && (err != nil || is.IsDir()) || !was.IsDir() && err == nil && !is.IsDir() {
		return at, nil
	}
	kind := map[bool]string{true: "folder", false: "file"}[was.IsDir()]
	return "", fmt.Errorf("%s was a %s when the stack was started and is none now, nothing was synced: end the stack and start it anew with up", source, kind)
}

// mounted adds what was brought to one service's binds to its result, by paths of the project.
func mounted(result *SyncResult, binds []string, brought map[string]volume.Brought) {
	add := func(to *[]string, source string, names []string) {
		for _, name := range names {
			if name = path.Join(filepath.ToSlash(source), name); !slices.Contains(*to, name) {
				*to = append(*to, name)
			}
		}
	}
	for _, source := range binds {
		b := brought[source]
		add(&result.Changed, source, b.Changed)
		add(&result.Added, source, b.Added)
		add(&result.Deleted, source, b.Deleted)
		add(&result.Kept, source, b.Kept)
	}
}
