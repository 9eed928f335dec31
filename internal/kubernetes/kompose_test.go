//go:build kube && kompose

package kubernetes

import (
	"context"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/types"
)

// TestBesideKompose counts what becomes of the compose files of make kube, here and by kompose: objects that a kube-apiserver refuses, and elements
// that are lost. It prints the table of docs/kubernetes.md.
func TestBesideKompose(t *testing.T) {
	c := newCluster(t)
	for _, level := range []podSecurity{restricted, baseline, privileged} {
		c.namespace(string(level), string(level))
	}
	type count struct{ projects, services, absent, objects, refused, restricted, baseline int }
	counts, lost, there := [2]count{}, [2]map[string]int{{}, {}}, map[string]int{}
	both, programs := 0, [2]string{"stack", "kompose"}
	for _, dir := range composeProjects(t) {
		p, o, read := readProject(t, dir)
		var exports [2]map[string]map[string]any
		var texts [2]string
		if export, err := Write(p, o); read && err == nil {
			exports[0], texts[0] = objects(t, export), strings.Join(slices.Collect(maps.Values(export.Files)), "\n")
		}
		exports[1], texts[1] = kompose(t, dir)
		for i, all := range exports {
			if len(all) == 0 {
				continue
			}
			counts[i].projects++
			counts[i].objects += len(all)
			for level, pods := range map[string]*int{"restricted": &counts[i].restricted, "baseline": &counts[i].baseline} {
				for _, why := range c.refuses(all, level, "") { // kompose writes no namespace
					*pods += once(strings.HasPrefix(why, "the pod of"))
				}
			}
			for _, why := range c.refuses(all, "privileged", "") {
				counts[i].refused++
				t.Logf("%s %s: %s", programs[i], filepath.Base(dir), why)
			}
		}
		model, err := load(dir)
		if err != nil || len(exports[0]) == 0 || len(exports[1]) == 0 {
			continue
		}
		both++
		for _, s := range model.Services {
			for i := range exports {
				counts[i].services++
				m, found := of(exports[i], texts[i], s.Name)
				counts[i].absent += once(!found)
				for _, w := range whats {
					n := w.has(s)
					if i == 0 {
						there[w.name] += n
					}
					if n > 0 && found {
						n = max(0, n-w.kept(s, m))
					}
					if lost[i][w.name] += n; n > 0 {
						t.Logf("%s %s: lost of %s, which is there: %t: %s, %d", programs[i], filepath.Base(dir), s.Name, found, w.name, n)
					}
				}
			}
		}
	}
	var table strings.Builder
	row := func(name string, values ...any) {
		fmt.Fprintf(&table, "| %s | %v | %v | %v |\n", name, values[0], values[1], values[2])
	}
	row("projects that are converted", len(composeProjects(t)), counts[0].projects, counts[1].projects)
	row("objects", "", counts[0].objects, counts[1].objects)
	row("objects and pods that the server refuses", "", counts[0].refused, counts[1].refused)
	row("pods that the level restricted refuses", "", counts[0].restricted, counts[1].restricted)
	row("pods that the level baseline refuses", "", counts[0].baseline, counts[1].baseline)
	row(fmt.Sprintf("services that are not there, of %d projects that both convert", both), counts[0].services, counts[0].absent, counts[1].absent)
	for _, w := range whats {
		row("lost: "+w.name, there[w.name], lost[0][w.name], lost[1][w.name])
	}
	t.Logf("\n| | there | stack | kompose |\n|---|---|---|---|\n%s", table.String())
}

func load(dir string) (*types.Project, error) {
	options, err := cli.NewProjectOptions(nil, cli.WithWorkingDirectory(dir), cli.WithDotEnv, cli.WithDefaultConfigPath, cli.WithProfiles([]string{"*"}), cli.WithName("shop"))
	if err != nil {
		return nil, err
	}
	return options.LoadProject(context.Background())
}

// kompose converts a project with every profile; nil if it does not.
func kompose(t *testing.T, dir string) (all map[string]map[string]any, texts string) {
	t.Helper()
	out := t.TempDir()
	cmd := exec.Command(filepath.Join(os.Getenv("KUBE_PROGRAMS"), "kompose"), "convert", "--profile", "*", "--out", out+"/")
	cmd.Dir = dir
	if said, err := cmd.CombinedOutput(); err != nil {
		t.Logf("kompose %s: %s", filepath.Base(dir), said)
		return nil, ""
	}
	files, err := filepath.Glob(filepath.Join(out, "*.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	export := Export{Files: map[string]string{}}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		export.Files[filepath.Base(file)] = "---\n" + strings.TrimPrefix(string(text), "---\n")
		texts += string(text)
	}
	return objects(t, export), texts
}
