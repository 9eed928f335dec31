package names

import (
	"errors"
	"fmt"
	"net"
	"net/netip"

	"golang.org/x/net/netutil"
)

// Address is Docker's, which configurations name: `resolver 127.0.0.11` of nginx.
var Address = netip.MustParseAddr("127.0.0.11")

const (
	port = 53
	// mostClients is how many connections there may be at once. Most questions come without one.
	mostClients = 64
)

// Sockets are where a nameserver is asked.
type Sockets struct {
	UDP net.PacketConn
	TCP net.Listener
}

// Listen is to be called while the caller may still change the rules of the network. A service may have port 53 of all
// addresses: so the nameserver has other ports, and a rule leads there what is sent to its address. note says what follows where the
// kernel has no such rules.
func Listen() (s Sockets, note string, err error) {
	if s, err = listen(0); err != nil {
		return Sockets{}, "", err
	}
	refused := redirect(portOf(s.UDP.LocalAddr()), portOf(s.TCP.Addr()))
	if refused == nil {
		return s, "", nil
	}
	s.Close()
	s, err = listen(port)
	return s, fmt.Sprintf("a service of this container cannot have port %d of all addresses: the kernel has no nftables for the nameserver at %s (%v)", port, Address, refused), err
}

func listen(port uint16) (s Sockets, err error) {
	at := netip.AddrPortFrom(Address, port).String()
	if s.UDP, err = net.ListenPacket("udp4", at); err != nil {
		return Sockets{}, err
	}
	if s.TCP, err = net.Listen("tcp4", at); err != nil {
		s.UDP.Close()
		return Sockets{}, err
	}
	s.TCP = netutil.LimitListener(s.TCP, mostClients)
	return s, nil
}

func portOf(address net.Addr) uint16 {
	return netip.MustParseAddrPort(address.String()).Port()
}

// Close ends listening.
func (s Sockets) Close() error { return errors.Join(s.UDP.Close(), s.TCP.Close()) }
