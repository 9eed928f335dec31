//go:build root

package agent

import (
	"net/netip"
	"os"
	"path/filepath"
	"testing"

	"dagger/stack/internal/spec"
	"dagger/stack/internal/state"
)

// A service finds those that were there before it when it starts, and those that come later soon after. What the engine
// has written stays, what an agent before has written does not.
func TestHosts(t *testing.T) {
	r := newTest(t, script(`cat "$HOSTS"; exec sleep 60`))
	r.Hosts = filepath.Join(filepath.Dir(r.State), "hosts")
	r.Service.Process.Env = append(r.Service.Process.Env, spec.Env("HOSTS", r.Hosts))
	const engines = "127.0.0.1 localhost\n"
	if err := os.WriteFile(r.Hosts, []byte(engines+hostsMark+"10.87.0.9\tgone\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	stack := state.At(r.State)
	write := func(service, address string) {
		t.Helper()
		if err := stack.WriteAddress(service, netip.MustParseAddr(address)); err != nil {
			t.Fatal(err)
		}
	}
	write("db", "10.87.0.2")
	r.start()
	const first = engines + hostsMark + "10.87.0.2\tdb\n127.0.0.1\tthing\n"
	r.until("the child's own look", func() bool { return len(r.logs()) >= len(first) })
	if got := r.logs(); got != first {
		t.Errorf("the child saw\n%s", got)
	}
	has := func(want string) func() bool {
		return func() bool {
			got, err := os.ReadFile(r.Hosts)
			return err == nil && string(got) == want
		}
	}
	// Many at once, and one after them.
	write("web", "10.87.0.4")
	write("cache", "10.87.0.5")
	r.until("what came later", has(engines+hostsMark+"10.87.0.5\tcache\n10.87.0.2\tdb\n127.0.0.1\tthing\n10.87.0.4\tweb\n"))
	write("db", "10.87.0.6")
	r.until("another address", has(engines+hostsMark+"10.87.0.5\tcache\n10.87.0.6\tdb\n127.0.0.1\tthing\n10.87.0.4\tweb\n"))
}

// A container's hosts file says who the container is, as Docker's does, and the names that its service knows: those of services
// as they come, and those of addresses. What the engine has written is not among them.
func TestHostsOfAContainer(t *testing.T) {
	r, at := newContainer(t, contained("exec sleep 60"))
	r.Hosts = at("hosts")
	r.Service.Container.Hostname, r.Service.Container.Domainname = "web", "example.org"
	r.Service.Container.Hosts = []spec.Host{{Name: "db", Service: "postgres"}, {Name: "db.alias", Service: "postgres"}, {Name: "gateway", IP: "10.0.0.1"}, {Name: "none", Service: "absent"}}
	if err := os.WriteFile(r.Hosts, []byte("127.0.0.1 localhost\n10.87.0.7\tother\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	r.start().untilHealthy()
	has := func(want string) func() bool {
		return func() bool {
			got, err := os.ReadFile(r.Hosts)
			return err == nil && string(got) == dockerHosts+"127.0.0.1\tweb.example.org web\n"+hostsMark+want
		}
	}
	r.until("its own name", has("10.0.0.1\tgateway\n"))
	stack := state.At(r.State)
	for _, address := range []string{"10.87.0.2", "10.87.0.3"} {
		if err := stack.WriteAddress("postgres", netip.MustParseAddr(address)); err != nil {
			t.Fatal(err)
		}
		if err := stack.WriteAddress("stranger", netip.MustParseAddr("10.87.0.9")); err != nil {
			t.Fatal(err)
		}
		r.until("a service", has(address+"\tdb\n"+address+"\tdb.alias\n10.0.0.1\tgateway\n"))
	}
}
