package main

import (
	"fmt"
	"testing"
)

func TestCaptured(t *testing.T) {
	const printed = `goos: linux
pkg: dagger/stack/bench
BenchmarkCapture/line=80/json-file-2         	  300000	      2000 ns/op	  40.00 MB/s	  500000 lines/s
BenchmarkCapture/line=80/logstore-2          	 3000000	       200 ns/op	 400.00 MB/s	 5000000 lines/s
BenchmarkCapture/line=80/logstore-2-secrets-2	 2000000	       250 ns/op	 320.00 MB/s	 4000000 lines/s
PASS
`
	var got string
	err := captured([]byte(printed), func(size, side string, rate float64) { got += fmt.Sprintln(size, side, rate/1e6) })
	if want := "80 docker compose 40\n80 stack 320\n"; err != nil || got != want {
		t.Errorf("got %q, %v", got, err)
	}
}
