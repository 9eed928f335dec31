package project

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"dagger/stack/internal/lazyregexp"
	"dagger/stack/internal/shell"
	"dagger/stack/internal/spec"
)

// Flags are a custom service as a user describes it.
type Flags struct {
	Name, Like, Command, User, ProbePath, ProbeCommand string
	Env, Ports, Needs, NeededBy, Data                  []string
	ProbeTCP                                           int
	Contained                                          bool // it has a container of its own
	Job                                                bool // it ends when its work is done
}

// Custom reads the flags.
func (f Flags) Custom() (c Custom, err error) {
	c = Custom{Name: f.Name, Job: f.Job, Contained: f.Contained, Like: f.Like, User: f.User, Needs: f.Needs, NeededBy: f.NeededBy, Data: f.Data}
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
		if slices.ContainsFunc(c.Ports, func(p spec.Port) bool { return p.Published != 0 && p.Published == port.Published }) {
			return fmt.Errorf("port %d is published twice: publish each port under a number of its own", port.Published)
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
	if c.Job && len(c.Command) == 0 {
		return errors.New("a job needs a --command: want one program and its arguments, such as \"python seed.py\"")
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
	serviceName  = lazyregexp.New(`^[a-z]([a-z0-9-]{0,38}[a-z0-9])?$`)
	variableName = lazyregexp.New(`^[A-Za-z_][A-Za-z0-9_]*$`)
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

var sourceName = lazyregexp.New(`^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$`)

// CheckServiceName refuses what cannot be the name of a service that a source brings along: compose allows more than we ask of who
// makes up a name.
func CheckServiceName(name string) error {
	if !sourceName.MatchString(name) {
		return fmt.Errorf("service name %q: want 1 to 128 letters, digits, \"-\", \"_\" and \".\", the first not a \"-\" or \".\"", name)
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
		return &spec.Probe{TCP: &spec.TCPSocket{Port: ports[0].Container, Guessed: true}}, nil
	}
	return nil, nil
}

// IsRoot tells whether a user of an image is root; one that nobody names is.
func IsRoot(user string) bool {
	name, _, _ := strings.Cut(user, ":")
	id, err := strconv.Atoi(name)
	return name == "" || name == "root" || err == nil && id == 0
}

// CheckUser refuses root: no service that a user adds runs as it.
func CheckUser(user string) error {
	if name, _, _ := strings.Cut(user, ":"); name != "" && IsRoot(user) {
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

// Unless is nothing for what a flag is by default.
func Unless[T comparable](flag, byDefault T) (given T) {
	if flag != byDefault {
		given = flag
	}
	return given
}
