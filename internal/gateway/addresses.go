package gateway

import (
	"bufio"
	"encoding/binary"
	"encoding/hex"
	"net"
	"net/netip"
	"os"
	"strings"
	"sync"
	"time"
)

// addresses keeps where services listen for a moment: to look reads files, and takes longer than to connect.
type addresses struct {
	mu    sync.Mutex
	found map[string]found
}

type found struct {
	address netip.Addr
	until   time.Time
}

// addressAge is short enough for an address not to be another container's by then.
const addressAge = 200 * time.Millisecond

func (a *addresses) find(lookup Lookup, service string) (netip.Addr, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if f := a.found[service]; time.Now().Before(f.until) {
		return f.address, nil
	}
	address, err := lookup(service)
	if err != nil {
		delete(a.found, service)
		return netip.Addr{}, err
	}
	if a.found == nil {
		a.found = map[string]found{}
	}
	a.found[service] = found{address, time.Now().Add(addressAge)}
	return address, nil
}

func (a *addresses) forget(service string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.found, service)
}

// tunnelAddress is where the tunnel's connections come from: the engine's end of the container's network, which is the
// container's way out. Not valid: there is none.
func tunnelAddress() netip.Addr {
	file, err := os.Open("/proc/net/route")
	if err != nil {
		return netip.Addr{}
	}
	defer file.Close()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		fields := strings.Fields(lines.Text())
		if len(fields) < 3 || fields[1] != "00000000" {
			continue
		}
		raw, err := hex.DecodeString(fields[2])
		if err != nil || len(raw) != 4 {
			continue
		}
		var address [4]byte
		binary.BigEndian.PutUint32(address[:], binary.LittleEndian.Uint32(raw))
		return netip.AddrFrom4(address)
	}
	return netip.Addr{}
}

// isStranger tells whether a line is not the tunnel's. The container itself is none.
func (l *line) isStranger() bool {
	remote := l.tunnel.RemoteAddr().(*net.TCPAddr).AddrPort().Addr().Unmap()
	return !remote.IsLoopback() && remote != l.Hub.tunnel
}
