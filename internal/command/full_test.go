package command

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"strings"
	"syscall"
	"testing"
	"time"

	"dagger/stack/internal/control"
	"dagger/stack/internal/freeport"
	"dagger/stack/internal/gateway"
	"dagger/stack/internal/state"
)

// A stack that has taken all the source ports it may takes no more on any port of its services, and health says so; the port of the API is
// there for the dashboard to say it.
func TestFullGatewayIsUnhealthy(t *testing.T) {
	own := netip.MustParseAddr("127.0.0.1")
	service, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer service.Close()
	ports := []int{freeport.For(t), freeport.For(t), freeport.For(t)}
	to := service.Addr().(*net.TCPAddr).AddrPort().Port()
	hub, err := gateway.Gateway{Routes: []gateway.Route{
		{Listen: ports[0], Service: "web", Port: to}, {Listen: ports[1], Service: "redis", Port: to}, {Listen: ports[2], Port: to},
	}}.New(own, func(string) (netip.Addr, error) { return own, nil }, gateway.Limits{Lines: 4, Port: 100, Sessions: 100})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go hub.Serve(ctx)
	stack := state.At(t.TempDir())
	client := control.Client{Name: "shop", State: stack, Session: "s"}
	if _, err := client.Begin(control.BeginRequest{}); err != nil {
		t.Fatal(err)
	}
	if _, err := client.Wait(t.Context(), control.WaitRequest{All: control.Parts{Services: []string{"web"}}}); err != nil {
		t.Fatal(err)
	}
	lock, err := stack.Service("web").Lock() // its agent runs
	if err != nil {
		t.Fatal(err)
	}
	defer lock.Close()
	status := state.Status{Service: "web", Instance: "1", Phase: state.Running, Health: state.Healthy, PID: 7, Started: time.Now(), Updated: time.Now()}
	if err := stack.Service("web").WriteStatus(status); err != nil {
		t.Fatal(err)
	}
	go heartbeat(ctx, stack, "s", hub)
	dial := func(port int) error {
		conn, err := net.DialTimeout("tcp", netip.AddrPortFrom(own, uint16(port)).String(), 5*time.Second)
		if err == nil {
			t.Cleanup(func() { conn.Close() })
		}
		return err
	}
	for i := range 4 { // of both ports: neither has as many as a port may have
		if err := dial(ports[i%2]); err != nil {
			t.Fatal(err)
		}
	}
	for _, port := range ports[:2] {
		eventually(t, "a port is refused", func() bool { return errors.Is(dial(port), syscall.ECONNREFUSED) })
	}
	eventually(t, "health says so", func() bool {
		report, err := client.Report("")
		return err == nil && report.Gateway != nil && !report.Gateway.Healthy && strings.Count(report.Gateway.Detail, "is full") == 2
	})
	if err := dial(ports[2]); err != nil {
		t.Errorf("the API: %v", err)
	}
}

func eventually(t *testing.T, what string, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !done(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("not seen: ", what)
		}
	}
}
