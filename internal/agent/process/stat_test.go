package process

import (
	"os"
	"os/exec"
	"testing"
	"time"
)

func TestParseStat(t *testing.T) {
	text := "42 (a) (b) S 7 42 42 0 -1 4194560 100 200 0 0 150 50 10 20 20 0 3 0 99 1000000 256 18446744073709551615\n"
	got, ok := parseStat(text)
	want := Stat{PID: 42, Parent: 7, Session: 42, Threads: 3, CPUTime: 2300 * time.Millisecond, RSS: 256 * int64(os.Getpagesize())}
	if !ok || got != want {
		t.Errorf("%+v", got)
	}
	for _, text := range []string{"", "42", "42 (a", "42 a)", "42 (a) S 7"} {
		if got, ok := parseStat(text); ok {
			t.Errorf("%q: %+v", text, got)
		}
	}
}

func TestDescendants(t *testing.T) {
	shell := exec.Command("sh", "-c", "sh -c 'sleep 60 & sleep 60 & wait' & wait")
	if err := shell.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		for _, stat := range Descendants(os.Getpid()) {
			if process, err := os.FindProcess(stat.PID); err == nil {
				process.Kill()
			}
		}
		shell.Wait()
	}()
	for end := time.Now().Add(10 * time.Second); len(Descendants(shell.Process.Pid)) != 3; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%+v", Descendants(shell.Process.Pid))
		}
	}
}
