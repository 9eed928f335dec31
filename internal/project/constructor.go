package project

import (
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/distribution/reference"
	"github.com/docker/go-units"

	"dagger/stack/internal/spec"
)

// CheckRestart refuses what cannot be said of a process that ends or turns unhealthy.
func CheckRestart(policy, onUnhealthy string) error {
	switch spec.RestartPolicy(policy) {
	case spec.RestartNo, spec.RestartOnFailure, spec.RestartAlways:
	default:
		return fmt.Errorf("restart policy %q: want no, on-failure or always for --restart", policy)
	}
	if onUnhealthy != "none" && onUnhealthy != "restart" {
		return fmt.Errorf("%q: want none or restart for --on-unhealthy", onUnhealthy)
	}
	return nil
}

// CheckLog refuses what cannot be kept of a service's output.
func CheckLog(size string, files int) error {
	_, err := ParseLogSize(size)
	if err == nil && (files < 2 || files > 100) {
		err = fmt.Errorf("%d log files: want 2 to 100 for --log-max-files", files)
	}
	return err
}

// ParseLogSize reads how large one file of a service's log may become.
func ParseLogSize(text string) (int64, error) {
	size, err := units.RAMInBytes(text)
	if err != nil || size < units.MiB || size > units.GiB {
		return 0, fmt.Errorf("log size %q: want 1MiB to 1GiB for --log-max-size", text)
	}
	return size, nil
}

// CheckHealthPath refuses what cannot be asked for over HTTP; empty is none.
func CheckHealthPath(service, path string) error {
	if path == "" {
		return nil
	}
	if _, err := url.ParseRequestURI(path); err != nil || path[0] != '/' {
		return fmt.Errorf("health path %q of %s: want one that begins with \"/\", e.g. /healthz, for --%s-health-path", path, service, service)
	}
	return nil
}

// CheckImage refuses what is no name of an image.
func CheckImage(service, image, example string) error {
	if _, err := reference.ParseNormalizedNamed(image); err != nil {
		return fmt.Errorf("image %q of %s: %w: want one such as %s for --%s-image", image, service, err, example, service)
	}
	return nil
}

// CheckStackPorts does that with the ports that a stack has by itself.
func CheckStackPorts(postgres, redis, backend, frontend, api int) error {
	return CheckPorts(PortFlag{Service: "postgres", Port: postgres}, PortFlag{Service: "redis", Port: redis}, PortFlag{Service: "backend", Port: backend},
		PortFlag{Service: "frontend", Port: frontend}, PortFlag{Service: "api", Port: api, Optional: true})
}

// PortFlag is a port of the host that the user gives to a service.
type PortFlag struct {
	Service  string
	Port     int
	Optional bool // 0 is none
}

// CheckPorts refuses what is no port, and one that is given twice.
func CheckPorts(flags ...PortFlag) error {
	taken := map[int]string{}
	for _, given := range flags {
		if given.Optional && given.Port == 0 {
			continue
		}
		if given.Port < 1 || given.Port > 65535 {
			return fmt.Errorf("port %d of %s: want 1 to 65535 for --%s-port", given.Port, given.Service, given.Service)
		}
		if other := taken[given.Port]; other != "" {
			return fmt.Errorf("port %d is given to both %s and %s: give one of them another, with --%s-port or --%s-port",
				given.Port, other, given.Service, other, given.Service)
		}
		taken[given.Port] = given.Service
	}
	return nil
}

// ParsePublish reads SERVICE:PORT=PUBLISHED.
func ParsePublish(text string) (service string, port, published int, err error) {
	target, number, found := strings.Cut(text, "=")
	i := strings.LastIndex(target, ":")
	if found && i > 0 {
		service = target[:i]
		if port, err = portNumber(target[i+1:]); err == nil {
			if number != "0" {
				published, err = portNumber(number)
			}
			if err == nil {
				return service, port, published, nil
			}
		}
	}
	return "", 0, 0, fmt.Errorf("publish %q: want SERVICE:PORT=PUBLISHED, e.g. web:80=8080, with numbers from 1 to 65535, or PUBLISHED 0 for a port that is not published", text)
}

// CheckDockerfiles refuses a Dockerfile beside the wish for none.
func CheckDockerfiles(none bool, backend, frontend string) error {
	if none && backend+frontend != "" {
		return errors.New("--no-dockerfile and a Dockerfile: give --no-dockerfile, or --backend-dockerfile and --frontend-dockerfile, not both")
	}
	return nil
}
