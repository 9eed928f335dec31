// Package agent is the supervisor in every service's container. It runs the service's command as its child,
// confined; keeps its output, its health and its restarts on the stack's state volume; and does what other
// sessions ask for through that volume.
//
// One goroutine, the loop, owns all state. Everything else (the child, probes, signals, requests) is an event that
// reaches it through a channel.
package agent

import (
	"context"
	"io"
	"net/netip"
	"os"
	"os/signal"
	"slices"
	"sync"
	"syscall"
	"time"

	"dagger/stack/internal/agent/enforce"
	"dagger/stack/internal/agent/filter"
	"dagger/stack/internal/agent/process"
	"dagger/stack/internal/agent/source"
	"dagger/stack/internal/socket"
	"dagger/stack/internal/spec"
	"dagger/stack/internal/state"
	"dagger/stack/internal/state/logstore"
)

// Config is where an agent finds things. In a container it is Installed; tests have folders of their own.
type Config struct {
	Service  spec.Service
	State    state.Stack
	Secrets  string // folder of the secrets that the user gave, a file each
	Address  netip.Addr
	Environ  []string // what the image's environment is
	Homes    string   // a folder for homes of users that have none; empty: they do without
	Names    *Names   // nil where the engine forbids privileged services: its hosts file is all there is
	Instance string   // a file to put the agent's instance into, for control.Ready; empty: none
	Session  string   // of the engine: agents of one stack work together only in one
	Confine  process.Confinement
	// Isolation is nil where the engine forbids privileged services: no process gets namespaces there.
	Isolation *Isolation
	Filter    string    // a file with the compiled seccomp filter; without it, the agent compiles its own
	Cgroup    string    // name of the cgroup to make for the service; empty: none
	Stdout    io.Writer // the child's output goes here too while it starts, see tee
	Stderr    io.Writer
	Whole     bool // all of the child's output goes there, and nothing of the agent's
}

// Run is the agent's life: it ends when the service has ended for good, and returns the exit code that the
// container should have. Errors are about what never started.
func Run(ctx context.Context, cfg Config) (int, error) {
	process.SurviveClosedOutput()
	a, err := newAgent(cfg, cfg.State.Service(cfg.Service.Name))
	if err != nil {
		return 0, err
	}
	if err := a.claim(); err != nil {
		return 0, err
	}
	defer a.socket.Close()
	if err := a.prepare(); err != nil {
		return 0, err
	}
	defer a.log.Close()
	defer a.events.Close()
	defer a.enforcer.Close()
	signal.Notify(a.signals, syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP, syscall.SIGQUIT)
	defer signal.Stop(a.signals)
	a.needed = a.awaitNeeds(ctx)
	return a.loop(ctx), nil
}

// newAgent is an agent that has done nothing yet. folder is where it keeps what it has to say.
func newAgent(cfg Config, folder state.Service) (*agent, error) {
	reaper, err := process.NewReaper(filter.From(cfg.Filter))
	if err != nil {
		return nil, err
	}
	a := &agent{
		Config: cfg, reaper: reaper, folder: folder,
		render: &renderer{given: cfg.Secrets, stack: cfg.State, address: cfg.Address, used: map[string]string{}},
		probed: make(chan probed), jobDone: make(chan error), ran: make(chan commandsRan), signals: make(chan os.Signal, 8), woken: make(chan struct{}, 1),
		backoff: newBackoff(), watched: make(watched, len(cfg.Service.Triggers)), denials: denials{heard: make(chan string, 1)},
	}
	reaper.Prepare(a.rights().Capabilities)
	return a, nil
}

type agent struct {
	Config
	reaper  *process.Reaper
	folder  state.Service
	socket  *socket.Server
	waiting []*socket.Request // in the order in which they came
	render  *renderer
	log     *logstore.Writer
	events  *logstore.Writer
	tee     *tee
	secrets [][]byte   // all that the service's values use
	locks   []*os.File // held by the agent and by the child
	data    []dataFolder
	mounts  []process.Mount
	notes   []string // what of the description cannot be had, and what was done instead
	aside   string   // what is noted, and is in no log
	denials denials

	enforcer   enforce.Enforcer
	unenforced error // why the limits are not the kernel's
	meter      enforce.Meter
	ooms       ooms

	user      process.User
	status    state.Status
	unwritten bool   // the last of it
	child     *child // nil: between two processes, or after the last
	backoff   backoff
	intent    intent
	proven    bool            // the service was healthy once: from then on a crash is not a failed start
	restart   *restart        // the one that somebody waits for
	job       *job            // the one that runs beside the child
	fresh     bool            // the data is being made by this very start
	mending   bool            // a login was refused, and the hooks for that are run, or were: until it is healthy
	due       *state.Finished // what a job does that need not be repeated; nil: it is repeated
	code      *source.Source  // nil: there is none of the project's, or the agent is not root
	watched   watched
	copies    sync.Mutex // of whoever makes or drops databases of ours beside the loop

	probed  chan probed
	jobDone chan error
	ran     chan commandsRan
	signals chan os.Signal
	woken   chan struct{} // a request that waits may be served now
	needed  <-chan error  // see awaitNeeds

	heartbeat *time.Timer
	// Timers that are not set are nil channels, which never fire.
	nextStart, nextProbe, graceOver <-chan time.Time
}

// intent is what should happen when the child ends.
type intent int

const (
	keep    intent = iota // the restart policy decides
	heal                  // start anew, but not too often: the process was stopped because it was unhealthy
	again                 // start anew at once: somebody asked for a restart
	replace               // bring a backup back, then start anew
	finish                // end: the container is being stopped
)

// prepare does all that comes before the first start and needs to be done once.
func (a *agent) prepare() error {
	if err := a.lookupUser(); err != nil {
		return err
	}
	if err := a.openHome(); err != nil {
		return err
	}
	if err := a.without(); err != nil {
		return err
	}
	if err := a.learnSecrets(); err != nil {
		return err
	}
	if err := a.openLog(); err != nil {
		return err
	}
	if err := a.openEvents(); err != nil {
		return err
	}
	if err := a.serveNames(); err != nil {
		return err
	}
	a.serveLocal()
	if err := a.openMounts(); err != nil {
		return err
	}
	if err := a.openLimits(); err != nil {
		return err
	}
	if err := a.openData(); err != nil {
		return err
	}
	if err := a.learnData(); err != nil {
		return err
	}
	return a.openSource()
}

// introduce replaces what the agent before has said of the service.
func (a *agent) introduce(instance string) error {
	a.status = state.Status{
		Service: a.Service.Name, Instance: instance, Session: a.Session, Mode: a.Service.Mode, InstanceOf: a.Service.InstanceOf, Phase: state.Created, Health: state.Starting,
		Ports: a.Service.Ports, Needs: a.Service.Needs(), Backup: a.Service.Backup != nil,
		Clones: a.Service.Backup != nil && a.Service.Backup.Server != nil,
		Source: a.Service.Source, From: a.Service.From, Triggers: a.Service.Triggers, Reloads: a.Service.Process.Reloads,
	}
	for _, data := range a.Service.Data {
		if !data.Ephemeral {
			a.status.Volumes = append(a.status.Volumes, data.Name)
		}
	}
	for _, mount := range a.Service.Container.Mounts {
		if name := mount.Volume(); name != "" && !slices.Contains(a.status.Volumes, name) {
			a.status.Volumes = append(a.status.Volumes, name)
		}
		if mount.Type == spec.MountBind && !mount.Exclusive {
			a.status.Binds = append(a.status.Binds, mount.Source)
		}
	}
	for _, dependency := range a.Service.DependsOn {
		if dependency.Restart {
			a.status.RestartsWith = append(a.status.RestartsWith, dependency.Service)
		}
	}
	if err := a.write(); err != nil {
		return err // nobody could ask this agent: they would ask the one before
	}
	if a.Instance == "" {
		return nil
	}
	return os.WriteFile(a.Instance, []byte(a.status.Instance), 0o600)
}

// loop takes events until the service has ended for good.
func (a *agent) loop(ctx context.Context) int {
	a.heartbeat = time.NewTimer(state.Heartbeat)
	defer a.heartbeat.Stop()
	watch := a.watch()
	defer watch.Stop()
	done := ctx.Done()
	for {
		select {
		case exit := <-a.childDone():
			if code, last := a.ended(exit, ""); last {
				return code
			}
		case err := <-a.needed:
			if code, last := a.firstStart(err); last {
				return code
			}
		case <-a.nextStart:
			if code, last := a.start(); last {
				return code
			}
		case <-a.graceOver:
			a.kill()
		case <-a.nextProbe:
			a.ask()
		case hint := <-a.denials.heard:
			a.denied(hint)
		case result := <-a.probed:
			a.answered(result)
		case ran := <-a.ran:
			a.commandsEnded(ran)
		case err := <-a.jobDone:
			if code, last := a.finishJob(err); last {
				return code
			}
		case request := <-a.socket.Requests:
			a.receive(request)
		case <-a.woken:
			if code, last := a.serve(); last {
				return code
			}
		case <-watch.C:
			a.look()
		case <-a.heartbeat.C:
			a.report()
			a.wake() // for a request whose deadline is over
		case <-a.signals:
			if code, last := a.end(); last {
				return code
			}
		case <-done:
			done = nil
			if code, last := a.end(); last {
				return code
			}
		}
	}
}
