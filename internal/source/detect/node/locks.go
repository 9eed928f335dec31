package node

import (
	"maps"
	"slices"
	"strings"

	"dagger/stack/internal/lazyregexp"
	"dagger/stack/internal/source/detect/tree"
)

// whole leaves out lockfiles that lack what the manifest asks for, beside one that has it all: they were forgotten when the project changed
// its manager, and their own manager would refuse them. locks are lockfiles by the names of their managers.
func (l look) whole(f tree.Folder, locks map[string]string) map[string]string {
	maps.DeleteFunc(locks, func(_, lock string) bool { return lock == "" })
	if len(locks) < 2 {
		return locks // which is not read: it may be large
	}
	lacking, whole := map[string]string{}, map[string]string{}
	for name, lock := range locks {
		if lacking[name] = l.lead.lacking(name, f.Read(lock)); lacking[name] == "" || lock == "bun.lockb" { // which is no text
			whole[name] = lock
		}
	}
	if len(whole) == 0 {
		return locks
	}
	for _, name := range slices.Sorted(maps.Keys(lacking)) {
		if whole[name] == "" {
			l.Note("%s has %s without %s, which %s asks for: another lockfile counts", f.Quoted(), locks[name], lacking[name], l.lead.path)
		}
	}
	return whole
}

// plainRange is a range of versions, and no address, alias or member of the workspace.
var plainRange = lazyregexp.New(`^[\^~<>=v]*\d[\w.\-+]*$`)

// lacking is the first dependency of the manifest that a lockfile does not have, "" if it has all. Yarn's has the ranges of versions in it,
// too, unless the manifest replaces some.
func (p Manifest) lacking(manager, lock string) string {
	for _, dependencies := range []map[string]string{p.dependencies, p.devDependencies} {
		for _, name := range slices.Sorted(maps.Keys(dependencies)) {
			asked, as := name, []string{`"` + name + `"`, `node_modules/` + name + `"`}
			switch {
			case manager == "yarn" && !p.resolutions && plainRange.MatchString(dependencies[name]):
				asked += "@" + dependencies[name]
				as = []string{asked, name + "@npm:" + dependencies[name]}
			case manager == "yarn":
				as = []string{name + "@"}
			case manager == "pnpm":
				as = []string{" " + name + ":", " '" + name + "':"}
			}
			if !slices.ContainsFunc(as, func(text string) bool { return strings.Contains(lock, text) }) {
				return asked
			}
		}
	}
	return ""
}
