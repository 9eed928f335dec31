package gateway

import (
	"net"
	"time"
)

const bufferSize = 32 << 10

// relay passes on what the client and the service say, beginning with what the client has said already, until the service
// ends. It tells whether the client waits for that end.
func relay(client, service *net.TCPConn, said []byte) (waits bool) {
	talk := newTalk()
	defer talk.close()
	heard := make(chan struct{})
	go func() {
		defer close(heard)
		pass(service, client, said, talk.said)
	}()
	for buf := make([]byte, bufferSize); ; {
		n, err := service.Read(buf)
		if n > 0 {
			talk.answered(buf[:n])
			if _, err := client.Write(buf[:n]); err != nil {
				break // the call is over
			}
		}
		if err != nil {
			break
		}
	}
	service.Close()
	client.SetReadDeadline(time.Now())
	<-heard // all that was taken from the client is part of the talk
	client.SetReadDeadline(time.Time{})
	return talk.clientWaits()
}

// pass tells the service what the client says, until the client's end or deadline. What a service takes no more is
// dropped: unread, it would hold up the others of the port.
func pass(service, client *net.TCPConn, said []byte, heard func([]byte)) {
	for buf := make([]byte, bufferSize); ; {
		if len(said) > 0 {
			heard(said)
			service.Write(said)
		}
		n, err := client.Read(buf)
		if err != nil {
			service.CloseWrite()
			return
		}
		said = buf[:n]
	}
}
