package node

import (
	"dagger/stack/internal/source/detect/text"
	"dagger/stack/internal/source/detect/tree"
	"dagger/stack/internal/spec"
)

// withoutScripts takes those scripts out of the manifests that an install would run before their source is there. The
// source brings the manifests back as they were.
const withoutScripts = `const fs = require("fs"), path = require("path");
const names = ["preinstall", "install", "postinstall", "prepublish", "preprepare", "prepare", "postprepare"];
const walk = dir => fs.readdirSync(dir, { withFileTypes: true }).forEach(entry => {
  const file = path.join(dir, entry.name);
  if (entry.isDirectory() && entry.name !== "node_modules") walk(file);
  if (entry.name !== "package.json") return;
  const manifest = JSON.parse(fs.readFileSync(file, "utf8"));
  names.forEach(name => delete (manifest.scripts || {})[name]);
  fs.writeFileSync(file, JSON.stringify(manifest, null, 2));
});
walk(".");`

// steps install the packages, from the manifests alone where that works.
func (l look) steps() ([]spec.Step, error) {
	if !l.shared.Has("package.json") { // the user gave a command, and there is nothing to install
		return nil, nil
	}
	patterns := workspaces(l.shared, l.lead)
	workspace := len(patterns) > 0
	wanted := l.manager.reads(workspace)
	for _, each := range []Manifest{l.lead, l.pkg} {
		for _, at := range each.local() {
			if err := tree.Outside(each.path, ".", at); err != nil {
				return nil, err
			}
			if wanted[0] != "**" {
				l.NoteWhole(each.path, "it depends on "+at)
			}
			wanted = []string{"**"}
		}
	}
	steps := l.manager.install(wanted)
	if wanted[0] == "**" || !workspace && !l.pkg.hasInstallScripts() {
		return steps, nil
	}
	last := len(steps) - 1
	runtime := "node"
	if l.manager.name == bun.name {
		runtime = "bun"
	}
	steps = append(steps[:last:last],
		spec.Step{Files: wanted, Command: []string{runtime, "-e", withoutScripts}},
		spec.Step{Command: steps[last].Command})
	// The scripts run afterwards, with the source.
	scripts := l.lead.installScripts()
	for _, name := range scripts {
		steps = append(steps, spec.Step{Files: []string{"**"}, Command: l.manager.run(name)})
	}
	if workspace {
		steps = append(steps, l.manager.runInMembers(hasMembers(l.shared, patterns), "postinstall", "prepare")...)
	}
	if len(scripts) > 0 {
		l.Note("%s: its scripts %s get the whole source, so they are run anew after every edit", l.lead.path, text.And(scripts))
	}
	return steps, nil
}
