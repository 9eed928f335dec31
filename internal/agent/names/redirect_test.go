//go:build root

package names

import (
	"errors"
	"net"
	"runtime"
	"strings"
	"testing"

	"github.com/google/nftables"
	"github.com/miekg/dns"
	"golang.org/x/sys/unix"
)

// alone has the rest of the test in a network of its own, as a container has one.
func alone(t *testing.T) {
	t.Helper()
	runtime.LockOSThread() // for good: the thread ends with the test's goroutine
	if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
		t.Fatal(err)
	}
	socket, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(socket)
	loopback, err := unix.NewIfreq("lo")
	if err != nil {
		t.Fatal(err)
	}
	loopback.SetUint16(unix.IFF_UP)
	if err := unix.IoctlIfreq(socket, unix.SIOCSIFFLAGS, loopback); err != nil {
		t.Fatal(err)
	}
}

// asked is what the container's nameserver says of a name, by both protocols. Sockets of this thread alone are in its network.
func asked(t *testing.T, name string) (answers []string) {
	t.Helper()
	for _, network := range []string{"udp", "tcp"} {
		connection, err := net.Dial(network, "127.0.0.11:53")
		if err != nil {
			t.Fatal(err)
		}
		client := dns.Client{Net: network}
		reply, _, err := client.ExchangeWithConn(new(dns.Msg).SetQuestion(name, dns.TypeA), &dns.Conn{Conn: connection})
		if err = errors.Join(err, connection.Close()); err != nil {
			t.Fatal(err)
		}
		answers = append(answers, said(reply))
	}
	return answers
}

// The nameserver is at port 53 of its address, and a service may have that port of all addresses, before and after. Who listens
// anew, as after an agent's end, is asked in the place of the one before.
func TestListen(t *testing.T) {
	alone(t)
	for _, address := range []string{"10.0.0.1", "10.0.0.2"} {
		at, note, err := Listen()
		if err != nil || note != "" {
			t.Fatalf("note %q, %v", note, err)
		}
		go func() { _ = (&Server{Directory: fixed{"db": {address}}}).Serve(at) }()
		all, err := net.ListenPacket("udp4", "0.0.0.0:53")
		if err != nil {
			t.Fatal(err)
		}
		allTCP, err := net.Listen("tcp4", "0.0.0.0:53")
		if err != nil {
			t.Fatal(err)
		}
		for _, got := range asked(t, "db.") {
			if got != "NOERROR "+address {
				t.Errorf("%s, want %s", got, address)
			}
		}
		if err := errors.Join(all.Close(), allTCP.Close(), at.Close()); err != nil {
			t.Error(err)
		}
	}
	kernel, err := nftables.New()
	if err != nil {
		t.Fatal(err)
	}
	table := &nftables.Table{Family: nftables.TableFamilyIPv4, Name: "stack"}
	rules, err := kernel.GetRules(table, &nftables.Chain{Name: "names", Table: table})
	if err != nil || len(rules) != 2 {
		t.Errorf("%d rules, %v", len(rules), err)
	}
}

// Where no rule can be made, the nameserver is at port 53 itself, and it is said what follows.
func TestListenWithoutRules(t *testing.T) {
	alone(t)
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var held [2]unix.CapUserData
	if err := unix.Capget(&header, &held[0]); err != nil {
		t.Fatal(err)
	}
	held[0].Effective &^= 1 << unix.CAP_NET_ADMIN
	if err := unix.Capset(&header, &held[0]); err != nil {
		t.Fatal(err)
	}
	at, note, err := Listen()
	if err != nil {
		t.Fatal(err)
	}
	defer at.Close()
	if !strings.Contains(note, "a service of this container cannot have port 53 of all addresses: the kernel has no nftables") {
		t.Errorf("note %q", note)
	}
	go func() { _ = (&Server{Directory: fixed{"db": {"10.0.0.1"}}}).Serve(at) }()
	for _, got := range asked(t, "db.") {
		if got != "NOERROR 10.0.0.1" {
			t.Error(got)
		}
	}
}
