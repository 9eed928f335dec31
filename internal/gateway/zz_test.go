package gateway

import (
	"os"
	"runtime"
	"strconv"
	"testing"
)

func TestZZ(t *testing.T) {
	if os.Getenv("ZZ") == "" {
		return
	}
	n, _ := strconv.Atoi(os.Getenv("ZZ"))
	runtime.GOMAXPROCS(n)
	hub, err := Gateway{Routes: []Route{{Listen: 19100, Port: 19000}}}.New(here, Limits{Lines: 1 << 20, Port: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	hub.Serve(t.Context())
}
