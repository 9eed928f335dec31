package state

import (
	"errors"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
)

// Hosts is the folder of addresses: a file a service.
func (s Stack) Hosts() string { return filepath.Join(s.root, "hosts") }

// WriteAddress says where a service listens.
func (s Stack) WriteAddress(service string, address netip.Addr) error {
	if err := os.MkdirAll(s.Hosts(), 0o700); err != nil {
		return err
	}
	return writeFile(filepath.Join(s.Hosts(), service), []byte(address.String()+"\n"))
}

// Addresses are those of all services. One of a service that has ended is still there: it is the reader's to ask
// whether the service is Alive, if that matters.
func (s Stack) Addresses() (map[string]netip.Addr, error) {
	entries, err := os.ReadDir(s.Hosts())
	if err != nil {
		return nil, ignoreMissing(err)
	}
	addresses := map[string]netip.Addr{}
	for _, entry := range entries {
		if strings.HasPrefix(entry.Name(), ".") {
			continue
		}
		text, err := os.ReadFile(filepath.Join(s.Hosts(), entry.Name()))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if address, err := netip.ParseAddr(strings.TrimSpace(string(text))); err == nil {
			addresses[entry.Name()] = address
		}
	}
	return addresses, nil
}
