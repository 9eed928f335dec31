// Package spec describes a service as data: where its container comes from, and how its process is run, watched and
// bounded. The package knows no particular service: every service of every stack is a value of Service.
//
// A Service travels as JSON from the Dagger functions to the agent inside the container. A Service holds no secret:
// where a text needs a secret, the text holds the secret's name (see Value).
package spec

import (
	"slices"
	"time"
)

// Service is one service of a stack.
type Service struct {
	Name string `json:"name"`
	// InstanceOf is the name that the source gives to a service of several instances, of which this is one: NAME of NAME-1, NAME-2, …
	InstanceOf string `json:"instanceOf,omitempty"`
	// Like is the service that this one is made as, with the same container. The agent does not read it.
	Like string `json:"-"`
	// Reads are patterns of the project's files that a job reads, and Advice is what to do where the service does not start. The agent
	// does not read them.
	Reads  []string `json:"-"`
	Advice string   `json:"-"`
	// Kind says in a word or two what the service was recognised as, e.g. "FastAPI". The agent does not read it.
	Kind string `json:"-"`
	// Described: the source says by Docker's words and rules what the container is: what it does not say is as the image says, and
	// nothing is added. Such a user has the groups that Docker gives it, too.
	Described bool `json:"described,omitempty"`
	// Build says where the container comes from. The agent does not read it.
	Build Build `json:"-"`
	// Exports are the variables that services which depend on this one get. The agent does not read them.
	Exports []Variable `json:"-"`
	// Login is what clients need, nil if it is not known. The agent does not read it.
	Login *Login `json:"-"`
	// Address is a URL with the login for clients, at OwnAddress; nil if it is not known. Who has asked puts another address in it.
	Address Value `json:"address,omitempty"`

	Process Process `json:"process"`
	Local   []Local `json:"local,omitempty"`
	Ports   []Port  `json:"ports,omitempty"`
	// Mode says what is expected of the process.
	Mode      Mode         `json:"mode,omitempty"`
	DependsOn []Dependency `json:"dependsOn,omitempty"`
	// Container is what the process sees around it, where that is not what the image has.
	Container Container `json:"container,omitzero"`
	Probe     *Probe    `json:"probe,omitempty"`  // nil: the service counts as healthy when it listens on a published port, or has run for Settle
	Settle    Duration  `json:"settle,omitempty"` // of a service without a probe: one that cannot work has ended by then
	NoProbe   bool      `json:"-"`                // the source says that nobody asks, whatever the image says
	Limits    Limits    `json:"limits"`           // zero fields are unlimited
	Data      []DataDir `json:"data,omitempty"`   // folders that outlive the session
	Files     []File    `json:"files,omitempty"`  // written before every start
	Hooks     []Hook    `json:"hooks,omitempty"`  // run before the process when a secret has changed
	Backup    *Backup   `json:"backup,omitempty"` // nil: nothing to back up
	Restart   Restart   `json:"restart"`
	Once      *Once     `json:"once,omitempty"`   // nil: a job is run by every up
	Source    *Source   `json:"source,omitempty"` // nil: there is none of the project's
	// ForRoot is the working folder of an image that was made for root, which the service is not; "": it was not made for root.
	ForRoot  string    `json:"forRoot,omitempty"`
	From     *From     `json:"from,omitempty"` // nil: its image was not built from a Dockerfile
	Triggers []Trigger `json:"triggers,omitempty"`
	Log      Log       `json:"log"`
}

// Process is the command of a service and how it is started and stopped.
type Process struct {
	Command []string `json:"command"` // the whole argument vector, entrypoint included
	// Options are further arguments. Everybody in the container can read arguments, so a secret in one is an error.
	Options []Value `json:"options,omitempty"`
	Workdir string  `json:"workdir,omitempty"`
	// Entrypoint and Args are what the source says of the command: nil is the image's. An Entrypoint of the source drops the
	// image's CMD. Package project makes Command of them when the image is known.
	Entrypoint []string `json:"-"`
	Args       []string `json:"-"`
	// User is a name of the image's passwd file or uid[:gid]. Root is possible only with Root.
	User string `json:"user"`
	// Root: the process may be root of its container, with Capabilities and no others. Without Root it has none at all.
	Root         bool     `json:"root,omitempty"`
	Capabilities []string `json:"capabilities,omitempty"` // e.g. "CAP_CHOWN"
	Groups       []string `json:"groups,omitempty"`       // supplementary, names or numbers
	// NewPrivileges: setuid programs work; no_new_privs is not set.
	NewPrivileges bool       `json:"newPrivileges,omitempty"`
	Env           []Variable `json:"env,omitempty"` // on top of the image's environment
	// StopSignal asks for a graceful stop (default SIGTERM). The agent translates to it, because the engine sends
	// SIGTERM whatever the image says.
	StopSignal string `json:"stopSignal,omitempty"`
	// StopGroup sends it to the whole process group, for commands that do not hand it on (npm, sh).
	StopGroup bool     `json:"stopGroup,omitempty"`
	StopGrace Duration `json:"stopGrace,omitempty"` // then SIGKILL to the process group (default 8s)
	// Reloads: the process sees by itself that its files have changed, and need not be restarted for that.
	Reloads bool `json:"reloads,omitempty"`
}

// Variable is one variable of a service's environment.
type Variable struct {
	Name    string `json:"name"`
	Value   Value  `json:"value,omitempty"`
	Default bool   `json:"default,omitempty"` // only where the image does not set the variable
	Unset   bool   `json:"unset,omitempty"`   // not set at all, even where the image sets the variable
	// Sensitive: the text looks like a secret, by the variable's name or as an address with a password. Whoever carries the text
	// on keeps the text as secrets are kept.
	Sensitive bool `json:"-"`
	// From says which place of the project's files wants the variable, or gives it: FILE:LINE.
	From string `json:"-"`
}

// Env is a variable whose text is always the same.
func Env(name, text string) Variable { return Variable{Name: name, Value: Value{Text(text)}} }

// Merge is all variables of the lists; of two with one name the later one.
func Merge(lists ...[]Variable) (env []Variable) {
	for _, v := range slices.Concat(lists...) {
		env = slices.DeleteFunc(env, func(old Variable) bool { return old.Name == v.Name })
		env = append(env, v)
	}
	return env
}

// Mode says what is expected of a service's process.
type Mode string

const (
	// ModeService runs until it is stopped: a process that ends before it is healthy fails up.
	ModeService Mode = ""
	// ModeContainer may run or end, as Docker's containers may: an end with exit code 0 completes the service, and any other
	// end is a failure of this service, not of the whole stack, unless another service needs it to start.
	ModeContainer Mode = "container"
	// ModeJob ends: exit code 0 completes the job, and up waits for it. A job that fails fails up.
	ModeJob Mode = "job"
)

// Dependency is a service that has to be in some condition before another one is started.
type Dependency struct {
	Service   string    `json:"service"`
	Condition Condition `json:"condition,omitempty"`
	// Restart: who restarts the service on request restarts the dependent, too.
	Restart bool `json:"restart,omitempty"`
	// Optional: a stack that has no such service, or in which it fails, starts the dependent all the same.
	Optional bool `json:"optional,omitempty"`
}

// Condition is what a dependent waits for. The words are compose's, without "service_".
type Condition string

const (
	Healthy   Condition = "" // the default: its probe has succeeded; without a probe it runs
	Started   Condition = "started"
	Completed Condition = "completed_successfully"
)

// Needs are the names of the services that the service depends on.
func (s Service) Needs() (names []string) {
	for _, d := range s.DependsOn {
		names = append(names, d.Service)
	}
	return names
}

// Local is a port of the service's own localhost at which another service answers.
type Local struct {
	Port    int    `json:"port"`
	Service string `json:"service"`
	To      int    `json:"to"` // the other's port
}

// Port is a TCP port of a service and the number it is published under.
type Port struct {
	Container int `json:"container"`
	Published int `json:"published,omitempty"` // 0: not published
}

// Listens are the ports of the container that are published: where a process is expected to listen.
func (s Service) Listens() (ports []int) {
	for _, p := range s.Ports {
		if p.Published != 0 {
			ports = append(ports, p.Container)
		}
	}
	return ports
}

// Limits bound what the process and all it starts may use together.
type Limits struct {
	CPUs   float64 `json:"cpus,omitempty"`   // cores
	Memory int64   `json:"memory,omitempty"` // bytes, page cache included, no swap beyond it
	Pids   int64   `json:"pids,omitempty"`   // processes and threads
}

// DataDir is a folder on a volume of its own that belongs to the service's user and has one writer at a time.
type DataDir struct {
	Path string `json:"path"`   // where the volume is mounted
	Name string `json:"volume"` // which volume of the stack, e.g. "postgres-data"
	// Stale are files below Path that a killed process leaves behind and the next one must not find. The agent
	// removes them only while it holds the lock on the folder.
	Stale []string `json:"stale,omitempty"`
	// Ephemeral: a folder of the container, gone with it.
	Ephemeral bool `json:"ephemeral,omitempty"`
}

// File is written into the container before the process starts: by default readable by the service's user alone.
type File struct {
	Path    string  `json:"path"`
	Content Value   `json:"content,omitempty"`
	Source  string  `json:"source,omitempty"` // a file of the project, in the place of Content
	UID     *int    `json:"uid,omitempty"`    // nil: the service's user
	GID     *int    `json:"gid,omitempty"`
	Mode    *uint32 `json:"mode,omitempty"` // nil: that of Source, or 0400
	Link    string  `json:"link,omitempty"` // a symbolic link to Path: a file with secrets is in memory, and looked for elsewhere
	// Sensitive: what is in the file is a secret.
	Sensitive bool `json:"-"`
}

// Hook is a command run as the service's user before the process starts, when the secret it names is not the one
// it last succeeded with, or, for one of a refused login, when the process before has refused the login of its probe. A data
// folder that holds nothing yet needs no hook: the first start sets it up.
type Hook struct {
	Name    string   `json:"name"`
	Secret  string   `json:"secret,omitempty"`
	Refused bool     `json:"refused,omitempty"`
	Command []string `json:"command"`
	Stdin   Value    `json:"stdin,omitempty"`
}

// Backup are the commands that write a consistent copy of the service's data to stdout, check one, and bring one
// back; the latter two read it from stdin.
type Backup struct {
	File    string   `json:"file"` // its name in the archive
	Dump    []string `json:"dump"`
	Check   []string `json:"check"`
	Restore []string `json:"restore"`
	// Offline: Restore replaces the files of a stopped service.
	Offline bool       `json:"offline,omitempty"`
	Env     []Variable `json:"env,omitempty"`
	// Server is the address of a postgres, with a superuser's login and the database of clients: the server keeps snapshots of its
	// databases itself. nil: a snapshot is a copy that stays.
	Server Value `json:"server,omitempty"`
}

// Log bounds what is kept of a service's output. Its words are those of Docker's max-size and max-file.
type Log struct {
	MaxSize  int64 `json:"maxSize,omitempty"`  // bytes of one file (default 16 MiB)
	MaxFiles int   `json:"maxFiles,omitempty"` // files, the one that is written included (default 4)
}

// Duration is a time.Duration that reads as people write it ("250ms") in JSON.
type Duration time.Duration

func (d Duration) MarshalText() ([]byte, error) { return []byte(time.Duration(d).String()), nil }

func (d *Duration) UnmarshalText(text []byte) error {
	parsed, err := time.ParseDuration(string(text))
	*d = Duration(parsed)
	return err
}
