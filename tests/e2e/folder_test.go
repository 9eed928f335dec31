package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"dagger/stack/internal/freeport"
)

// projectIn is the stack of a project in a folder of its own, a repository, whose calls name no stack. The project is one service,
// who.
func projectIn(t *testing.T, folder, who string) *stack {
	t.Helper()
	s := &stack{TB: t, T: t, bare: true, name: filepath.Base(folder), project: folder, ports: map[string]int{"who": freeport.For(t)}}
	if err := os.MkdirAll(filepath.Join(folder, "src/deep"), 0o755); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("git", "init", "-q", folder).CombinedOutput(); err != nil {
		t.Fatalf("git init: %v %s", err, out)
	}
	file := fmt.Sprintf("services: {%s: {image: redis:7-alpine, ports: ['%d:6379']}}\n", who, s.ports["who"])
	if err := os.WriteFile(filepath.Join(folder, "compose.yaml"), []byte(file), 0o600); err != nil {
		t.Fatal(err)
	}
	return s
}

// Without a name, two projects on one machine are two stacks: each has the name of its folder, and is found from there and from below. A
// project in another folder of the same name does not get the other's data, and what lies under the name default is told of.
func TestNameOfTheFolder(t *testing.T) {
	t.Parallel()
	top, of := t.TempDir(), fmt.Sprintf("%x", time.Now().UnixNano()%0xffffff)
	shop, blog := projectIn(t, filepath.Join(top, "Shop "+of), "shop"), projectIn(t, filepath.Join(top, "blog-"+of), "blog")
	blog.ok("--name", "default", "--source", "compose", "--api-port", "0", "up", "--project-path", ".")
	up := map[*stack]*session{}
	for _, s := range []*stack{shop, blog} {
		up[s] = s.begin("--source", "compose", "--api-port", "0", "up", "up")
	}
	for s, name := range map[*stack]string{shop: "shop", blog: "blog"} {
		up[s].untilListens(s.ports["who"])
		for _, folder := range []string{".", "src", "src/deep"} {
			below := *s
			below.project = filepath.Join(s.project, folder)
			below.contains("health in "+folder, below.ok("health", "--service", name), name+" ")
		}
	}
	up[shop].until("shop says its name", func() bool {
		return strings.Contains(up[shop].printed(), "dagger call --name shop-"+of+" logs --follow")
	})
	up[blog].until("blog is told of the other data", func() bool {
		return strings.Contains(up[blog].printed(), `There is data of a stack "default": if it is this project's, give --name default, in each call`)
	})
	shop.contains("health", shop.ok("--name", blog.name, "health"), "blog ")

	elsewhere := projectIn(t, filepath.Join(top, "other", blog.name), "other")
	elsewhere.contains("health in a folder of the same name", elsewhere.ok("health"), "blog ")
	elsewhere.contains("up in a folder of the same name", elsewhere.fails("--source", "compose", "--api-port", "0", "up"),
		fmt.Sprintf("the stack %q was started in %s, and this is %s: if this is another project, name its stack with --name other-%s; if it is the same, with --name %s",
			blog.name, blog.project, elsewhere.project, blog.name, blog.name))
	nobody := &stack{TB: t, T: t, bare: true, project: filepath.Join(top, "other")}
	nobody.contains("health where no project is", nobody.fails("health"), `stack "other" never ran on this engine`)
	for _, s := range []*stack{shop, blog} {
		s.ok("stop")
		s.ok("reset", "--confirm", map[*stack]string{shop: "shop-" + of, blog: blog.name}[s])
	}
	blog.ok("--name", "default", "reset", "--confirm", "default")
}

// Two projects that --project-path names, in calls from one folder, have one name there. The second is told whose stack that is, while it
// runs and when its data is all that is left, and what to do.
func TestProjectsOfOneFolder(t *testing.T) {
	t.Parallel()
	of := fmt.Sprintf("%x", time.Now().UnixNano()%0xffffff)
	top := filepath.Join(t.TempDir(), "work-"+of)
	shop, blog := projectIn(t, filepath.Join(top, "shop"), "shop"), projectIn(t, filepath.Join(top, "blog"), "blog")
	for _, s := range []*stack{shop, blog} {
		if err := os.WriteFile(filepath.Join(s.project, "package.json"), fmt.Appendf(nil, `{"name": "%s-%s"}`, s.name, of), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	work := &stack{TB: t, T: t, bare: true, name: filepath.Base(top), project: top}
	in := func(s *stack) []string {
		return []string{"--source", "compose", "--api-port", "0", "up", "--project-path", s.name}
	}
	up := work.begin(append(in(shop), "up")...)
	up.untilListens(shop.ports["who"])
	refused := fmt.Sprintf("the stack %q is that of the project shop-%s, and this is blog-%s: ", work.name, of, of)
	instead := fmt.Sprintf("with --name blog-%s, in each call; if it is the same project under another name, with --name %s", of, work.name)
	said := work.fails(in(blog)...)
	work.contains("up while it runs", said, refused)
	work.contains("up while it runs", said, instead)
	work.contains("health", work.ok("health"), "shop ")
	work.ok("stop")
	work.contains("up when it has ended", work.fails(in(blog)...), refused)
	work.ok(append([]string{"--name", "blog-" + of}, in(blog)...)...)
	work.ok(in(shop)...)
	for _, name := range []string{work.name, "blog-" + of} {
		work.ok("--name", name, "reset", "--confirm", name)
	}
}
