package process

import (
	"fmt"

	"golang.org/x/sys/unix"
)

const devices = "/sys/class/net"

// leaveNetwork makes a new network, which the init is in already, a place to live in: the loopback device works, and the process sees the
// devices of this network alone.
func leaveNetwork() error {
	if err := turnOn("lo"); err != nil {
		return fmt.Errorf("turn the loopback device on: %w", err)
	}
	// What a sysfs shows of devices is what the network has that it was mounted in.
	if err := unix.Mount("sysfs", devices, "sysfs", 0, ""); err != nil {
		return fmt.Errorf("mount %s: %w", devices, err)
	}
	if err := unix.Mount(devices+"/class/net", devices, "", unix.MS_BIND, ""); err != nil {
		return fmt.Errorf("mount %s: %w", devices, err)
	}
	return restrict(devices, unix.MS_RDONLY|unix.MS_NOSUID|unix.MS_NODEV|unix.MS_NOEXEC)
}

// turnOn turns a device of the network on.
func turnOn(device string) error {
	socket, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(socket)
	request, err := unix.NewIfreq(device)
	if err != nil {
		return err
	}
	if err := unix.IoctlIfreq(socket, unix.SIOCGIFFLAGS, request); err != nil {
		return err
	}
	request.SetUint16(request.Uint16() | unix.IFF_UP)
	return unix.IoctlIfreq(socket, unix.SIOCSIFFLAGS, request)
}
