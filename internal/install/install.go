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
