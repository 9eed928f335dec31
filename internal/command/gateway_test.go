package command

import (
	"net"
	"testing"

	"dagger/stack/internal/gateway"
)

// The API's own port is never one that is to be published, though most of the kernel's ports are.
func TestListenBeside(t *testing.T) {
	var routes []gateway.Route
	for port := 32768; port <= 60999; port++ { // the kernel's own range (ip_local_port_range), but for each fourth
		if port%4 != 0 {
			routes = append(routes, gateway.Route{Listen: port})
		}
	}
	for range 20 {
		listener, err := listenBeside(routes)
		if err != nil {
			t.Fatal(err)
		}
		defer listener.Close()
		if port := listener.Addr().(*net.TCPAddr).Port; port >= 32768 && port <= 60999 && port%4 != 0 {
			t.Errorf("port %d is to be published", port)
		}
	}
}
