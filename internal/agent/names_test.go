//go:build root

package agent

import (
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"dagger/stack/internal/agent/names"
	"dagger/stack/internal/spec"
	"dagger/stack/internal/state"
)

// names prepares the agent's network as its container does.
func (c testConfig) names() (*Names, error) {
	if c.Hosts == "" {
		return nil, nil
	}
	// libc looks up no IPv4 addresses where there is none but the loopback's.
	if err := exec.Command("sh", "-ec", "ip link set lo up; ip address add 10.87.0.1/32 dev lo").Run(); err != nil {
		return nil, err
	}
	at, note, err := names.Listen()
	if err != nil {
		return nil, err
	}
	engine := names.ParseResolvConf("search session.dagger.local")
	conf := filepath.Join(filepath.Dir(c.Hosts), "resolv.conf")
	if err := os.WriteFile(conf, []byte(engine.For(c.Service).String()), 0o644); err != nil {
		return nil, err
	}
	for from, to := range map[string]string{conf: "/etc/resolv.conf", c.Hosts: "/etc/hosts"} {
		if err := unix.Mount(from, to, "", unix.MS_BIND, ""); err != nil {
			return nil, err
		}
	}
	return &Names{Hosts: "/etc/hosts", At: at, Note: note, Domains: engine.Search}, nil
}

// pretend has services run at addresses, as far as others can see.
func pretend(t *testing.T, r *running, addresses map[string]string) {
	t.Helper()
	stack := state.At(r.State)
	for service, address := range addresses {
		lock, err := stack.Service(service).Lock()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { lock.Close() })
		if err := stack.Service(service).WriteStatus(state.Status{Service: service, Session: r.Session}); err != nil {
			t.Fatal(err)
		}
		if err := stack.WriteAddress(service, netip.MustParseAddr(address)); err != nil {
			t.Fatal(err)
		}
	}
}

// lookup asks for names by libc, and says each one's addresses.
const lookup = `for name in $NAMES; do echo "$name: $(getent ahostsv4 $name | awk '{print $1}' | sort -u | tr '\n' ' ')"; done
`

// A service of a compose file finds the services of its networks by all their names, each of them at all its addresses, and those alone:
// a service that has ended, or that the file has no more, is not found. The hosts file has what Docker writes there.
func TestNamesOfAContainer(t *testing.T) {
	r, at := newContainer(t, contained(lookup+"cat /etc/hosts"))
	r.Hosts = at("hosts")
	r.prepare("printf '127.0.0.1 localhost\\n10.87.0.7\\tother\\n' > hosts")
	r.Service.Process.Env = append(r.Service.Process.Env, spec.Env("NAMES", "web web-1 WEB db ended done stranger db.session.dagger.local gateway web-host"))
	r.Service.Container.Hostname, r.Service.Container.Domainname = "web-host", "example.org"
	r.Service.Container.Hosts = []spec.Host{
		{Name: "web", Service: "web-1"}, {Name: "web", Service: "web-2"}, {Name: "web-1", Service: "web-1"}, {Name: "db", Service: "postgres"},
		{Name: "ended", Service: "ended"}, {Name: "done", Service: "done"}, {Name: "gateway", IP: "10.0.0.1"},
	}
	pretend(t, r, map[string]string{"web-1": "10.87.0.2", "web-2": "10.87.0.3", "postgres": "10.87.0.4", "done": "10.87.0.6", "stranger": "10.87.0.9"})
	if err := state.At(r.State).Service("done").WriteStatus(state.Status{Service: "done", Phase: state.Exited}); err != nil {
		t.Fatal(err)
	}
	if err := state.At(r.State).WriteAddress("ended", netip.MustParseAddr("10.87.0.5")); err != nil {
		t.Fatal(err)
	}
	want := strings.TrimSpace("web: 10.87.0.2 10.87.0.3 \nweb-1: 10.87.0.2 \nWEB: 10.87.0.2 10.87.0.3 \ndb: 10.87.0.4 \nended: \ndone: \nstranger: \ndb.session.dagger.local: 10.87.0.4 \n" +
		"gateway: 10.0.0.1 \nweb-host: 127.0.0.1 \n" + dockerHosts + "127.0.0.1\tweb-host.example.org web-host\n10.0.0.1\tgateway\n")
	if got := r.start().said(); got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
}

// A service without a compose file finds every service, also one that comes later, and none that has ended. What the engine has
// written into the hosts file stays.
func TestNamesOfEveryService(t *testing.T) {
	r := newTest(t, script(`until [ -n "$(getent ahostsv4 late)" ]; do sleep 0.05; done; `+lookup+"exec sleep 60"))
	r.Hosts = filepath.Join(filepath.Dir(r.State), "hosts")
	r.prepare("printf '127.0.0.1 localhost\\n10.87.0.7\\tbound\\n' > hosts")
	r.Service.Process.Env = append(r.Service.Process.Env, spec.Env("NAMES", "db database ended bound late thing"))
	r.Service.Container.Aliases = []spec.Host{{Name: "database", Service: "db"}}
	pretend(t, r, map[string]string{"db": "10.87.0.2"})
	if err := state.At(r.State).WriteAddress("ended", netip.MustParseAddr("10.87.0.5")); err != nil {
		t.Fatal(err)
	}
	r.start().untilHealthy()
	pretend(t, r, map[string]string{"late": "10.87.0.6"})
	const want = "db: 10.87.0.2 \ndatabase: 10.87.0.2 \nended: \nbound: 10.87.0.7 \nlate: 10.87.0.6 \nthing: 127.0.0.1 \n"
	r.until("all names", func() bool { return strings.Contains(r.logs(), "thing: ") })
	if got := r.logs(); got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
}
