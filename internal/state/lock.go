package state

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

const lockName = "lock"

// ErrLocked: another process has the lock.
var ErrLocked = errors.New("locked by another process")

// A reader that looks whether a lock is held (Alive) holds it shared for an instant: trying again for this long
// tells it from an owner.
const lockTimeout = 300 * time.Millisecond

// Lock makes the caller the one agent of the service. The lock lasts until the file is closed by every process
// that has it, so it is handed on to the child: two writers of one data folder are two too many, also when the
// first agent is already dead.
func (s Service) Lock() (*os.File, error) {
	if err := s.Create(); err != nil {
		return nil, err
	}
	file, err := os.OpenFile(filepath.Join(s.dir, lockName), os.O_RDONLY|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	return lock(file, lockTimeout)
}

// stackLockTimeout is how long somebody else may have the stack lock: agents and readers take milliseconds, a reset as
// long as its files do.
const stackLockTimeout = 20 * time.Second

// Lock takes the stack lock, until the file is closed. Whoever starts something in the stack, or looks whether something
// runs in order to act on the answer, does so with the lock. It is on the volume's own folder, which nobody removes.
func (s Stack) Lock() (*os.File, error) {
	if err := os.MkdirAll(s.root, 0o700); err != nil {
		return nil, err
	}
	folder, err := os.Open(s.root)
	if err != nil {
		return nil, err
	}
	if folder, err = lock(folder, stackLockTimeout); errors.Is(err, ErrLocked) {
		err = errors.New("the stack is being reset or started by somebody else: try again")
	}
	return folder, err
}

// LockFolder makes the caller the one user of a folder, e.g. of a data volume. It locks the folder itself: initdb
// wants to find it empty.
func LockFolder(path string) (*os.File, error) {
	folder, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	return lock(folder, lockTimeout)
}

// Alive tells whether an agent runs the service now.
func (s Service) Alive() bool {
	file, err := os.Open(filepath.Join(s.dir, lockName))
	if err != nil {
		return false
	}
	defer file.Close()
	return errors.Is(flock(file, syscall.LOCK_SH|syscall.LOCK_NB), syscall.EWOULDBLOCK)
}

// Alive are the services whose agents run now.
func (s Stack) Alive() (alive []Service, err error) {
	names, err := s.Services()
	for _, name := range names {
		if service := s.Service(name); service.Alive() {
			alive = append(alive, service)
		}
	}
	return alive, err
}

func lock(file *os.File, timeout time.Duration) (*os.File, error) {
	for end := time.Now().Add(timeout); ; time.Sleep(5 * time.Millisecond) {
		err := flock(file, syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil {
			return file, nil
		}
		if !errors.Is(err, syscall.EWOULDBLOCK) || time.Now().After(end) {
			file.Close()
			if errors.Is(err, syscall.EWOULDBLOCK) {
				err = ErrLocked
			}
			return nil, err
		}
	}
}

func flock(file *os.File, how int) error {
	for {
		if err := syscall.Flock(int(file.Fd()), how); !errors.Is(err, syscall.EINTR) {
			return err
		}
	}
}
