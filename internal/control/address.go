package control

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"strconv"

	"dagger/stack/internal/protocol"
	"dagger/stack/internal/socket"
	"dagger/stack/internal/spec"
)

// Addresses are where the running services that have ports are reached: a database by a URL with its login, the others by HTTP at
// their first port.
func (c Client) Addresses(ctx context.Context) (all []protocol.Address, err error) {
	report, err := c.Report("")
	if err != nil {
		return nil, err
	}
	all = []protocol.Address{}
	for _, service := range report.Services {
		if !service.Running || len(service.Ports) == 0 {
			continue
		}
		var address protocol.Address
		if err := socket.Ask(ctx, c.State.Service(service.Service), protocol.VerbAddress, nil, &address, actTimeout); err != nil {
			return nil, fmt.Errorf("%s: %w", service.Service, noAnswer(err, actTimeout))
		}
		own, err := url.Parse(address.URL)
		if err != nil {
			return nil, fmt.Errorf("%s: its address is none", service.Service) // the error quotes the password
		}
		if address.URL == "" {
			own = &url.URL{Scheme: "http", Host: ":" + strconv.Itoa(service.Ports[0].Container)}
		}
		address.Service = service.Service
		address.URL, address.HostURL = reached(own, service.Service, service.Ports)
		all = append(all, address)
	}
	return all, nil
}

// reached is an address of a service for the others, and for the host, where its port is published.
func reached(own *url.URL, service string, ports []spec.Port) (inside, host string) {
	at, port := *own, own.Port()
	at.Host = net.JoinHostPort(service, port)
	inside = at.String()
	for _, p := range ports {
		if strconv.Itoa(p.Container) == port && p.Published != 0 {
			at.Host = net.JoinHostPort("localhost", strconv.Itoa(p.Published))
			host = at.String()
		}
	}
	return inside, host
}
