package state

import (
	"fmt"
	"path/filepath"
	"time"

	"dagger/stack/internal/spec"
)

// Heartbeat is how often an agent rewrites its status when nothing changes, QuietHeartbeat how often that of a service which
// does nothing, and Stale the age at which a reader no longer believes it: the agent is gone or hangs.
const (
	Heartbeat      = time.Second
	QuietHeartbeat = 2500 * time.Millisecond // half of the interval of the probes, each of which is a heartbeat too
	Stale          = 5 * time.Second
)

// Phase says what the service's process does, in Docker's words for containers.
type Phase string

const (
	Created    Phase = "created" // the agent prepares the first start
	Running    Phase = "running"
	Paused     Phase = "paused"     // the kernel holds it
	Restarting Phase = "restarting" // between two processes: stopping one, or waiting before the next
	Exited     Phase = "exited"     // ended, and not to be started again
)

// Health has Docker's words.
type Health string

const (
	Starting  Health = "starting"
	Healthy   Health = "healthy"
	Unhealthy Health = "unhealthy"
	Done      Health = "completed" // has done its work: see Outcome
)

// Status is what an agent says about its service.
type Status struct {
	Service  string    `json:"service"`
	Instance string    `json:"instance"` // of the agent: a new one for every container
	Session  string    `json:"session"`  // of the engine: all agents of a running stack have the same
	Mode     spec.Mode `json:"mode,omitempty"`
	// InstanceOf is what the compose file calls a service of several instances, of which this is one.
	InstanceOf string      `json:"instanceOf,omitempty"`
	Phase      Phase       `json:"phase"`
	Health     Health      `json:"health"`
	PID        int         `json:"pid,omitempty"` // inside the service's container
	Started    time.Time   `json:"started"`       // of the process
	Updated    time.Time   `json:"updated"`       // the heartbeat
	Restarts   int         `json:"restarts"`
	LastExit   *Exit       `json:"lastExit,omitempty"`
	Probes     []Result    `json:"probes,omitempty"` // the last ProbesKept, oldest first
	Streak     int         `json:"failingStreak"`
	Ports      []spec.Port `json:"ports,omitempty"`
	Needs      []string    `json:"needs,omitempty"`
	// RestartsWith are the services whose restart on request restarts this one, too.
	RestartsWith []string `json:"restartsWith,omitempty"`
	// Why is why the service was not started, or what of its start has failed though its process runs.
	Why string `json:"why,omitempty"`
	// Lacks is the service that is not as it has to be for this one to be started.
	Lacks string `json:"lacks,omitempty"`
	// Hint is what a user can do about a service that has never been healthy.
	Hint string `json:"hint,omitempty"`
	// PostStarting: commands that belong to the start still run beside the process.
	PostStarting bool `json:"postStarting,omitempty"`

	// Data tells the data that the service has to itself from other data, "" if it has none.
	Data string `json:"data,omitempty"`
	// Skipped is why a job was not run: its work is done.
	Skipped string `json:"skipped,omitempty"`

	Backup  bool         `json:"backup,omitempty"`  // its data can be dumped and restored
	Clones  bool         `json:"clones,omitempty"`  // of its snapshots: databases beside its own
	Source  *spec.Source `json:"source,omitempty"`  // the project's code in it, nil if there is none
	From    *spec.From   `json:"from,omitempty"`    // what its image was built from, nil if it was not built from a Dockerfile
	Volumes []string     `json:"volumes,omitempty"` // the names of its data volumes
	// Triggers are what watch does for it beside that.
	Triggers []spec.Trigger `json:"triggers,omitempty"`
	// Binds are files and folders of the project that it has mounted, but for those that it has to itself: see volume.Bring.
	Binds []string `json:"binds,omitempty"`
	// Reloads: the process sees by itself that its files have changed.
	Reloads bool `json:"reloads,omitempty"`
	// Ready is how long the process took from its start to its first healthy probe; zero until then.
	Ready spec.Duration `json:"ready,omitempty"`
	Notes []string      `json:"notes,omitempty"` // what a user should know, e.g. a limit beyond the machine

	Privileges *Privileges `json:"privileges,omitempty"` // of the process

	Limits   spec.Limits `json:"limits"`   // in force now; zero fields are unlimited
	Enforced Enforcement `json:"enforced"` // how
	Usage    *Usage      `json:"usage,omitempty"`
	Counts   Counts      `json:"counts,omitzero"`
}

// Counts are what an agent has counted of its service since it began.
type Counts struct {
	Probes   int64         `json:"probes,omitempty"`
	Failed   int64         `json:"failed,omitempty"`  // of the probes
	Probing  spec.Duration `json:"probing,omitempty"` // how long all probes took together
	LogLines int64         `json:"logLines,omitempty"`
	LogBytes int64         `json:"logBytes,omitempty"`
}

// Privileges are what the kernel says that a service's process may do (proc(5), /proc/PID/status).
type Privileges struct {
	UID          []int  `json:"uid"` // real, effective, saved and of the file system
	GID          []int  `json:"gid"`
	Groups       []int  `json:"groups"`       // supplementary
	Capabilities uint64 `json:"capabilities"` // that are in any of its sets
	NoNewPrivs   bool   `json:"noNewPrivs"`
	Seccomp      int    `json:"seccomp"` // 2: a filter
}

// Enforcement says who sees to a service's limits.
type Enforcement string

const (
	ByKernel   Enforcement = "kernel"   // a cgroup of its own
	ByWatchdog Enforcement = "watchdog" // the agent looks, and ends what is beyond: the engine forbids privileged services
)

// Usage is what a service used when its agent last looked.
type Usage struct {
	Memory     int64         `json:"memory"`     // bytes, without file cache that the kernel would give back
	MemoryPeak int64         `json:"memoryPeak"` // since the agent began, cache included
	CPUs       float64       `json:"cpus"`       // cores, over the last interval
	CPUTime    spec.Duration `json:"cpuTime"`    // since the agent began
	Throttled  float64       `json:"throttled"`  // share of the last interval's periods in which it had to wait, 0 to 1
	Pids       int64         `json:"pids"`       // processes and threads
	OOMKills   int64         `json:"oomKills"`   // processes, since the agent began
}

// Exit is how a process ended.
type Exit struct {
	Code   int       `json:"code"`             // 128 + n for signal n, as a shell says it
	Signal string    `json:"signal,omitempty"` // e.g. SIGKILL
	Reason string    `json:"reason,omitempty"` // of a failure, when it is known: e.g. out of memory
	Forced bool      `json:"forced,omitempty"` // asked to stop, it did not, and was killed
	Time   time.Time `json:"time"`
	// Took is how long the process ran; zero if there was none.
	Took spec.Duration `json:"took,omitempty"`
}

// Failed tells whether the process did not end as it should: a shell that survives what the kernel killed below it ends with
// exit code 0 all the same.
func (e Exit) Failed() bool { return e.Code != 0 || e.Reason != "" }

// String is the end of a process as people say it.
func (e Exit) String() string {
	switch {
	case e.Reason != "":
		return e.Reason
	case e.Signal != "":
		return e.Signal
	}
	return fmt.Sprintf("exit code %d", e.Code)
}

// ProbesKept and OutputKept are Docker's: the last five results, 4 KiB of output each (moby daemon/health.go).
const (
	ProbesKept = 5
	OutputKept = 4096
)

// Result is one probe.
type Result struct {
	Start    time.Time     `json:"start"`
	Duration spec.Duration `json:"duration"`
	ExitCode int           `json:"exitCode"` // 0 healthy, as Docker has it
	Output   string        `json:"output,omitempty"`
	// Timeout is how long a failure that waiting does not end may go on in a start period; 0: waiting may help.
	Timeout spec.Duration `json:"-"`
	Refused bool          `json:"-"` // the service is there, and does not know the login or the database of its probe
}

const statusName = "status.json"

// WriteStatus replaces the service's status.
func (s Service) WriteStatus(status Status) error {
	return writeJSON(filepath.Join(s.dir, statusName), status)
}

// Status is the last one an agent wrote, fs.ErrNotExist if there never was any.
func (s Service) Status() (Status, error) {
	return readJSON[Status](filepath.Join(s.dir, statusName))
}
