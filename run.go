package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
	"time"

	"dagger/stack/internal/build"
	"dagger/stack/internal/command"
	"dagger/stack/internal/control"
	"dagger/stack/internal/dagger"
	"dagger/stack/internal/folder"
	"dagger/stack/internal/layout"
	"dagger/stack/internal/plain"
	"dagger/stack/internal/project"
	"dagger/stack/internal/protocol"
	"dagger/stack/internal/spec"
)

// Run is a command that was run in a container of its own
type Run struct {
	// +private
	Command string
	// +private
	Service string
	// Exit code of the command: 128 + n if signal n has ended it, 127 if it could not be started
	ExitCode int
	// +private
	Why string // of a failure, when it is known
	// +private
	Container *dagger.Container
	// +private
	Workdir string
	// +private
	Mounted []string // folders that are not the container's own
	// +private
	Logs string // of the services that were started for the command
}

// Runs a command in a container of its own, made like a service: the project's tests by one call
//
// The container has the service's image or build, environment, folders, user, privileges and limits, and no ports. If a stack of this
// --name runs, the command finds that stack's services. If none does, what the service needs is started for it (databases, migrations,
// jobs), empty, and ended after it. Nothing is left behind in any case: the container may change its copy of the source.
//
//	dagger call run --service backend --command "pytest -q" stdout
//	dagger call run --service backend --command "pytest -q --junitxml=/tmp/report.xml" results --path /tmp/report.xml export --path results
//
// A command that fails is the error of stdout, stderr and sync, with its last lines, and the CLI ends with the command's exit code. exit-code,
// file, directory and results answer whether it has failed or not. The command's output is in the call's progress while it runs.
//
// +cache="never"
func (m *Stack) Run(
	ctx context.Context,
	// Which: backend, frontend, a service of the compose file, or one that with-service has added.
	service string,
	// What it runs: one program and its arguments. Wrap what needs a shell as sh -c '…'. It is run as it is, without the image's
	// ENTRYPOINT.
	command string,
	// The project's directory; the folder you are in, unless given.
	//
	// +optional
	// +ignore=["**/.git/[^iHrpF]*","**/.git/info","**/.git/refs/[^h]*","**/.git/index.*","**/.hg","**/.svn","**/node_modules","**/.pnpm-store","**/.yarn/unplugged","**/.yarn/install-state.gz","**/.pnp.cjs","**/.pnp.loader.mjs","**/.venv","**/venv","**/__pypackages__","**/*.egg-info","**/__pycache__","**/*.pyc","**/.pytest_cache","**/.mypy_cache","**/.ruff_cache","**/.tox","**/.nox","**/.coverage","**/htmlcov","**/.next","**/next-env.d.ts","**/.nuxt","**/.output","**/.svelte-kit","**/.astro","**/.angular","**/.docusaurus","**/.vite","**/.parcel-cache","**/.turbo","**/.cache","**/.nyc_output","**/lcov-report","**/.direnv","**/.DS_Store"]
	projectPath *dagger.Directory,
	// The folder that the caller is in: the project, unless --project-path names another.
	//
	// +optional
	workspace *dagger.Workspace,
	// More variables of its environment, each NAME=VALUE, in the place of those that the service has.
	//
	// +optional
	env []string,
	// Its working folder: absolute, or below the service's.
	//
	// +optional
	workingDir string,
) (*Run, error) {
	files, err := folder.Of(ctx, projectPath, workspace)
	if err != nil {
		return nil, err
	}
	s := m
	_, err = m.ask(ctx, commandReport, nil)
	joins := err == nil
	if protocol.CodeOf(err) == protocol.CodeNotRunning {
		s, err = m.apart("run"), nil
	}
	if err != nil {
		return nil, err
	}
	plan, err := s.plan(ctx, files, func(p project.Project) (project.Project, error) {
		return p.Run(project.RunFlags{Service: service, Command: command, Env: env, Workdir: workingDir})
	})
	if err != nil {
		return nil, err
	}
	run := &Run{Command: command, Service: service}
	return run, s.runOneOff(ctx, plan, joins, run)
}

// resultLines is how much is kept of the logs of services that were started for a command.
const resultLines = 10_000

// commandReport is the verb: the argument of Run is called as the package is.
const commandReport = command.Report

// runOneOff runs the command of a plan, beside the services of the stack that it joins or beside those that are started for it.
func (m *Stack) runOneOff(ctx context.Context, plan plan, joins bool, run *Run) (err error) {
	oneOff, _ := plan.Service(project.RunName)
	plan.Services = slices.DeleteFunc(slices.Clone(plan.Services), func(s spec.Service) bool { return s.Name == oneOff.Name })
	var needs map[string]*dagger.Service
	if !joins {
		defer func() { err = errors.Join(err, m.forget(ctx)) }()
		if len(plan.Services) > 0 {
			up, err := m.start(ctx, plan, func() error { return m.begin(ctx, plan.files) }, nil)
			if err != nil {
				return err
			}
			defer m.abandon(ctx, slices.Collect(maps.Values(up.services)))
			defer func() {
				var logErr error
				run.Logs, logErr = m.ask(ctx, command.Logs, control.LogsRequest{Tail: resultLines, Format: "json"})
				err = errors.Join(err, logErr)
			}()
			if m.Unprivileged {
				needs = up.services
			}
		}
	}
	if err := m.ready(ctx, plan, oneOff); err != nil {
		return err
	}
	container, err := m.withService(oneOff, plan, true, needs)
	if err != nil {
		return err
	}
	run.Workdir = path.Join("/", oneOff.Process.Workdir)
	for _, mount := range oneOff.Container.Mounts {
		run.Mounted = append(run.Mounted, mount.Target)
	}
	return run.exec(ctx, container.WithEnvVariable("ASKED", time.Now().Format(time.RFC3339Nano)), m.Folder, !m.Unprivileged)
}

// exec runs the agent, and with it the command.
func (r *Run) exec(ctx context.Context, container *dagger.Container, folder string, privileged bool) error {
	done := container.WithExec([]string{layout.Agent, command.OneOff, folder}, dagger.ContainerWithExecOpts{
		InsecureRootCapabilities: privileged, NoInit: true, Expect: dagger.ReturnTypeAny,
	})
	code, err := done.ExitCode(ctx)
	if err != nil {
		return build.PrivilegeError(err)
	}
	if code != 0 {
		words, err := done.Stderr(ctx)
		return errors.Join(err, errors.New(strings.TrimSpace(words)))
	}
	result, err := control.Answer[protocol.RunResult](done.File(layout.Result).Contents(ctx))
	r.ExitCode, r.Why, r.Container = result.Code, result.Why, done
	return err
}

// What the command has printed on its standard output; its failure is an error
func (r *Run) Stdout(ctx context.Context) (string, error) {
	if err := r.failed(ctx); err != nil {
		return "", err
	}
	return r.Container.Stdout(ctx)
}

// What the command has printed on its standard error; its failure is an error
func (r *Run) Stderr(ctx context.Context) (string, error) {
	if err := r.failed(ctx); err != nil {
		return "", err
	}
	return r.Container.Stderr(ctx)
}

// Fails if the command has failed, and names the container otherwise: what a call asks for that names no further function
func (r *Run) Sync(ctx context.Context) (string, error) {
	if err := r.failed(ctx); err != nil {
		return "", err
	}
	id, err := r.Container.ID(ctx)
	return string(id), err
}

// A folder of the container as the command has left it, whether the command has failed or not
func (r *Run) Directory(
	ctx context.Context,
	// Absolute, or below the command's working folder.
	path string,
) (*dagger.Directory, error) {
	name, err := r.at(ctx, path, dagger.ExistsTypeDirectoryType)
	if err != nil {
		return nil, err
	}
	return r.Container.Directory(name), nil
}

// A file of the container as the command has left it, whether the command has failed or not
func (r *Run) File(
	ctx context.Context,
	// Absolute, or below the command's working folder.
	path string,
) (*dagger.File, error) {
	name, err := r.at(ctx, path, dagger.ExistsTypeRegularType)
	if err != nil {
		return nil, err
	}
	return r.Container.File(name), nil
}

// All there is to keep of the run, in a folder, whether the command has failed or not: for CI, by one call
//
// Files stdout, stderr and exit-code; logs.jsonl with the last 10,000 lines of the services that were started for the command, one JSON object
// a line; and the file or folder at --path under its own name, if the command has made it.
func (r *Run) Results(
	ctx context.Context,
	// A file or folder of the container: absolute, or below the command's working folder.
	//
	// +optional
	path string,
) (*dagger.Directory, error) {
	stdout, stderr, err := r.printed(ctx)
	if err != nil {
		return nil, err
	}
	results := dag.Directory().
		WithNewFile("stdout", stdout).WithNewFile("stderr", stderr).
		WithNewFile("exit-code", fmt.Sprintln(r.ExitCode)).WithNewFile("logs.jsonl", r.Logs)
	if path == "" {
		return results, nil
	}
	if name, err := r.at(ctx, path, dagger.ExistsTypeRegularType); err == nil {
		return results.WithFile(base(name), r.Container.File(name)), nil
	}
	name, err := r.at(ctx, path, dagger.ExistsTypeDirectoryType)
	if err != nil && r.ExitCode == 0 {
		return nil, err // a command that has failed may not have come so far
	}
	if err == nil {
		results = results.WithDirectory(base(name), r.Container.Directory(name))
	}
	return results, nil
}

// base is the last part of a path: the argument of Results is called as the package is.
func base(name string) string { return path.Base(name) }

// at is a path of the container that is there.
func (r *Run) at(ctx context.Context, name string, kind dagger.ExistsType) (string, error) {
	if !path.IsAbs(name) {
		name = path.Join(r.Workdir, name)
	}
	if mounted := project.Above(r.Mounted, name); mounted != "" {
		return "", fmt.Errorf("%s is on a volume, a bind mount or a tmpfs of %s, at %s: have the command write it elsewhere, e.g. to /tmp", name, r.Service, mounted)
	}
	there, err := r.Container.Exists(ctx, name, dagger.ContainerExistsOpts{ExpectedType: kind})
	if err == nil && !there {
		what := map[dagger.ExistsType]string{dagger.ExistsTypeDirectoryType: "folder", dagger.ExistsTypeRegularType: "file"}[kind]
		err = fmt.Errorf("no %s %s after the command, which ended with exit code %d: want a path that the command has made", what, name, r.ExitCode)
	}
	return name, err
}

// failed is the error of a command that has failed, with its last lines.
func (r *Run) failed(ctx context.Context) error {
	if r.ExitCode == 0 && r.Why == "" {
		return nil
	}
	stdout, stderr, err := r.printed(ctx)
	if err != nil {
		return err
	}
	why := fmt.Sprintf("%q, run like %s, failed: exit code %d", r.Command, r.Service, r.ExitCode)
	if r.Why != "" {
		why = fmt.Sprintf("%q, run like %s, failed: %s", r.Command, r.Service, r.Why)
	}
	return exitError(max(r.ExitCode, 1), plain.CommandError(why, stdout, stderr), []string{}, "", "")
}

// printed is what the command has printed.
func (r *Run) printed(ctx context.Context) (stdout, stderr string, err error) {
	if stdout, err = r.Container.Stdout(ctx); err == nil {
		stderr, err = r.Container.Stderr(ctx)
	}
	return stdout, stderr, err
}
