package e2e

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// The fault table: what is killed, and during what. After each fault every write that postgres acknowledged is there,
// redis has lost at most the last second, and the stack, or the next up of it, is healthy.

// when are the moments at which something is killed; each returns when its moment has come.
var when = []struct {
	name string
	come func(w *writer)
}{
	{"idle", func(w *writer) { w.more() }},
	{"pgbench with 50 clients", func(w *writer) { w.pgbench(); w.more() }},
	{"a restart", func(w *writer) {
		agent := w.running("postgres")
		w.begin("restart", "--service", "postgres")
		w.eventually("a restart", func() bool { return w.status(agent).Phase == "restarting" })
	}},
}

// The agents start their processes again: the stack goes on.
func TestKilledChild(t *testing.T) {
	t.Parallel()
	s := plain(t)
	session := s.up()
	w := s.write()
	var faults []time.Time
	for _, moment := range when {
		for _, service := range []string{"postgres", "redis", "backend"} {
			if moment.name != "idle" && service != "postgres" {
				continue
			}
			old := s.child(service)
			moment.come(w)
			faults = append(faults, time.Now())
			// A restart may have ended the process by itself by now.
			syscall.Kill(old.pid, syscall.SIGKILL)
			s.untilHealthy(service, old)
			t.Logf("killed %s during %s", service, moment.name)
		}
		w.more()
	}
	w.pause()
	w.check(faults...)
	session.end()
	s.up()
	w.check(faults...)
}

// The container ends with its agent. The others of the stack go on, and it is plain what is missing.
func TestKilledAgent(t *testing.T) {
	t.Parallel()
	s := plain(t)
	session := s.up()
	w := s.write()
	for _, moment := range when {
		moment.come(w)
		fault := time.Now()
		s.signal(s.running("postgres"), syscall.SIGKILL)
		w.pause()
		for _, c := range []struct {
			want string
			call []string
		}{
			{"postgres  unhealthy  not running", []string{"health"}},
			{`service "postgres" does not run, though others of the stack do`, []string{"restart", "--service", "postgres"}},
		} {
			if text := s.fails(c.call...); !strings.Contains(text, c.want) {
				t.Errorf("%s after the agent's end during %s: %q, want %q in it", c.call[0], moment.name, text, c.want)
			}
		}
		// What has ended is one service: the ports of the others, and the API, are still there to say so.
		if code, body := s.get("api", "/api/v1/projects/"+s.name+"/health"); !strings.Contains(body, `"service":"postgres","health":"unhealthy"`) {
			t.Errorf("the API after the agent's end during %s: %d %s", moment.name, code, body)
		}
		if pong := s.redis("PING"); pong != "PONG" {
			t.Errorf("redis after the end of postgres' agent during %s: %q", moment.name, pong)
		}
		session.end()
		session = s.up()
		t.Logf("killed the agent during %s", moment.name)
		w.check(fault)
		w.resume()
	}
}

// ended waits until the engine has noticed that a CLI was killed, and has ended what that one started: 5 to 10 s.
func (s *stack) ended() {
	s.Helper()
	s.untilGone(services...)
}

// untilGone waits until none of the services has an agent.
func (s *stack) untilGone(services ...string) {
	s.Helper()
	s.eventually("the stack's end", func() bool {
		return !slices.ContainsFunc(services, func(service string) bool { _, there := s.agent(service); return there })
	})
}

// The engine ends what a lost session has started, without a warning.
func TestKilledCLI(t *testing.T) {
	t.Parallel()
	s := plain(t)
	session := s.up()
	w := s.write()
	for _, moment := range when {
		moment.come(w)
		fault := time.Now()
		session.kill()
		w.pause()
		s.ended()
		session = s.up()
		t.Logf("killed the CLI during %s", moment.name)
		w.check(fault)
		w.resume()
	}
}

// A database that is killed while it is being made is made anew.
func TestKilledDuringInitdb(t *testing.T) {
	t.Parallel()
	for _, victim := range []string{"child", "agent", "CLI"} {
		t.Run(victim, func(t *testing.T) {
			t.Parallel()
			s := plain(t)
			session := s.begin("up", "up")
			s.eventually("initdb", func() bool {
				for _, p := range s.processes("postgres") {
					if filepath.Base(p.args[0]) == "initdb" {
						return true
					}
				}
				return false
			})
			switch victim {
			case "child":
				s.signal(s.child("postgres"), syscall.SIGKILL)
			case "agent":
				s.signal(s.running("postgres"), syscall.SIGKILL)
			case "CLI":
				session.kill()
				s.ended()
			}
			if victim != "CLI" {
				<-session.exited
				if text := errorText(session.printed()); !strings.Contains(text, "postgres did not become healthy") {
					t.Errorf("the up that it happened to: %s", text)
				}
			}
			s.up()
			s.write().more()
			// The engine ends what a killed CLI has started after some seconds: initdb may be over by then.
			if text := s.ok("logs", "--service", "postgres", "--tail", "10000"); victim != "CLI" && !strings.Contains(text, "the first start of postgres never finished") {
				t.Errorf("logs: %s", tail(text))
			}
		})
	}
}

// A backend that does not work is unhealthy and says why, the rest of the stack goes on, and a restart brings it back.
func TestBackendThatHangs(t *testing.T) {
	t.Parallel()
	hook := listenForAlerts(t)
	s := plain(t, "--webhook", hook.url)
	s.up()
	for _, c := range []struct {
		name, says string
		spoil      func()
	}{
		{"suspended", "no answer within 3s", func() { s.signal(s.child("backend"), syscall.SIGSTOP) }},
		{"answers 500", "GET /health: 500", func() { s.get("backend", "/sick") }},
		{"hangs", "no answer within 3s", func() { s.get("backend", "/hang") }},
	} {
		agent, old := s.running("backend"), s.child("backend")
		c.spoil()
		s.eventually(c.name+": unhealthy", func() bool { return s.status(agent).Health == "unhealthy" })
		text := s.fails("health")
		for _, want := range []string{"postgres  healthy", "redis     healthy", "backend   unhealthy", "failed in a row: " + c.says} {
			if !strings.Contains(text, want) {
				t.Errorf("%s: health says %q, want %q in it", c.name, text, want)
			}
		}
		if text := s.ok("restart", "--service", "backend"); !strings.Contains(text, fmt.Sprintf("pid %d -> ", old.inside)) || strings.Contains(text, "killed") {
			t.Errorf("%s: %s", c.name, text)
		}
		hook.until(s, "unhealthy")
		hook.until(s, "recovered")
	}
	s.ok("health")
}

// One that never works fails its up when its start period is over.
func TestBackendThatNeverWorks(t *testing.T) {
	t.Parallel()
	for mode, says := range map[string]string{"sick": "backend did not become healthy: GET /health: 500", "hang": "backend did not become healthy: no answer within 3s"} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			s := newStack(t, "tests/fixtures/plain", "--backend-command", "python main.py "+mode)
			if text := s.fails("up"); !strings.Contains(text, says) || !strings.Contains(text, "its last lines") {
				t.Errorf("%s: %s", mode, text)
			}
			s.flags = []string{"--backend-command", "python main.py"}
			s.ok("up")
		})
	}
}

// One that works and exits after 3 s is started again, each time later; the databases go on.
func TestBackendThatExits3SecondsLater(t *testing.T) {
	t.Parallel()
	s := newStack(t, "tests/fixtures/plain", "--backend-command", "python main.py exit 3")
	session := s.up()
	agent := s.running("backend")
	s.eventually("three restarts", func() bool { return s.status(agent).Restarts >= 3 })
	text := s.ok("logs", "--service", "backend")
	for _, want := range []string{"exit code 3; starting it again in 100ms", "starting it again in 200ms", "starting it again in 400ms"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in the log\n%s", want, tail(text))
		}
	}
	s.ok("health", "--service", "postgres")
	session.end()
	s.flags = []string{"--backend-command", "python main.py"}
	s.ok("up")
}

// Of two ups at once exactly one wins, each of twenty times, and the data is whole.
func TestTwoUpsAtOnce(t *testing.T) {
	for i := range 4 {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			twoUpsAtOnce(t, 5)
		})
	}
}

func twoUpsAtOnce(t *testing.T, rounds int) {
	s := plain(t)
	var w *writer
	for round := range rounds {
		both := []*session{s.begin("up", "up"), s.begin("up", "up")}
		var won, lost *session
		s.eventually("one of the two ends", func() bool {
			for i, session := range both {
				select {
				case <-session.exited:
					won, lost = both[1-i], session
					return true
				case <-time.After(time.Millisecond):
				}
			}
			return false
		})
		if text := errorText(lost.printed()); !strings.Contains(text, fmt.Sprintf("stack %q is already running", s.name)) || !strings.Contains(text, "end it with dagger call --name "+s.name+" stop") {
			t.Fatalf("round %d: the loser says: %s\nthe winner: %s", round+1, text, tail(won.printed()))
		}
		won.untilPublished()
		if w == nil {
			w = s.write()
		} else {
			w.check()
			w.resume()
		}
		w.more()
		w.pause()
		won.end()
		t.Logf("round %d: the loser says: %s", round+1, errorText(lost.printed()))
	}
}
