package process

import (
	"encoding/binary"
	"errors"
	"fmt"
	"unsafe"

	"golang.org/x/sys/unix"
)

// installFilter is for good. Unless newPrivileges are to be had, it sets no_new_privs, and is for all threads; where they are, it is for
// the calling thread, which needs CAP_SYS_ADMIN.
func installFilter(text []byte, newPrivileges bool) error {
	if len(text) == 0 {
		return nil
	}
	program := make([]unix.SockFilter, len(text)/binary.Size(unix.SockFilter{}))
	if _, err := binary.Decode(text, binary.NativeEndian, program); err != nil {
		return err
	}
	if len(program) == 0 {
		return errors.New("it is no program")
	}
	flags := 0
	if !newPrivileges {
		if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
			return err
		}
		flags = unix.SECCOMP_FILTER_FLAG_TSYNC
	}
	call := unix.SockFprog{Len: uint16(len(program)), Filter: &program[0]}
	thread, _, errno := unix.RawSyscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, uintptr(flags), uintptr(unsafe.Pointer(&call)))
	switch {
	case errno != 0:
		return errno
	case thread != 0: // seccomp(2), of SECCOMP_FILTER_FLAG_TSYNC
		return fmt.Errorf("thread %d has a filter of its own", thread)
	}
	return nil
}
