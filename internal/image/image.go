// Package image reads what an image says of the containers that are made of it. Dagger's API has no field for an image's
// STOPSIGNAL and VOLUME; an exported image has all of them in its configuration.
package image

import (
	"archive/tar"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	dockerspec "github.com/moby/docker-image-spec/specs-go/v1"

	"dagger/stack/internal/project"
	"dagger/stack/internal/spec"
)

// blobMax bounds what is taken into memory of one file of the archive: configurations are some kilobytes.
const blobMax = 8 << 20

// Read is what an image says that was exported without its files, as a tar archive in the format of `docker save`.
func Read(archive io.Reader) (project.Image, error) {
	config, err := read(archive)
	if err != nil {
		return project.Image{}, err
	}
	return of(config), nil
}

func read(archive io.Reader) (config dockerspec.DockerOCIImage, err error) {
	files := map[string][]byte{}
	for reader := tar.NewReader(archive); ; {
		header, err := reader.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err == nil && header.Size > blobMax {
			err = fmt.Errorf("%s has %d bytes", header.Name, header.Size)
		}
		if err == nil {
			files[header.Name], err = io.ReadAll(reader)
		}
		if err != nil {
			return config, fmt.Errorf("exported image: %w", err)
		}
	}
	var manifest []struct{ Config string }
	if err := json.Unmarshal(files["manifest.json"], &manifest); err != nil || len(manifest) == 0 {
		return config, errors.Join(errors.New("exported image: no manifest"), err)
	}
	if err := json.Unmarshal(files[manifest[0].Config], &config); err != nil {
		return config, fmt.Errorf("exported image: configuration: %w", err)
	}
	return config, nil
}

func of(config dockerspec.DockerOCIImage) project.Image {
	c := config.Config
	image := project.Image{
		Entrypoint: c.Entrypoint, Cmd: c.Cmd, Workdir: c.WorkingDir, User: c.User, StopSignal: c.StopSignal,
		Volumes: slices.Sorted(maps.Keys(c.Volumes)), Exposed: slices.Sorted(maps.Keys(c.ExposedPorts)),
	}
	for _, pair := range c.Env {
		name, value, _ := strings.Cut(pair, "=")
		image.Env = append(image.Env, spec.Env(name, value))
	}
	if check := c.Healthcheck; check != nil && len(check.Test) > 1 && check.Test[0] != "NONE" {
		image.Healthcheck = &spec.Probe{
			Exec:     probeCommand(check.Test),
			Interval: spec.Duration(check.Interval), Timeout: spec.Duration(check.Timeout), Retries: check.Retries,
			StartPeriod: spec.Duration(check.StartPeriod), StartInterval: spec.Duration(check.StartInterval),
		}
	}
	return image
}

// probeCommand is the command of a HEALTHCHECK: CMD and its arguments, or CMD-SHELL and a line for the shell.
func probeCommand(test []string) []string {
	if test[0] == "CMD-SHELL" {
		return append([]string{"/bin/sh", "-c"}, test[1:]...)
	}
	return test[1:]
}
