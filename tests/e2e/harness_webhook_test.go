package e2e

import (
	"encoding/json"
	"net"
	"net/http"
	"strconv"
	"testing"
)

// webhook is a server of this machine that takes alerts.
type webhook struct {
	url    string
	alerts chan webhookAlert
}

type webhookAlert struct{ Stack, Service, Event string }

func listenForAlerts(t *testing.T) webhook {
	t.Helper()
	listener, err := net.Listen("tcp", ":0")
	if err != nil {
		t.Fatal(err)
	}
	hook := webhook{"http://" + net.JoinHostPort(machine(t), strconv.Itoa(listener.Addr().(*net.TCPAddr).Port)), make(chan webhookAlert, 100)}
	server := &http.Server{Handler: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		var alert webhookAlert
		if err := json.NewDecoder(r.Body).Decode(&alert); err != nil {
			t.Errorf("an alert: %v", err)
		}
		hook.alerts <- alert
	})}
	go server.Serve(listener)
	t.Cleanup(func() { server.Close() })
	return hook
}

// machine is an address of this machine that containers reach.
func machine(t *testing.T) string {
	t.Helper()
	addresses, err := net.InterfaceAddrs()
	if err != nil {
		t.Fatal(err)
	}
	for _, address := range addresses {
		if network, is := address.(*net.IPNet); is && network.IP.To4() != nil && !network.IP.IsLoopback() {
			return network.IP.String()
		}
	}
	t.Fatal("the machine has no address")
	return ""
}

// until waits for an alert of the stack's backend.
func (w webhook) until(s *stack, event string) {
	s.Helper()
	s.eventually("the alert "+event, func() bool {
		select {
		case alert := <-w.alerts:
			return alert == webhookAlert{s.name, "backend", event}
		default:
			return false
		}
	})
}
