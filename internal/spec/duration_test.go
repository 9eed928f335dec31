package spec

import (
	"testing"
	"time"
)

func TestRoughly(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0s", 59 * time.Second: "59s", 90 * time.Second: "1m", 3 * time.Hour: "3h", 47 * time.Hour: "47h", 100 * time.Hour: "4d",
	} {
		if got := Duration(d).Roughly(); got != want {
			t.Errorf("%s: %s, want %s", d, got, want)
		}
	}
}
