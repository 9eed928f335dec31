// Command boot starts public projects with no flag, or with those of -flags, and says of each whether it became healthy, or why not.
//
// The projects lie outside of the repository, in a folder with a file projects.txt: a line for each, OWNER/NAME and the path of its
// folder below. The log of each run is written beside it, into logs/.
//
// Each call runs in a network of its own, where all ports are free: so the ports that projects name are published as they are, and what
// else the machine runs is not in their way. Making a network needs root.
package main

import (
	"bufio"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// project is one line of projects.txt.
type project struct{ name, folder string }

func main() {
	projects := flag.String("projects", "", "the folder with projects.txt")
	root := flag.String("root", "..", "this repository")
	only := flag.String("only", "", "folders to boot, separated by spaces; all, unless given")
	bound := flag.Duration("bound", 8*time.Minute, "how long a project may take to become healthy")
	flags := flag.String("flags", "", "of the stack, such as --production")
	flag.Parse()
	if err := run(*projects, *root, strings.Fields(*only), *bound, strings.Fields(*flags)); err != nil {
		fmt.Fprintln(os.Stderr, "boot:", err)
		os.Exit(1)
	}
}

func run(dir, root string, only []string, bound time.Duration, flags []string) error {
	if dir == "" {
		return fmt.Errorf("no projects: name the folder that has projects.txt with -projects; a line of it is OWNER/NAME FOLDER")
	}
	list, err := read(filepath.Join(dir, "projects.txt"))
	if err != nil {
		return err
	}
	root, err = filepath.Abs(root)
	if err != nil {
		return err
	}
	logs := filepath.Join(dir, "logs")
	if err := os.MkdirAll(logs, 0o755); err != nil {
		return err
	}
	fmt.Println("| project | folder | | what answers, or why it does not boot |")
	fmt.Println("|---|---|---|---|")
	healthy, all := 0, 0
	for _, p := range list {
		if len(only) > 0 && !slices.Contains(only, p.folder) {
			continue
		}
		all++
		b := boot{root: root, dir: filepath.Join(dir, p.folder), name: stackName(p.folder), bound: bound, flags: flags}
		how, err := b.run(filepath.Join(logs, b.name+".log"))
		state := "healthy"
		if err != nil {
			state, how = "fails", err.Error()
		} else {
			healthy++
		}
		fmt.Printf("| %s | %s | %s | %s |\n", p.name, p.folder, state, strings.ReplaceAll(how, "|", `\|`))
	}
	fmt.Printf("\n%d of %d boot.\n", healthy, all)
	return nil
}

func read(name string) (list []project, err error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	for n := 1; lines.Scan(); n++ {
		words := strings.Fields(lines.Text())
		switch {
		case len(words) == 0 || strings.HasPrefix(words[0], "#"):
		case len(words) != 2 || !filepath.IsLocal(words[1]):
			return nil, fmt.Errorf("%s:%d: want OWNER/NAME and a folder below, such as: docker/awesome-compose awesome-compose/flask", name, n)
		default:
			list = append(list, project{words[0], words[1]})
		}
	}
	return list, lines.Err()
}

// stackName is a name for the stack of a folder, of 40 characters at most.
func stackName(folder string) string {
	name := strings.Map(func(r rune) rune {
		if 'a' <= r && r <= 'z' || '0' <= r && r <= '9' {
			return r
		}
		return '-'
	}, strings.ToLower(folder))
	return "boot-" + name[max(0, len(name)-35):]
}
