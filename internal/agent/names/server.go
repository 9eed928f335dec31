// Package names is the nameserver of a service's container, at Docker's address: it answers for the stack's names, and asks the
// container's own nameservers for all others.
package names

import (
	"math/rand/v2"
	"net/netip"
	"strings"
	"time"

	"github.com/miekg/dns"
	"golang.org/x/sync/errgroup"
	"golang.org/x/sync/semaphore"
)

const (
	// lifetime is how long a resolver may keep an answer, in seconds: a service that has ended is not found for longer.
	lifetime = 5
	// mostForwarded is how many questions there may be that others have not answered yet.
	mostForwarded = 128
	// forwardTimeout is less than what resolvers wait for an answer, 5 s.
	forwardTimeout = 4 * time.Second
)

// Directory knows the stack's names, which have no case.
type Directory interface {
	// Addresses are those that a name stands for now. A name that is not known is somebody else's to answer for.
	Addresses(name string) (addresses []netip.Addr, known bool, err error)
	// Names are those of addresses, one for each.
	Names() (map[netip.Addr]string, error)
}

// Server answers for a directory.
type Server struct {
	Directory Directory
	Domains   []string // the directory's names are known with these behind them, too
	Upstream  []string // nameservers to ask for other names, in this order, with their ports

	forwarded *semaphore.Weighted
}

// Serve answers until the sockets are closed.
func (s *Server) Serve(at Sockets) error {
	s.forwarded = semaphore.NewWeighted(mostForwarded)
	var group errgroup.Group
	group.Go((&dns.Server{PacketConn: at.UDP, Handler: s}).ActivateAndServe)
	group.Go((&dns.Server{Listener: at.TCP, Handler: s}).ActivateAndServe)
	return group.Wait()
}

// ServeDNS answers one question.
func (s *Server) ServeDNS(client dns.ResponseWriter, request *dns.Msg) {
	network := client.LocalAddr().Network()
	reply := s.answer(network, request)
	if network == "udp" {
		size := dns.MinMsgSize
		if extension := request.IsEdns0(); extension != nil {
			size = max(size, int(extension.UDPSize()))
		}
		reply.Truncate(size)
	}
	_ = client.WriteMsg(reply) // who asked asks again
}

func (s *Server) answer(network string, request *dns.Msg) *dns.Msg {
	question := request.Question[0] // the server takes no others
	reply := new(dns.Msg).SetReply(request)
	reply.RecursionAvailable = true
	if question.Qtype == dns.TypePTR {
		if name := s.nameOf(question.Name); name != "" {
			reply.Answer = []dns.RR{&dns.PTR{Hdr: header(question), Ptr: dns.Fqdn(name)}}
			return reply
		}
	}
	addresses, known, err := s.Directory.Addresses(s.relative(question.Name))
	switch {
	case err != nil:
		return reply.SetRcode(request, dns.RcodeServerFailure)
	case !known:
		return s.forward(network, request)
	case len(addresses) == 0:
		return reply.SetRcode(request, dns.RcodeNameError)
	}
	if question.Qtype != dns.TypeA {
		return reply // the name is there, and has nothing of this kind
	}
	rand.Shuffle(len(addresses), func(i, j int) { addresses[i], addresses[j] = addresses[j], addresses[i] })
	for _, address := range addresses {
		reply.Answer = append(reply.Answer, &dns.A{Hdr: header(question), A: address.AsSlice()})
	}
	return reply
}

func header(question dns.Question) dns.RR_Header {
	return dns.RR_Header{Name: question.Name, Rrtype: question.Qtype, Class: dns.ClassINET, Ttl: lifetime}
}

// relative is a name without the dot at its end, and without one of the domains.
func (s *Server) relative(name string) string {
	name = strings.TrimSuffix(strings.ToLower(name), ".")
	for _, domain := range s.Domains {
		if name, found := strings.CutSuffix(name, "."+strings.ToLower(domain)); found {
			return name
		}
	}
	return name
}

// nameOf is that of an address as it is asked for, 4.3.2.1.in-addr.arpa, "" if the stack has none.
func (s *Server) nameOf(reverse string) string {
	names, err := s.Directory.Names()
	if err != nil {
		return ""
	}
	for address, name := range names {
		if asked, err := dns.ReverseAddr(address.String()); err == nil && strings.EqualFold(asked, reverse) {
			return name
		}
	}
	return ""
}

// forward asks the nameservers until one has an answer. A question that came in a packet goes on in one: if the answer has no room
// there, who asked will ask again over a connection.
func (s *Server) forward(network string, request *dns.Msg) *dns.Msg {
	failure := new(dns.Msg).SetRcode(request, dns.RcodeServerFailure)
	if !s.forwarded.TryAcquire(1) {
		return failure
	}
	defer s.forwarded.Release(1)
	client := dns.Client{Net: network, Timeout: forwardTimeout}
	for _, server := range s.Upstream {
		reply, _, err := client.Exchange(request, server)
		if err == nil && reply.Rcode != dns.RcodeServerFailure && reply.Rcode != dns.RcodeRefused {
			return reply
		}
	}
	return failure
}
