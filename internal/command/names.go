package command

import (
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"

	"dagger/stack/internal/agent"
	"dagger/stack/internal/agent/names"
	"dagger/stack/internal/layout"
	"dagger/stack/internal/spec"
)

const (
	hostsFile  = "/etc/hosts"
	resolvConf = "/etc/resolv.conf"
)

// openNames has the container's names looked up at the agent, by a hosts file and a list of nameservers of the agent's own in the place
// of the engine's, which are read-only.
func openNames(service spec.Service) (*agent.Names, error) {
	hosts, err := os.ReadFile(hostsFile)
	if err != nil {
		return nil, err
	}
	text, err := os.ReadFile(resolvConf)
	if err != nil {
		return nil, err
	}
	engine := names.ParseResolvConf(string(text))
	at, note, err := names.Listen()
	if err != nil {
		return nil, err
	}
	if err := cover(hostsFile, string(hosts)); err != nil {
		return nil, err
	}
	if err := cover(resolvConf, engine.For(service).String()); err != nil {
		return nil, err
	}
	return &agent.Names{Hosts: hostsFile, At: at, Note: note, Domains: engine.Search, Upstream: engine.Upstream(service)}, nil
}

// cover puts a file of the agent's own over one of the engine's.
func cover(path, text string) error {
	own := filepath.Join(layout.Root, filepath.Base(path))
	if err := os.WriteFile(own, []byte(text), 0o644); err != nil {
		return err
	}
	return unix.Mount(own, path, "", unix.MS_BIND, "")
}
