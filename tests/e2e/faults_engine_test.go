package e2e

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// Faults of the table that are the engine's: nobody reads what agents print any more, and its disk is full.

// talker is a stack whose one service prints numbered lines without end, more than fit into a pipe.
func talker(t *testing.T) *stack {
	return described(t, `
services:
  talk:
    image: alpine
    command: [sh, -c, 'i=0; while :; do i=$$((i+1)); echo "line $$i of many, each of them long enough to fill a pipe soon"; [ $$((i%100)) != 0 ] || sleep 0.05; done']
`)
}

// last is the number of the last line that the service has printed. The last ones must be there without a gap.
func (s *stack) last() (number int) {
	s.Helper()
	for line := range strings.Lines(s.ok("logs", "--service", "talk", "--tail", "10000", "--grep", "^line ")) {
		n, err := strconv.Atoi(strings.Fields(line)[1])
		if err != nil || number != 0 && n != number+1 {
			s.Fatalf("after line %d comes %q", number, line)
		}
		number = n
	}
	return number
}

// The output of an agent ends at the container's runc: to kill that is to end the container, and nothing else can close the pipe. What can happen
// to it is that nobody reads: then the pipe is full, and the service, its log and its agent go on all the same.
func TestNobodyReads(t *testing.T) {
	t.Parallel()
	s := talker(t)
	session := s.begin("up", "--project-path", s.project, "up")
	s.eventually("the service prints", func() bool {
		agent, there := s.agent("talk")
		return there && s.status(agent).PID != 0
	})
	reader := process{pid: s.running("talk").parent}
	s.signal(reader, syscall.SIGSTOP)
	before := s.last()
	s.eventually("many more lines are in the log", func() bool { return s.last() > before+5000 })
	s.contains("health", s.ok("health", "--wait", "60s"), "talk", "healthy")
	s.signal(reader, syscall.SIGCONT)
	session.end()
}

// A CLI that is killed while a service prints takes no line from the log, and the next up begins as ever.
func TestKilledCLIWhileAServicePrints(t *testing.T) {
	t.Parallel()
	s := talker(t)
	session := s.begin("up", "--project-path", s.project, "up")
	session.until("the service prints", func() bool { return strings.Contains(session.printed(), "line 900 of many") })
	session.kill()
	s.untilGone("talk")
	if last := s.last(); last < 900 {
		t.Errorf("line %d is the last in the log, and 900 was seen", last)
	}
	if text := s.ok("logs", "--tail", "all"); strings.Contains(text, "SIGPIPE") {
		t.Errorf("the end of the CLI ended the service: %s", tail(text))
	}
	s.ok("up", "--project-path", s.project)
}

// engineOnDisk is an engine whose state is on a file system of its own, of that size.
func engineOnDisk(t *testing.T, name, size string) (e *engine, disk string) {
	t.Helper()
	disk = filepath.Join(engineHome(t), "instances", name, "state")
	file := filepath.Join(t.TempDir(), "disk")
	do := func(args ...string) {
		t.Helper()
		if out, err := exec.Command(args[0], args[1:]...).CombinedOutput(); err != nil {
			t.Fatalf("%q: %v\n%s", args, err, out)
		}
	}
	e = &engine{t, []string{"ENGINE_INSTANCE=" + name}}
	e.run("down")
	_ = syscall.Unmount(disk, syscall.MNT_DETACH) // of a run that was killed
	e.run("down", "--wipe")
	do("truncate", "--size", size, file)
	do("mke2fs", "-q", "-t", "ext4", "-m", "0", file)
	do("mkdir", "-p", disk)
	do("mount", "-o", "loop", file, disk)
	t.Cleanup(func() {
		e.run("down")
		do("umount", disk)
		e.run("down", "--wipe")
	})
	e.run("up")
	return e, disk
}

// fill leaves no room on a disk, until the returned function is called.
func fill(t *testing.T, disk string) (free func()) {
	t.Helper()
	ballast := filepath.Join(disk, "ballast")
	file, err := os.Create(ballast)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for size := 64 << 20; size >= 4<<10; size /= 2 {
		for block := make([]byte, size); err == nil; {
			_, err = file.Write(block)
		}
		if !errors.Is(err, syscall.ENOSPC) {
			t.Fatal(err)
		}
		err = nil
	}
	return func() {
		if err := os.Remove(ballast); err != nil {
			t.Error(err)
		}
	}
}

// A full disk of the engine ends no agent and loses nothing that was acknowledged. The API says what is the matter meanwhile, and when there is
// room again, all goes on by itself.
func TestFullEngine(t *testing.T) {
	t.Parallel()
	e, disk := engineOnDisk(t, "full", "8G")
	s := plain(t)
	s.on(e)
	session := s.up()
	w := s.write()
	w.more()
	agents := map[string]int{"postgres": s.running("postgres").pid, "redis": s.running("redis").pid, "backend": s.running("backend").pid}
	health := func(wanted ...string) bool {
		_, body := s.get("api", "/api/v1/projects/"+s.name+"/health")
		return !slices.ContainsFunc(wanted, func(want string) bool { return !strings.Contains(body, want) })
	}
	for round := range 2 {
		free := fill(t, disk)
		s.eventually("the API says that the disk is full", func() bool { return health(`"healthy":false`, "the engine's disk is full (") })
		if round == 1 { // a database that has to recover where it cannot write
			s.signal(s.child("postgres"), syscall.SIGKILL)
		}
		w.pause()
		w.resume() // those that wait for an answer begin anew
		if round == 1 {
			s.eventually("postgres does not recover", func() bool { return !health(`"service":"postgres","health":"healthy"`) })
		}
		free()
		s.eventually("healthy with room", func() bool { return health(`"healthy":true`) && !health("disk is full") })
		w.more()
		w.pause()
		w.check()
		w.resume()
		for service, pid := range agents {
			if now := s.running(service); now.pid != pid {
				t.Errorf("round %d: the agent of %s was %d, and is %s", round, service, pid, strconv.Itoa(now.pid))
			}
		}
	}
	w.pause()
	session.end()
	s.up()
	w.check()
}
