// Package install has the module's own binary, which is the agent, in containers: as a file that is uploaded, or on a volume where it stays.
package install

import (
	"context"
	"crypto/sha256"
	"debug/elf"
	"errors"
	"fmt"
	"os"
	"time"

	"dagger/stack/internal/agent/boot"
	"dagger/stack/internal/command"
	"dagger/stack/internal/dagger"
	"dagger/stack/internal/layout"
)

var dag = dagger.Connect()

// file is this very binary, as a file for other containers. It is uploaded to the engine by every call that uses
// it; what runs often has it from its volume.
func file() (*dagger.File, error) {
	// The engine hands out files of the function's working folder, which the binary is not in.
	if _, err := os.Stat(boot.Name); err != nil {
		if err := command.CopySelf(boot.Name); err != nil {
			return nil, err
		}
	}
	return dag.CurrentModule().WorkdirFile(boot.Name), nil
}

// volume has the same binary, once it has been installed there. Its name tells one build from another.
func volume() (*dagger.CacheVolume, error) {
	id, err := buildID()
	return dag.CacheVolume("stack-agent-" + id), err
}

// buildID is the go command's own name for what this binary was built of (go doc cmd/internal/buildid), which is in it
// also when it is stripped: hashing all of the binary takes 20 ms of every call.
func buildID() (string, error) {
	self, err := os.Executable()
	if err != nil {
		return "", err
	}
	binary, err := elf.Open(self)
	if err != nil {
		return "", err
	}
	defer binary.Close()
	note := binary.Section(".note.go.buildid")
	if note == nil {
		return "", errors.New("the module's binary has no build ID")
	}
	id, err := note.Data()
	return fmt.Sprintf("%x", sha256.Sum256(id))[:32], err
}

// With has the agent in a container: from its volume where it is known to be installed, else as a file.
func With(installed bool) (dagger.WithContainerFunc, error) {
	if installed {
		made, err := volume()
		return func(container *dagger.Container) *dagger.Container {
			return container.WithMountedCache(layout.Bin, made)
		}, err
	}
	uploaded, err := file()
	return func(container *dagger.Container) *dagger.Container {
		return container.WithMountedFile(layout.Agent, uploaded)
	}, err
}

// longest is what a variable may have: the kernel takes 128 KiB for one, with its name.
const longest = 120 << 10

// WithText has a text in a container that an agent runs in, as the file that layout names: package command reads it. The text comes in a variable,
// unless it is too long. As a file it would be a layer of the container's own, which the engine makes, checks and mounts.
func WithText(file, text string) dagger.WithContainerFunc {
	return func(container *dagger.Container) *dagger.Container {
		if len(text) > longest {
			return container.WithNewFile(file, text, dagger.ContainerWithNewFileOpts{Permissions: 0o600})
		}
		return container.WithEnvVariable(layout.Variable(file), text)
	}
}

// Unasked is for ports of which the engine need not find out whether somebody listens: agents and the gateway say more, and sooner.
var Unasked = dagger.ContainerWithExposedPortOpts{ExperimentalSkipHealthcheck: true}

// Install puts the binary on its volume.
func Install(ctx context.Context) error {
	uploaded, err := file()
	if err != nil {
		return err
	}
	agent, err := With(true)
	if err != nil {
		return err
	}
	_, err = dag.Container().
		WithMountedFile(layout.Upload, uploaded).
		With(agent).
		WithEnvVariable("ASKED", time.Now().Format(time.RFC3339Nano)).
		WithExec([]string{layout.Upload, command.Install}).
		Sync(ctx)
	return err
}
