// Package state holds the files on a stack's state volume: their places, their formats, and the rules by which
// several processes in several containers read and write them at once.
//
//	.                            the folder itself: the stack lock, see Stack.Lock
//	run.json                     what the last up started
//	given-up                     the session whose up has failed
//	stopped                      that the stack is being ended
//	secrets/<name>               generated secrets, mode 0600
//	hosts/addresses.json         of all services
//	<service>/lock               held by the service's agent for as long as it or its child lives
//	<service>/failure.json       why its agent could not start it
//	<service>/status.json        written by the agent at every change, and once a second while the service does something
//	<service>/logs/              segments: see package logstore
//	<service>/control/           the agent's socket: see package socket
//	<service>/backup/            what a dump or a restore passes between agent and reader
//	<service>/snapshots/<name>/  copies of the data of a service that does not keep them itself
//	<service>/clones             that the service may have databases that end with the stack
//	<service>/source/            what sync passes to the agent
//	<service>/built/             what watch has built, on its way to the agent
//
// Every file but the log segments is replaced whole, by a rename, so that a reader never sees half of one.
package state

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// Stack is the state volume of one stack.
type Stack struct{ root string }

// At is the state volume mounted at root.
func At(root string) Stack { return Stack{root} }

// Root is the volume's own folder.
func (s Stack) Root() string { return s.root }

// Service is one service's folder on the volume.
type Service struct {
	Name string
	dir  string
}

// Service names a service's folder; it need not exist.
func (s Stack) Service(name string) Service {
	return Service{Name: name, dir: filepath.Join(s.root, name)}
}

// Services are the names of all services that ever ran in this stack, sorted.
func (s Stack) Services() ([]string, error) {
	entries, err := os.ReadDir(s.root)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	var names []string
	for _, entry := range entries {
		if _, err := os.Stat(filepath.Join(s.root, entry.Name(), lockName)); err == nil {
			names = append(names, entry.Name())
		}
	}
	slices.Sort(names)
	return names, nil
}

// Create makes the service's folders, readable by root alone: a service's process must not see another's state.
func (s Service) Create() error {
	for _, dir := range []string{s.dir, s.Logs(), s.Control(), s.Exchange()} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return err
		}
	}
	return nil
}

// Logs is the folder of the service's log segments.
func (s Service) Logs() string { return filepath.Join(s.dir, "logs") }

// Events is where the service's log of events is.
func (s Service) Events() string { return filepath.Join(s.dir, "events") }

// Exchange is the folder through which a dump leaves the service's container and comes back.
func (s Service) Exchange() string { return filepath.Join(s.dir, "backup") }

// Snapshots is the folder of the copies that stay there, by their names.
func (s Service) Snapshots() string { return filepath.Join(s.dir, "snapshots") }

// Clones is a file that is there as long as the service may have databases that end with the stack, or that a killed agent has left half made.
func (s Service) Clones() string { return filepath.Join(s.dir, "clones") }

// Incoming is the folder through which new source comes into the service's container.
func (s Service) Incoming() string { return filepath.Join(s.dir, "source") }

// Built is the folder through which comes what a build has made beside the source.
func (s Service) Built() string { return filepath.Join(s.dir, "built") }

// BuiltList and BuiltArchive are files in Built: what a container has, and what of a new image is not like that.
func (s Service) BuiltList() string    { return filepath.Join(s.Built(), "list.json") }
func (s Service) BuiltArchive() string { return filepath.Join(s.Built(), "image.tar") }

// Control is the folder of the agent's socket.
func (s Service) Control() string { return filepath.Join(s.dir, "control") }

// ClearControl removes what an agent before has left.
func (s Service) ClearControl() error {
	return errors.Join(os.RemoveAll(s.Control()), os.MkdirAll(s.Control(), 0o700))
}
