package gateway

import (
	"os"
	"strconv"
	"testing"

	"golang.org/x/sys/unix"
)

// All threads are scheduled so, and those that are made later.
func TestInBatches(t *testing.T) {
	if err := InBatches(); err != nil {
		t.Fatal(err)
	}
	threads, err := os.ReadDir("/proc/self/task")
	if err != nil {
		t.Fatal(err)
	}
	for _, thread := range threads {
		id, _ := strconv.Atoi(thread.Name())
		attr, err := unix.SchedGetAttr(id, 0)
		if err == nil && attr.Policy != unix.SCHED_BATCH {
			t.Errorf("thread %d has policy %d", id, attr.Policy)
		}
	}
}
