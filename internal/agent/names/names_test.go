package names

import (
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/miekg/dns"

	"dagger/stack/internal/spec"
)

// fixed is a directory that does not change. A name without addresses is known.
type fixed map[string][]string

func (f fixed) Addresses(name string) (found []netip.Addr, known bool, err error) {
	texts, known := f[name]
	for _, text := range texts {
		found = append(found, netip.MustParseAddr(text))
	}
	return found, known, nil
}

func (f fixed) Names() (map[netip.Addr]string, error) {
	names := map[netip.Addr]string{}
	for name := range f {
		addresses, _, _ := f.Addresses(name)
		for _, address := range addresses {
			names[address] = name
		}
	}
	return names, nil
}

// serve starts a server, and returns where it is asked by either protocol.
func serve(t *testing.T, s *Server) map[string]string {
	t.Helper()
	at, err := listen(0)
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = s.Serve(at) }()
	t.Cleanup(func() { at.Close() })
	return map[string]string{"udp": at.UDP.LocalAddr().String(), "tcp": at.TCP.Addr().String()}
}

func ask(t *testing.T, network, server, name string, kind uint16) *dns.Msg {
	t.Helper()
	client := dns.Client{Net: network}
	reply, _, err := client.Exchange(new(dns.Msg).SetQuestion(dns.Fqdn(name), kind), server)
	if err != nil {
		t.Fatal(err)
	}
	return reply
}

// said is the answer's records, sorted, behind its code.
func said(reply *dns.Msg) string {
	var values []string
	for _, record := range reply.Answer {
		values = append(values, strings.TrimPrefix(record.String(), record.Header().String()))
	}
	slices.Sort(values)
	return strings.Join(append([]string{dns.RcodeToString[reply.Rcode]}, values...), " ")
}

func TestAnswers(t *testing.T) {
	server := serve(t, &Server{
		Directory: fixed{"db": {"10.0.0.1"}, "web": {"10.0.0.2", "10.0.0.3", "10.0.0.4"}, "ended": nil, "dotted.name": {"10.0.0.5"}},
		Domains:   []string{"session.dagger.local"},
	})
	for _, c := range []struct {
		name string
		kind uint16
		want string
	}{
		{"db", dns.TypeA, "NOERROR 10.0.0.1"},
		{"DB", dns.TypeA, "NOERROR 10.0.0.1"},
		{"db.session.dagger.local", dns.TypeA, "NOERROR 10.0.0.1"},
		{"dotted.name", dns.TypeA, "NOERROR 10.0.0.5"},
		{"web", dns.TypeA, "NOERROR 10.0.0.2 10.0.0.3 10.0.0.4"},
		{"db", dns.TypeAAAA, "NOERROR"},
		{"db", dns.TypeMX, "NOERROR"},
		{"ended", dns.TypeA, "NXDOMAIN"},
		{"1.0.0.10.in-addr.arpa", dns.TypePTR, "NOERROR db."},
		{"unknown", dns.TypeA, "SERVFAIL"},
	} {
		for network, at := range server {
			if got := said(ask(t, network, at, c.name, c.kind)); got != c.want {
				t.Errorf("%s %s by %s: %q, want %q", c.name, dns.TypeToString[c.kind], network, got, c.want)
			}
		}
	}
}

// Names of others are asked for elsewhere, by the protocol of the question, and of several nameservers the first that has an answer
// counts.
func TestForward(t *testing.T) {
	refuses := serve(t, &Server{Directory: fixed{}})
	for _, network := range []string{"udp", "tcp"} {
		answers := serve(t, &Server{Directory: fixed{"example.org": {"192.0.2.1"}, "gone.example.org": nil}})
		server := serve(t, &Server{Directory: fixed{"db": {"10.0.0.1"}}, Upstream: []string{refuses[network], answers[network]}})
		for name, want := range map[string]string{
			"example.org": "NOERROR 192.0.2.1", "gone.example.org": "NXDOMAIN", "unknown.org": "SERVFAIL", "db": "NOERROR 10.0.0.1",
		} {
			if got := said(ask(t, network, server[network], name, dns.TypeA)); got != want {
				t.Errorf("%s by %s: %q, want %q", name, network, got, want)
			}
		}
	}
}

// Who asks for the addresses of a name again and again finds each of them first now and then.
func TestAnswersAreShuffled(t *testing.T) {
	server := serve(t, &Server{Directory: fixed{"web": {"10.0.0.2", "10.0.0.3"}}})
	first := map[string]bool{}
	for range 100 {
		first[ask(t, "udp", server["udp"], "web", dns.TypeA).Answer[0].(*dns.A).A.String()] = true
	}
	if len(first) != 2 {
		t.Errorf("first of a hundred answers: %v", first)
	}
}

// An answer that has no room in a packet says so, and is whole over a connection.
func TestManyAddresses(t *testing.T) {
	var many []string
	for i := range 100 {
		many = append(many, netip.AddrFrom4([4]byte{10, 0, 1, byte(i)}).String())
	}
	server := serve(t, &Server{Directory: fixed{"web": many}})
	if reply := ask(t, "udp", server["udp"], "web", dns.TypeA); !reply.Truncated || len(reply.Answer) == 0 {
		t.Errorf("by UDP: truncated %t, %d addresses", reply.Truncated, len(reply.Answer))
	}
	if reply := ask(t, "tcp", server["tcp"], "web", dns.TypeA); reply.Truncated || len(reply.Answer) != 100 {
		t.Errorf("by TCP: truncated %t, %d addresses", reply.Truncated, len(reply.Answer))
	}
}

func TestResolvConf(t *testing.T) {
	engine := ParseResolvConf("# a comment\nnameserver 10.87.0.1\nnameserver 10.87.0.2\nsearch a.example\noptions edns0\nsearch s.dagger.local\n")
	container := spec.Service{Mode: spec.ModeContainer}
	given := container
	given.Container.DNS = spec.DNS{Servers: []string{"1.1.1.1"}, Search: []string{"b.example", "c.example"}, Options: []string{"ndots:2"}}
	nowhere := container
	nowhere.Container.DNS = spec.DNS{Search: []string{"."}}
	for _, c := range []struct {
		name     string
		service  spec.Service
		text     string
		upstream []string
	}{
		{"detected", spec.Service{Mode: spec.ModeService}, "nameserver 127.0.0.11\nsearch s.dagger.local\noptions edns0\n", []string{"10.87.0.1:53", "10.87.0.2:53"}},
		{"a container", container, "nameserver 127.0.0.11\nsearch s.dagger.local\noptions edns0 ndots:0\n", []string{"10.87.0.1:53", "10.87.0.2:53"}},
		{"given", given, "nameserver 127.0.0.11\nsearch b.example c.example\noptions ndots:2\n", []string{"1.1.1.1:53"}},
		{"no domain", nowhere, "nameserver 127.0.0.11\noptions edns0 ndots:0\n", []string{"10.87.0.1:53", "10.87.0.2:53"}},
	} {
		if got := engine.For(c.service).String(); got != c.text {
			t.Errorf("%s: %q, want %q", c.name, got, c.text)
		}
		if got := engine.Upstream(c.service); !slices.Equal(got, c.upstream) {
			t.Errorf("%s: asks %q, want %q", c.name, got, c.upstream)
		}
	}
}
