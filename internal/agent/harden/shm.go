package harden

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// SharedMemory bounds the container's own /dev/shm by that many bytes, where the runtime has made one.
func SharedMemory(size int64) error {
	err := unix.Mount("", "/dev/shm", "", unix.MS_REMOUNT|unix.MS_NOSUID|unix.MS_NODEV|unix.MS_NOEXEC, fmt.Sprintf("size=%d", size))
	if err != nil && err != unix.EINVAL && err != unix.ENOENT { // EINVAL: it is no mount
		return fmt.Errorf("bound /dev/shm: %w", err)
	}
	return nil
}
