package spec

import "reflect"

// Container is what a process sees around it, in Docker's words. What is zero is as the image has it, or as Docker's default is.
type Container struct {
	Hostname   string            `json:"hostname,omitempty"`
	Domainname string            `json:"domainname,omitempty"`
	PID1       bool              `json:"pid1,omitempty"` // the process is number 1 of a PID namespace of its own, as Docker's are
	Init       bool              `json:"init,omitempty"` // an init is number 1, and the process its child
	TTY        bool              `json:"tty,omitempty"`
	StdinOpen  bool              `json:"stdinOpen,omitempty"`
	ReadOnly   bool              `json:"readOnly,omitempty"`  // the root file system
	ShmSize    int64             `json:"shmSize,omitempty"`   // bytes of /dev/shm; 0: as its memory limit
	NoNetwork  bool              `json:"noNetwork,omitempty"` // but for a loopback device
	Sysctls    map[string]string `json:"sysctls,omitempty"`
	Ulimits    []Ulimit          `json:"ulimits,omitempty"`
	Mounts     []Mount           `json:"mounts,omitempty"`
	// Hosts are the names that the service finds others by. Nil: every service of the stack under its name.
	Hosts []Host `json:"hosts,omitempty"`
	// Aliases are more names of services, beside these.
	Aliases []Host `json:"aliases,omitempty"`
	DNS     DNS    `json:"dns,omitzero"`
	// PostStart run after each start of the process, PreStop before each stop.
	PostStart []Command `json:"postStart,omitempty"`
	PreStop   []Command `json:"preStop,omitempty"`
}

// DefaultCapabilities are those of Docker's containers (moby daemon/pkg/oci/caps/defaults.go).
var DefaultCapabilities = []string{
	"CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FSETID", "CAP_FOWNER", "CAP_MKNOD", "CAP_NET_RAW", "CAP_SETGID", "CAP_SETUID", "CAP_SETFCAP",
	"CAP_SETPCAP", "CAP_NET_BIND_SERVICE", "CAP_SYS_CHROOT", "CAP_KILL", "CAP_AUDIT_WRITE",
}

// Ulimit is one limit of setrlimit(2), in Docker's words: "nofile", "nproc", … Hard or Soft -1 is unlimited.
type Ulimit struct {
	Name       string `json:"name"`
	Soft, Hard int64
}

// DNS is how names are looked up that are not the stack's. What is empty is as the engine has it.
type DNS struct {
	Servers []string `json:"servers,omitempty"` // addresses
	Search  []string `json:"search,omitempty"`  // domains
	Options []string `json:"options,omitempty"` // of resolv.conf(5)
}

// Host is a name, and the address that the name stands for: that of a service of the stack, or IP. A name that stands for several
// services, such as that of a service of several instances, is there once for each of them: a resolver gives all the addresses.
type Host struct {
	Name    string `json:"name"`
	Service string `json:"service,omitempty"`
	IP      string `json:"ip,omitempty"`
}

// Command is one that is run beside the process.
type Command struct {
	Args    []string   `json:"args"`
	User    string     `json:"user,omitempty"`    // "": the service's
	Root    bool       `json:"root,omitempty"`    // User may be root, as Process.Root
	Workdir string     `json:"workdir,omitempty"` // "": the service's
	Env     []Variable `json:"env,omitempty"`
}

// Mount is a file or folder that lies over the image's.
type Mount struct {
	Type   MountType `json:"type"`
	Target string    `json:"target"`
	// Source is the name of a volume of the stack, of a bind a path of the project's folder, or an image.
	Source   string `json:"source,omitempty"`
	Subpath  string `json:"subpath,omitempty"` // of a volume or an image
	File     bool   `json:"file,omitempty"`    // a bind's Source is a file
	Missing  bool   `json:"missing,omitempty"` // a bind's Source is not there: an empty folder takes its place
	ReadOnly bool   `json:"readOnly,omitempty"`
	NoCopy   bool   `json:"noCopy,omitempty"`   // what the image has at Target does not go into an empty volume
	Size     int64  `json:"size,omitempty"`     // of a tmpfs, bytes; 0: half of the memory
	FileMode uint32 `json:"fileMode,omitempty"` // of a tmpfs; 0: that of the image's folder there, or 1777
	Options  string `json:"options,omitempty"`  // of a tmpfs, further ones as mount(8) writes them
	// Exclusive: one service at a time writes to the volume. Stale are files below it that a killed process leaves behind and
	// the next one must not find.
	Exclusive bool     `json:"exclusive,omitempty"`
	Stale     []string `json:"stale,omitempty"`
}

// MountType has Docker's words.
type MountType string

const (
	MountVolume MountType = "volume" // outlives the session
	MountBind   MountType = "bind"   // of the project's folder: its files come in at every up, what is written stays in the stack
	MountTmpfs  MountType = "tmpfs"  // in memory, ends with the container
	MountImage  MountType = "image"  // the files of another image, read-only
)

// BindVolume is what the volume of a stack's binds is called. No volume of a compose file can be called so.
const BindVolume = "@project"

// Volume is the name of the stack's volume that the mount is on, "" if it is on none. What a service writes into the project's
// folder stays on a volume. All binds of a stack are on one volume, each at its own path: a service that binds a folder, and
// another that binds a folder in that one, see each other's writes.
func (m Mount) Volume() string {
	switch m.Type {
	case MountVolume:
		return m.Source
	case MountBind:
		return BindVolume
	}
	return ""
}

// Isolated tells whether the process gets namespaces of its own, with all that a container of Docker's has in them: as soon as
// anything is said of what it sees around it, or of rights beyond those of a user.
func (s Service) Isolated() bool {
	p := s.Process
	return s.Mode != ModeService || p.Root || p.NewPrivileges || len(p.Capabilities) > 0 || len(p.Groups) > 0 || !s.Container.none()
}

// None tells whether nothing was said.
func (d DNS) None() bool { return len(d.Servers)+len(d.Search)+len(d.Options) == 0 }

// none tells whether nothing was said.
func (c Container) none() bool { return reflect.ValueOf(c).IsZero() }
