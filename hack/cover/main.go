// Command cover says how much of the module its tests run: the unit tests, and the binaries that the tests on the
// engine call, in the containers and as functions.
//
//	go run ./hack/cover [-unit=false] [-run REGEXP]
//
// The engine builds a module itself and knows no -cover. So the tests call a copy of the module whose binary, before
// anything else, becomes another one: the same source, built here with go build -cover, that the copy carries inside.
// What that one has counted it sends to this program, every second and at its end, since most of its processes are
// killed and no file of their containers is left.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

func main() {
	only := flag.String("run", "", "tests on the engine to run, as go test -run has it (default: all)")
	withUnit := flag.Bool("unit", true, "run the unit tests too")
	flag.Parse()
	if err := cover(*withUnit, *only); err != nil {
		fmt.Fprintln(os.Stderr, "cover:", err)
		os.Exit(1)
	}
}

// counting is the one way in which a program can be asked for its counters before it ends, and all have to be of one.
const counting = "-covermode=atomic"

func cover(withUnit bool, only string) error {
	work, err := os.MkdirTemp("", "cover-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	unit, engine := filepath.Join(work, "unit"), filepath.Join(work, "engine")
	if err := errors.Join(os.Mkdir(unit, 0o755), os.Mkdir(engine, 0o755)); err != nil {
		return err
	}
	packages, err := counted()
	if err != nil {
		return err
	}
	var unitErr error
	if withUnit {
		unitErr = command(".", "go", "test", "-tags=root", counting, "-coverpkg="+packages, "./internal/...", "-args", "-test.gocoverdir="+unit).Run()
	}
	engineErr := onEngine(filepath.Join(work, "module"), engine, packages, only)
	for _, part := range []struct{ name, dirs string }{{"unit tests", unit}, {"on the engine", engine}, {"together", unit + "," + engine}} {
		if part.dirs == unit && !withUnit {
			continue
		}
		fmt.Println("\n" + part.name)
		if err := report(part.dirs, filepath.Join(work, "profile")); err != nil {
			fmt.Println(err)
		}
	}
	return errors.Join(unitErr, engineErr)
}

// counted are the packages of the module, but for what Dagger generates.
func counted() (string, error) {
	out, err := exec.Command("go", "list", ".", "./internal/...").Output()
	if err != nil {
		return "", fmt.Errorf("go list: %w", err)
	}
	var packages []string
	for _, name := range strings.Fields(string(out)) {
		if !strings.HasSuffix(name, "/internal/dagger") {
			packages = append(packages, name)
		}
	}
	return strings.Join(packages, ","), nil
}

// report prints the share of statements of every package, and of all of them but what Dagger generates and what
// counts.
func report(dirs, profile string) error {
	if err := command(".", "go", "tool", "covdata", "percent", "-i="+dirs).Run(); err != nil {
		return err
	}
	if err := command(".", "go", "tool", "covdata", "textfmt", "-i="+dirs, "-o="+profile).Run(); err != nil {
		return err
	}
	text, err := os.ReadFile(profile)
	if err != nil {
		return err
	}
	var ours []string
	for line := range strings.Lines(string(text)) {
		if !strings.Contains(line, ".gen.go:") && !strings.Contains(line, "/boot/flush.go:") {
			ours = append(ours, line)
		}
	}
	if err := os.WriteFile(profile, []byte(strings.Join(ours, "")), 0o644); err != nil {
		return err
	}
	out, err := exec.Command("go", "tool", "cover", "-func="+profile).Output()
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	fmt.Println(lines[len(lines)-1])
	return err
}

// onEngine runs the tests on a copy of the module that counts.
func onEngine(module, counters, packages, only string) error {
	address, err := bridge()
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", net.JoinHostPort(address, "0"))
	if err != nil {
		return err
	}
	defer listener.Close()
	go func() {
		_ = http.Serve(listener, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { receive(w, r, counters) }))
	}()
	if err := prepare(module, packages, "http://"+listener.Addr().String()+"/"); err != nil {
		return err
	}
	args := []string{"go", "-C", "tests", "test", "-count=1", "-timeout=60m", "-parallel=6", "./e2e"}
	if only != "" {
		args = append(args, "-run", only)
	}
	with, err := filepath.Abs("hack/engine/with")
	if err != nil {
		return err
	}
	return command(module, with, args...).Run()
}

// bridge is the machine's address in the containers' network of the engine that hack/engine started.
func bridge() (string, error) {
	socket, ours := strings.CutPrefix(os.Getenv("_EXPERIMENTAL_DAGGER_RUNNER_HOST"), "unix://")
	text, err := os.ReadFile(filepath.Join(filepath.Dir(filepath.Dir(socket)), "network"))
	fields := strings.Fields(string(text))
	if !ours || err != nil || len(fields) != 2 {
		return "", errors.New("containers of this engine cannot send what they have counted: run it on one of hack/engine, with hack/engine/with")
	}
	return strings.Replace(fields[1], "0.0/16", "0.1", 1), nil
}

// prepare makes the copy: once to build the binary that counts, and with that inside.
func prepare(module, packages, collector string) error {
	if err := os.Mkdir(module, 0o755); err != nil {
		return err
	}
	// A repository of its own: within it modules may name each other by ../..
	if err := command(".", "sh", "-ec", `git ls-files -z --cached --others --exclude-standard | xargs -0 cp --parents -t "$0" && git init --quiet "$0"`, module).Run(); err != nil {
		return err
	}
	boot := filepath.Join(module, "internal/agent/boot")
	flush := filepath.Join(boot, "flush.go")
	generated, err := os.ReadFile(filepath.Join(module, "dagger.gen.go"))
	if err != nil {
		return err
	}
	for _, step := range []error{
		copyFile("hack/cover/inside/flush.go.txt", flush),
		edit(filepath.Join(boot, "boot.go"), "name != sessionPort", `name != "GOCOVERDIR" && name != sessionPort`),
		edit(filepath.Join(module, "internal/command/command.go"), "\tos.Exit(code)", "\tboot.Flush()\n\tos.Exit(code)"),
		edit(filepath.Join(module, "dagger.gen.go"), "\tif err := dispatch(ctx); err != nil {", "\terr := dispatch(ctx)\n\tboot.Flush()\n\tif err != nil {"),
		edit(filepath.Join(module, "dagger.gen.go"), "\t\"dagger/stack/internal/dagger\"\n", "\t\"dagger/stack/internal/agent/boot\"\n\t\"dagger/stack/internal/dagger\"\n"),
	} {
		if step != nil {
			return step
		}
	}
	build := command(module, "go", "build", "-cover", counting, "-coverpkg="+packages, "-ldflags=-s -w -X dagger/stack/internal/agent/boot.Collector="+collector, "-o", filepath.Join(boot, "counting"), ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if err := build.Run(); err != nil {
		return err
	}
	return errors.Join(
		os.Remove(flush),
		os.WriteFile(filepath.Join(module, "dagger.gen.go"), generated, 0o644),
		command(".", "cp", "internal/command/command.go", filepath.Join(module, "internal/command/command.go")).Run(),
		copyFile("hack/cover/inside/become.go.txt", filepath.Join(boot, "become.go")),
	)
}

// receive keeps a file of counters or of what they mean.
func receive(w http.ResponseWriter, r *http.Request, dir string) {
	data, err := io.ReadAll(r.Body)
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, filepath.Base(r.URL.Path)), data, 0o644)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
	}
}

func copyFile(from, to string) error {
	data, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, data, 0o644)
}

// edit replaces a text that has to be there.
func edit(path, old, new string) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if !strings.Contains(string(data), old) {
		return fmt.Errorf("%s has no %q: mend hack/cover", path, old)
	}
	return os.WriteFile(path, []byte(strings.Replace(string(data), old, new, 1)), 0o644)
}

func command(dir, name string, args ...string) *exec.Cmd {
	cmd := exec.Command(name, args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, os.Stdout, os.Stderr
	return cmd
}
