package side

import "testing"

// What a daemon has added is taken back, and nobody else's rules are touched.
func TestUndo(t *testing.T) {
	const saved = `*nat
:POSTROUTING ACCEPT [0:0]
:CNI-1a2b - [0:0]
:DOCKER - [0:0]
-A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER
-A POSTROUTING -s 10.213.0.0/24 ! -o br-1 -j MASQUERADE
-A POSTROUTING -s 10.87.0.3/32 -m comment --comment "name: \"dagger\"" -j CNI-1a2b
COMMIT
*filter
:FORWARD ACCEPT [0:0]
:DOCKER-USER - [0:0]
-A FORWARD -j DOCKER-USER
-A FORWARD -s 10.87.0.0/16 -j ACCEPT
COMMIT
`
	const want = `*nat
-D PREROUTING -m addrtype --dst-type LOCAL -j DOCKER
-D POSTROUTING -s 10.213.0.0/24 ! -o br-1 -j MASQUERADE
-F DOCKER
-X DOCKER
COMMIT
*filter
-D FORWARD -j DOCKER-USER
-F DOCKER-USER
-X DOCKER-USER
COMMIT
`
	if got := undo(saved); got != want {
		t.Errorf("got\n%s", got)
	}
}
