package probe

import (
	"encoding/hex"
	"net/netip"
	"os"
	"slices"
	"strconv"
	"strings"
)

// listens is the state of a socket that listens (net/tcp_states.h), as /proc/net/tcp has it.
const listens = "0A"

// listening are the addresses on which a user's processes listen, as people write them; "" if there are none.
func listening(uid int) string {
	var found []string
	for _, path := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		text, err := os.ReadFile(path)
		if err != nil {
			continue // a machine without IPv6
		}
		for _, address := range listeners(string(text), uid) {
			if !slices.Contains(found, address) {
				found = append(found, address)
			}
		}
	}
	return strings.Join(found, ", ")
}

// listeners reads a table of proc(5), /proc/net/tcp.
func listeners(table string, uid int) (found []string) {
	for line := range strings.Lines(table) {
		fields := strings.Fields(line)
		if len(fields) < 8 || fields[3] != listens || fields[7] != strconv.Itoa(uid) {
			continue
		}
		if address, ok := parseAddress(fields[1]); ok {
			found = append(found, address.String())
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
