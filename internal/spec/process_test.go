package spec

import (
	"encoding/json"
	"fmt"
	"syscall"
	"testing"
	"time"
)

func TestStop(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		process Process
		signal  syscall.Signal
		grace   time.Duration
	}{
		{Process{}, syscall.SIGTERM, 8 * time.Second},
		{Process{StopSignal: "SIGINT", StopGrace: Duration(time.Second)}, syscall.SIGINT, time.Second},
		{Process{StopSignal: "SIGNOTHING"}, syscall.SIGTERM, 8 * time.Second},
	} {
		if signal, grace := row.process.Signal(), row.process.Grace(); signal != row.signal || grace != row.grace {
			t.Errorf("%+v: %v %v, want %v %v", row.process, signal, grace, row.signal, row.grace)
		}
	}
}

func TestRestartWants(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		policy        RestartPolicy
		ended, failed bool
	}{
		{RestartNo, false, false},
		{RestartOnFailure, false, true},
		{RestartAlways, true, true},
		{"", false, true},
	} {
		r := Restart{Policy: row.policy}
		if ended, failed := r.Wants(0, 9), r.Wants(137, 9); ended != row.ended || failed != row.failed {
			t.Errorf("%q: %v %v, want %v %v", row.policy, ended, failed, row.ended, row.failed)
		}
	}
}

func TestMaxRetries(t *testing.T) {
	t.Parallel()
	r := Restart{Policy: RestartOnFailure, MaxRetries: 2}
	if !r.Wants(1, 1) || r.Wants(1, 2) || r.Wants(0, 0) {
		t.Error("on-failure:2 is two more tries after a failure")
	}
}

func TestDuration(t *testing.T) {
	t.Parallel()
	data, err := json.Marshal(Duration(1500 * time.Millisecond))
	if err != nil || string(data) != `"1.5s"` {
		t.Errorf("%s %v", data, err)
	}
	var got Duration
	if err := json.Unmarshal(data, &got); err != nil || got != Duration(1500*time.Millisecond) {
		t.Errorf("%v %v", got, err)
	}
	if err := json.Unmarshal([]byte(`"soon"`), &got); err == nil {
		t.Errorf("soon is %v", got)
	}
}

func TestNeeds(t *testing.T) {
	t.Parallel()
	s := Service{DependsOn: []Dependency{{Service: "b", Optional: true}, {Service: "a", Condition: Started}}}
	if got := fmt.Sprint(s.Needs()); got != "[b a]" {
		t.Errorf("needs %s", got)
	}
}
