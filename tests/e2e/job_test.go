package e2e

import (
	"regexp"
	"strings"
	"testing"
)

// A job runs once at each up, after what it needs and before who waits for it, and says how it ended. One that fails fails up.
func TestJobs(t *testing.T) {
	t.Parallel()
	seed := func(command string) []string {
		return []string{"with-job", "--name", "seed", "--like", "backend", "--command", command, "--before", "backend", "--env", "COLOUR=red"}
	}
	const counts = `python -c 'import os, pathlib; print("seeds", os.environ["COLOUR"], os.environ["DATABASE_URL"].split("@")[1], os.getcwd(), os.getuid(), flush=True)'`
	s := plain(t, seed(counts)...)
	session := s.up()
	session.until("the job in the table", func() bool { return regexp.MustCompile(`seed +completed`).MatchString(session.printed()) })
	if got := s.ok("logs", "--service", "seed"); !strings.Contains(got, "seeds red postgres:5432/app /app 1000") {
		t.Errorf("log of the job: %s", got)
	}
	if got := s.ok("health"); !regexp.MustCompile(`seed +completed +exited \(0\) .* exit code 0 after [0-9.]+m?s`).MatchString(got) {
		t.Errorf("health: %s", got)
	}
	t.Run("API", func(t *testing.T) {
		status, body := s.get("api", "/api/v1/projects/"+s.name+"/health")
		if status != 200 || !regexp.MustCompile(`"health":"completed","state":"exited".*"lastExit":\{"code":0,.*"took":[0-9.e-]+\}`).MatchString(body) {
			t.Errorf("%d %s", status, body)
		}
	})
	t.Run("restart runs it again", func(t *testing.T) {
		s.ok("restart", "--service", "seed")
		if got := strings.Count(s.ok("logs", "--service", "seed"), "seeds red"); got != 2 {
			t.Errorf("it ran %d times", got)
		}
	})
	session.end()
	s.ok("up", "--project-path", s.project)
	if got := strings.Count(s.ok("logs", "--service", "seed"), "seeds red"); got != 3 {
		t.Errorf("after a second up it ran %d times", got)
	}

	s.flags = append(s.flags[:2], seed(`sh -c "echo the last words; exit 4"`)...)
	text := s.fails("up", "--project-path", s.project)
	if !strings.Contains(text, "the job seed failed: it ended: exit code 4; its last lines:") || !strings.Contains(text, "the last words") {
		t.Errorf("a job that fails: %s", text)
	}
}
