package state

import (
	"fmt"

	"golang.org/x/sys/unix"

	"dagger/stack/internal/limits"
)

// scarce is how little room makes a disk full: postgres takes as much at once for its log.
const scarce = 16 << 20

// Full says that there is no room on the disk of the state volume, which is the engine's and has the data of all services, too; "" if
// there is some. Room is what a user who is not root may have.
func (s Stack) Full() string {
	var disk unix.Statfs_t
	if unix.Statfs(s.root, &disk) != nil {
		return ""
	}
	size := uint64(disk.Bsize) //nolint:gosec // it is never negative
	var left string
	switch {
	case disk.Bavail*size < scarce:
		left = fmt.Sprintf("%s of %s are left", limits.Size(int64(disk.Bavail*size)), limits.Size(int64(disk.Blocks*size))) //nolint:gosec // no disk is that large
	case disk.Files > 0 && disk.Ffree == 0:
		left = fmt.Sprintf("all of its %d files exist", disk.Files)
	default:
		return ""
	}
	return fmt.Sprintf("the engine's disk is full (%s): services cannot write, and lines of their logs are lost. Make room there, with dagger core engine local-cache prune "+
		"(it takes the data of stacks that do not run, too) or by hand: the services go on by themselves", left)
}
