package names

import (
	"net"
	"sync"
	"testing"
	"time"

	"github.com/miekg/dns"
)

// Of questions that nobody answers only so many are open at once, and the stack's names are answered meanwhile.
func TestQuestionsWithoutAnswer(t *testing.T) {
	silent, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	server := serve(t, &Server{Directory: fixed{"db": {"10.0.0.1"}}, Upstream: []string{silent.LocalAddr().String()}})["udp"]
	var asking sync.WaitGroup
	refused := func() {
		client := dns.Client{Timeout: time.Minute}
		if reply, _, err := client.Exchange(new(dns.Msg).SetQuestion("unknown.org.", dns.TypeA), server); err != nil || reply.Rcode != dns.RcodeServerFailure {
			t.Errorf("%v %v", reply, err)
		}
	}
	for range mostForwarded {
		asking.Go(refused)
	}
	packet := make([]byte, 512)
	for range mostForwarded {
		if _, _, err := silent.ReadFrom(packet); err != nil {
			t.Fatal(err)
		}
	}
	refused() // one more is refused at once: it gets no further
	if got := said(ask(t, "udp", server, "db", dns.TypeA)); got != "NOERROR 10.0.0.1" {
		t.Error(got)
	}
	asking.Wait()
	_ = silent.SetReadDeadline(time.Now())
	if n, from, err := silent.ReadFrom(packet); err == nil {
		t.Errorf("%d bytes more from %v", n, from)
	}
}
