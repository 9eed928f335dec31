package project

import (
	"fmt"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/distribution/reference"
	"github.com/docker/go-units"

	"dagger/stack/internal/shell"
	"dagger/stack/internal/spec"
)

// Flags are a custom service as a user describes it.
type Flags struct {
	Name, Like, Command, User, ProbePath, ProbeCommand string
	Env, Ports, Needs, NeededBy, Data                  []string
	ProbeTCP                                           int
	Contained                                          bool // it has a container of its own
}

// Custom reads the flags.
func (f Flags) Custom() (c Custom, err error) {
	c = Custom{Name: f.Name, Contained: f.Contained, Like: f.Like, User: f.User, Needs: f.Needs, NeededBy: f.NeededBy, Data: f.Data}
	if err := CheckName(f.Name); err != nil {
		return c, err
	}
	if err = f.read(&c); err != nil {
		err = fmt.Errorf("service %s: %w", f.Name, err)
	}
	return c, err
}

func (f Flags) read(c *Custom) (err error) {
	if c.Command, err = Command(f.Command); err != nil {
		return err
	}
	for _, text := range f.Env {
		v, err := ParseEnv(text)
		if err != nil {
			return err
		}
		c.Env = append(c.Env, v)
	}
	for _, text := range f.Ports {
		port, err := ParsePort(text)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(c.Ports, func(p spec.Port) bool { return p.Container == port.Container }) {
			return fmt.Errorf("port %d is given twice", port.Container)
		}
		c.Ports = append(c.Ports, port)
	}
	probe, err := Command(f.ProbeCommand)
	if err != nil {
		return err
	}
	if c.Probe, err = Probe(c.Ports, f.ProbePath, f.ProbeTCP, probe); err != nil {
		return err
	}
	if err := CheckUser(f.User); err != nil {
		return err
	}
	return CheckData(f.Data)
}

// Command is a command as its arguments; nil if there is none.
func Command(text string) ([]string, error) {
	if text == "" {
		return nil, nil
	}
	return shell.Split(text)
}

var (
	serviceName  = regexp.MustCompile(`^[a-z]([a-z0-9-]{0,38}[a-z0-9])?$`)
	variableName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
)

// reserved are no names of services: the stack keeps its own things under them, or a host of that name is another.
var reserved = []string{"hosts", "secrets", "localhost"}

// CheckName refuses what cannot be a service's name, which is its host name too.
func CheckName(name string) error {
	if !serviceName.MatchString(name) {
		return fmt.Errorf("service name %q: want 1 to 40 characters of a-z, 0-9 and \"-\", the first a letter and the last not a \"-\"", name)
	}
	if slices.Contains(reserved, name) {
		return fmt.Errorf("service name %q is reserved: choose another", name)
	}
	return nil
}

// CheckVariable refuses what cannot be the name of an environment variable.
func CheckVariable(name string) error {
	if !variableName.MatchString(name) {
		return fmt.Errorf("variable name %q: want letters, digits and \"_\", the first not a digit", name)
	}
	return nil
}

// ParseEnv reads NAME=VALUE. The error does not show the value: it may be a secret that is in the wrong place.
func ParseEnv(text string) (spec.Variable, error) {
	name, value, found := strings.Cut(text, "=")
	if !found {
		return spec.Variable{}, fmt.Errorf("env %q: want NAME=VALUE", name)
	}
	return spec.Env(name, value), CheckVariable(name)
}

// ParsePort reads PORT or PUBLISHED:PORT, as docker writes them.
func ParsePort(text string) (port spec.Port, err error) {
	published, container, both := strings.Cut(text, ":")
	if !both {
		container = published
	} else if port.Published, err = portNumber(published); err != nil {
		return port, fmt.Errorf("port %q: want PORT or PUBLISHED:PORT, each 1 to 65535", text)
	}
	if port.Container, err = portNumber(container); err != nil {
		return port, fmt.Errorf("port %q: want PORT or PUBLISHED:PORT, each 1 to 65535", text)
	}
	return port, nil
}

func portNumber(text string) (int, error) {
	n, err := strconv.Atoi(text)
	if err == nil && (n < 1 || n > 65535) {
		err = strconv.ErrRange
	}
	return n, err
}

// Probe is how a custom service is asked whether it works. At most one of path, tcp and command may be given;
// without any, a service with a port is healthy when that accepts connections, and one without when it runs.
func Probe(ports []spec.Port, path string, tcp int, command []string) (*spec.Probe, error) {
	given := 0
	for _, is := range []bool{path != "", tcp != 0, len(command) > 0} {
		if is {
			given++
		}
	}
	switch {
	case given > 1:
		return nil, fmt.Errorf("more than one probe: want one of --probe-path, --probe-tcp and --probe-command")
	case len(command) > 0:
		return &spec.Probe{Exec: command}, nil
	case path != "":
		if len(ports) == 0 {
			return nil, fmt.Errorf("--probe-path %q needs a port to ask on: give the service one with --port", path)
		}
		if !strings.HasPrefix(path, "/") {
			return nil, fmt.Errorf("probe path %q: want one that begins with \"/\", such as \"/health\"", path)
		}
		return &spec.Probe{HTTP: &spec.HTTPGet{Port: ports[0].Container, Paths: []string{path}}}, nil
	case tcp != 0:
		if tcp < 1 || tcp > 65535 {
			return nil, fmt.Errorf("port %d to probe: want 1 to 65535 for --probe-tcp", tcp)
		}
		return &spec.Probe{TCP: &spec.TCPSocket{Port: tcp}}, nil
	case len(ports) > 0:
		return &spec.Probe{TCP: &spec.TCPSocket{Port: ports[0].Container}}, nil
	}
	return nil, nil
}

// CheckUser refuses root: no service runs as it.
func CheckUser(user string) error {
	name, _, _ := strings.Cut(user, ":")
	if id, err := strconv.Atoi(name); name == "root" || err == nil && id == 0 {
		return fmt.Errorf("user %q: no service runs as root: want another user of the image, or uid[:gid]", user)
	}
	return nil
}

// CheckData refuses folders that cannot be volumes of their own.
func CheckData(folders []string) error {
	for i, folder := range folders {
		if !path.IsAbs(folder) || path.Clean(folder) == "/" {
			return fmt.Errorf("data folder %q: want an absolute path below \"/\", such as \"/data\"", folder)
		}
		for _, other := range folders[:i] {
			if a, b := path.Clean(folder)+"/", path.Clean(other)+"/"; strings.HasPrefix(a, b) || strings.HasPrefix(b, a) {
				return fmt.Errorf("data folders %q and %q overlap: want folders that do not", other, folder)
			}
		}
	}
	return nil
}

// ParseRestart reads what happens when a process ends or turns unhealthy.
func ParseRestart(policy, onUnhealthy string) (*spec.Restart, error) {
	switch spec.RestartPolicy(policy) {
	case spec.RestartNo, spec.RestartOnFailure, spec.RestartAlways:
	default:
		return nil, fmt.Errorf("restart policy %q: want no, on-failure or always for --restart", policy)
	}
	if onUnhealthy != "none" && onUnhealthy != "restart" {
		return nil, fmt.Errorf("%q: want none or restart for --on-unhealthy", onUnhealthy)
	}
	return &spec.Restart{Policy: spec.RestartPolicy(policy), OnUnhealthy: onUnhealthy == "restart"}, nil
}

// ParseLog reads what is kept of a service's output.
func ParseLog(size string, files int) (*spec.Log, error) {
	bytes, err := units.RAMInBytes(size)
	if err != nil || bytes < units.MiB || bytes > units.GiB {
		return nil, fmt.Errorf("log size %q: want 1MiB to 1GiB for --log-max-size", size)
	}
	if files < 2 || files > 100 {
		return nil, fmt.Errorf("%d log files: want 2 to 100 for --log-max-files", files)
	}
	return &spec.Log{MaxSize: bytes, MaxFiles: files}, nil
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

// ImageFlag is an image that the user gives to a service.
type ImageFlag struct{ Service, Image, Example string }

// CheckImages refuses what is no name of an image.
func CheckImages(flags ...ImageFlag) error {
	for _, given := range flags {
		if _, err := reference.ParseNormalizedNamed(given.Image); err != nil {
			return fmt.Errorf("image %q of %s: %w: want one such as %s for --%s-image",
				given.Image, given.Service, err, given.Example, given.Service)
		}
	}
	return nil
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
