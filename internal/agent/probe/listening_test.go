package probe

import (
	"net"
	"slices"
	"testing"
)

func TestListeners(t *testing.T) {
	const table = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 1 1 0 100 0 0 10 0
   1: 00000000:1388 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 2 1 0 100 0 0 10 0
   2: 00000000:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 3 1 0 100 0 0 10 0
   3: 0100007F:1F90 0100007F:9999 01 00000000:00000000 00:00000000 00000000  1000        0 4 1 0 100 0 0 10 0
   4: 00000000000000000000000001000000:1F91 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 5 1 0 100 0 0 10 0
   5: 00000000000000000000000000000000:1F92 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 6 1 0 100 0 0 10 0
   6: 0B00007F:9C40 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 7 1 0 100 0 0 10 0
   7: nonsense
`
	var got []string
	for _, address := range listeners(table, 1000) {
		got = append(got, address.String())
	}
	if want := []string{"127.0.0.1:8080", "0.0.0.0:5000", "[::1]:8081", "0.0.0.0:8082"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if all := listeners(table, anybody); len(all) != 5 {
		t.Errorf("of anybody: %v, want 5", all)
	}
}

func TestListens(t *testing.T) {
	for address, want := range map[string]bool{"127.0.0.1:0": false, "0.0.0.0:0": true} {
		l, err := net.Listen("tcp4", address)
		if err != nil {
			t.Fatal(err)
		}
		port := l.Addr().(*net.TCPAddr).Port
		if got := Listens([]int{1, port}); got != want {
			t.Errorf("%s: %v, want %v", address, got, want)
		}
		l.Close()
		if Listens([]int{port}) {
			t.Errorf("%s: closed, and still found", address)
		}
	}
}
