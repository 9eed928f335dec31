package probe

import (
	"encoding/hex"
	"net/netip"
	"os"
	"slices"
	"strconv"
	"strings"

	"dagger/stack/internal/agent/names"
)

// listens is the state of a socket that listens (net/tcp_states.h), as /proc/net/tcp has it.
const listens = "0A"

// anybody is every user, as the tables' reader is asked for one.
const anybody = -1

// Listens says whether somebody listens on one of the ports at an address that other containers reach.
func Listens(ports []int) bool {
	return slices.ContainsFunc(tables(anybody), func(a netip.AddrPort) bool {
		return !a.Addr().IsLoopback() && slices.Contains(ports, int(a.Port()))
	})
}

// listening are the addresses on which a user's processes listen, as people write them; "" if there are none.
func listening(uid int) string {
	var found []string
	for _, address := range tables(uid) {
		if text := address.String(); !slices.Contains(found, text) {
			found = append(found, text)
		}
	}
	return strings.Join(found, ", ")
}

// tables are the addresses on which a user's processes listen.
func tables(uid int) (found []netip.AddrPort) {
	for _, path := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		if text, err := os.ReadFile(path); err == nil { // a machine without IPv6 lacks one
			found = append(found, listeners(string(text), uid)...)
		}
	}
	return found
}

// listeners reads a table of proc(5), /proc/net/tcp.
func listeners(table string, uid int) (found []netip.AddrPort) {
	for line := range strings.Lines(table) {
		fields := strings.Fields(line)
		if len(fields) < 8 || fields[3] != listens || uid != anybody && fields[7] != strconv.Itoa(uid) {
			continue
		}
		if address, ok := parseAddress(fields[1]); ok && address.Addr() != names.Address { // the agent's own
			found = append(found, address)
		}
	}
	return found
}

// parseAddress reads words of the machine's byte order (which is little endian wherever this runs) and a port, in hexadecimal.
func parseAddress(text string) (netip.AddrPort, bool) {
	words, port, _ := strings.Cut(text, ":")
	raw, err := hex.DecodeString(words)
	number, portErr := strconv.ParseUint(port, 16, 16)
	if err != nil || portErr != nil || len(raw)%4 != 0 {
		return netip.AddrPort{}, false
	}
	for word := range slices.Chunk(raw, 4) {
		slices.Reverse(word)
	}
	address, ok := netip.AddrFromSlice(raw)
	if address.Is6() && address.IsUnspecified() {
		address = netip.IPv4Unspecified() // a socket of IPv6 takes both, unless it says otherwise
	}
	return netip.AddrPortFrom(address.Unmap(), uint16(number)), ok
}
