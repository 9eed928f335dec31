package state

import (
	"fmt"
	"maps"
	"net/netip"
	"os"
	"path/filepath"
)

func (s Stack) addresses() string { return filepath.Join(s.root, "hosts", "addresses.json") }

// WriteAddress says where a service listens. Its caller has the stack lock: there is one file for all services,
// since with one for each, all agents together read as many as the square of the services.
func (s Stack) WriteAddress(service string, address netip.Addr) error {
	if err := os.MkdirAll(filepath.Dir(s.addresses()), 0o700); err != nil {
		return err
	}
	addresses, err := s.Addresses()
	if err != nil || addresses == nil {
		addresses = map[string]netip.Addr{} // each service writes its own anew when it starts
	}
	addresses[service] = address
	return writeJSON(s.addresses(), addresses)
}

// Addresses are those of all services. One of a service that has ended is still there: it is the reader's to ask
// whether the service is Alive, if that matters.
func (s Stack) Addresses() (map[string]netip.Addr, error) {
	addresses, err := readJSON[map[string]netip.Addr](s.addresses())
	maps.DeleteFunc(addresses, func(_ string, address netip.Addr) bool { return !address.IsValid() })
	return addresses, ignoreMissing(err)
}

// Lookup finds where a service listens, if it runs: the address of one that has ended may be another's by now.
func (s Stack) Lookup(service string) (netip.Addr, error) {
	addresses, err := s.Addresses()
	if err != nil {
		return netip.Addr{}, err
	}
	address, found := addresses[service]
	if !found || !s.Service(service).Alive() {
		return netip.Addr{}, fmt.Errorf("%s does not run", service)
	}
	return address, nil
}
