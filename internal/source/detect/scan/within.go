package scan

import (
	"path"
	"slices"

	"dagger/stack/internal/spec"
)

// Within are steps that are run in a folder below the one that the build takes.
func Within(below string, steps []spec.Step) []spec.Step {
	if below == "." {
		return steps
	}
	steps = slices.Clone(steps)
	there := false // the folder is, once files are in it
	for i, step := range steps {
		if there = there || len(step.Files) > 0; !there {
			continue
		}
		files := slices.Clone(step.Files)
		for n, file := range files {
			if file != "**" {
				files[n] = path.Join(below, file)
			}
		}
		steps[i].Dir, steps[i].Files = path.Join(below, step.Dir), files
	}
	return steps
}
