package compose

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/schema"

	"dagger/stack/internal/project"
)

// row proves what docs/compose.md says of one element: what the service "web" is then, the note, why the service is left out, or
// the error.
type row struct {
	element string
	yaml    string // of the service web, or a whole project where it begins with "services:" or "-- "
	want    string // lines of flat(), apart from each other by spaces or newlines; with a "!" before: not there
	note    string
	leftOut string
	err     string
}

// whole is the project of a row.
func (r row) whole() string {
	if strings.HasPrefix(r.yaml, "services:") || strings.HasPrefix(r.yaml, "-- ") || strings.HasPrefix(r.yaml, "name:") || strings.HasPrefix(r.yaml, "include:") {
		return r.yaml
	}
	image := "    image: busybox\n"
	if strings.HasPrefix(r.yaml, "image:") || strings.HasPrefix(r.yaml, "build:") || strings.HasPrefix(r.yaml, "extends:") || strings.HasPrefix(r.yaml, "provider:") {
		image = ""
	}
	return "services:\n  web:\n" + image + "    " + strings.ReplaceAll(r.yaml, "\n", "\n    ") + "\n"
}

func (r row) check(t *testing.T) {
	t.Helper()
	p, err := Load(tree(r.whole()), Options{SSH: true})
	if r.err != "" {
		if err == nil || !strings.Contains(err.Error(), r.err) {
			t.Errorf("%s\nerror %v\n want %s", r.yaml, err, r.err)
		}
		return
	}
	if err != nil {
		t.Errorf("%s\n%v", r.yaml, err)
		return
	}
	said(t, r.yaml, "notes", p.Notes, r.note)
	var reasons []string
	for _, l := range p.LeftOut {
		reasons = append(reasons, l.Service+": "+l.Reason)
	}
	said(t, r.yaml, "left out", reasons, r.leftOut)
	r.compare(t, p)
}

// said compares what was said with the one thing that was to be said.
func said(t *testing.T, yaml, what string, got []string, want string) {
	t.Helper()
	if want == "" && len(got) > 0 || want != "" && !strings.Contains(strings.Join(got, "\n"), want) {
		t.Errorf("%s\n%s %q\nwant %q", yaml, what, got, want)
	}
}

func (r row) compare(t *testing.T, p project.Project) {
	t.Helper()
	if r.want == "" {
		return
	}
	lines := flat(service(t, p, "web"))
	for _, want := range strings.Split(r.want, "\n") {
		want = strings.TrimSpace(want)
		unwanted, not := strings.CutPrefix(want, "!")
		if not && slices.ContainsFunc(lines, func(l string) bool { return strings.HasPrefix(l, unwanted) }) || !not && !slices.Contains(lines, want) {
			t.Errorf("%s\nwant %s among\n%s", r.yaml, want, strings.Join(lines, "\n"))
		}
	}
}

func TestElements(t *testing.T) {
	t.Parallel()
	for _, r := range slices.Concat(imageRows, processRows, containerRows, orderRows, dataRows, networkRows, resourceRows, impossibleRows, noEffectRows, developRows) {
		t.Run(r.element, func(t *testing.T) { t.Parallel(); r.check(t) })
	}
}

// buildsOwn are the elements of a build that the rule of "build" is for.
var buildsOwn = []string{"context", "dockerfile", "dockerfile_inline", "args", "target", "secrets", "ssh", "additional_contexts"}

// TestSchema: every element of the specification has a rule, also those that a later version of the library brings.
func TestSchema(t *testing.T) {
	t.Parallel()
	for _, path := range schema.AttributePaths() {
		parts := path.Parts()
		if parts[0] == "services" && len(parts) > 2 {
			key := parts[2]
			if (key == "build" || key == "deploy") && len(parts) > 3 && !slices.Contains(buildsOwn, parts[3]) {
				key += "." + parts[3]
			}
			if _, ruled := serviceRules[key]; !ruled {
				t.Errorf("%s: no rule", path)
			}
		} else if _, ruled := sectionRules[parts[0]]; !ruled {
			t.Errorf("%s: no rule", path)
		}
	}
}

var documented = regexp.MustCompile("`([^`]+)`")

// TestDocumentation: the table of docs/compose.md has every rule, with its verdict, and each of its rows is proven above.
func TestDocumentation(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../../docs/compose.md")
	if err != nil {
		t.Fatal(err)
	}
	verdicts := map[string]verdict{}
	for line := range strings.Lines(string(page)) {
		cells := strings.Split(line, "|")
		if len(cells) < 5 {
			continue
		}
		for _, name := range documented.FindAllStringSubmatch(cells[1], -1) {
			verdicts[name[1]] = verdict(strings.TrimSpace(cells[2]))
		}
	}
	proven := map[string]bool{}
	for _, r := range slices.Concat(imageRows, processRows, containerRows, orderRows, dataRows, networkRows, resourceRows, impossibleRows, noEffectRows, developRows) {
		proven[r.element] = true
	}
	for name, rule := range serviceRules {
		if name != "name" && verdicts[name] != rule.verdict {
			t.Errorf("%s: docs/compose.md says %q, the rule %q", name, verdicts[name], rule.verdict)
		}
	}
	for name, rule := range sectionRules {
		if name = "top: " + name; verdicts[name] != rule.verdict {
			t.Errorf("%s: docs/compose.md says %q, the rule %q", name, verdicts[name], rule.verdict)
		}
	}
	for name := range verdicts {
		if !proven[name] {
			t.Errorf("%s: docs/compose.md has it, and no test proves it", name)
		}
	}
}
