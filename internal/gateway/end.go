package gateway

import (
	"fmt"
	"net"
	"os"
	"time"
)

// A port of the gateway is published by a tunnel of the engine (ListenHostToContainer in engine/engineutil/client.go of
// v0.21.8). It tells clients apart by their source port, for as long as the call runs, and does not tell when one is
// gone. So each source port has one connection, for whatever clients come from it; what they get is read from it until
// its end, which closes the client's; and a write that it refuses ends the tunnel of the port, for all.
//
// Therefore a connection is never closed here, and its end is only sent to a client that waits for it (see talk): the
// next one with its source port cannot be answered (dagger/dagger pull request 13449).

// late is when what comes after the end cannot be of the client that was sent it.
const late = 5 * time.Second

// end sends a client the end, and reads and drops what still comes.
func (r Route) end(client *net.TCPConn) {
	defer client.Close()
	client.CloseWrite()
	ended := time.Now()
	for buf := make([]byte, 512); ; {
		if _, err := client.Read(buf); err != nil {
			return // the call is over
		}
		if time.Since(ended) > late {
			fmt.Fprintf(os.Stderr, "port %d: a client waits in vain: its source port was used before, and Dagger's tunnel "+
				"drops what it is answered. Let it try again\n", r.Listen)
		}
	}
}
