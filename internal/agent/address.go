package agent

import (
	"errors"
	"net"
	"net/netip"
)

// OwnAddress is the address at which other containers reach this one: the first IPv4 address that is not the
// loopback's.
func OwnAddress() (netip.Addr, error) {
	addresses, err := net.InterfaceAddrs()
	if err != nil {
		return netip.Addr{}, err
	}
	for _, address := range addresses {
		prefix, err := netip.ParsePrefix(address.String())
		if err == nil && prefix.Addr().Is4() && !prefix.Addr().IsLoopback() {
			return prefix.Addr(), nil
		}
	}
	return netip.Addr{}, errors.New("the container has no network address")
}
