//go:build root

package agent

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"dagger/stack/internal/agent/probe"
	"dagger/stack/internal/freeport"
	"dagger/stack/internal/recipe"
	"dagger/stack/internal/spec"
	"dagger/stack/internal/state"
)

// A service whose login a database refuses says so when it happens, in health and in the log; and where it goes on to be refused, its start
// fails long before its start period is over.
func TestRefusedLogin(t *testing.T) {
	db, cache := newPostgres(t), newRedis(t)
	db.start().untilHealthy()
	cache.start().untilHealthy()
	psql := func(user, password, database string) string {
		return fmt.Sprintf("PGPASSWORD=%s psql -h 127.0.0.1 -p %d -U %s %s -c 'SELECT 1'", password, db.port, user, database)
	}
	redis := func(options string) string { return fmt.Sprintf("redis-cli -p %d %s PING", cache.port, options) }
	for name, c := range map[string]struct{ client, want string }{
		"a wrong password":        {psql("postgres", "wrong", "app"), `(password authentication failed for user "postgres")`},
		"no such user":            {psql("ghost", "wrong", "app"), `(password authentication failed for user "ghost")`},
		"no such database":        {psql("postgres", db.secret(recipe.DBPassword), "shop"), `(database "shop" does not exist)`},
		"redis without password":  {redis(""), "(NOAUTH Authentication required.)"},
		"redis' wrong password":   {redis("--no-auth-warning -a wrong") + " >/dev/null", "(WRONGPASS invalid username-password pair"},
		"one that does not retry": {psql("postgres", "wrong", "app") + " || exit 4", `(password authentication failed for user "postgres")`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newTest(t, script("while :; do "+c.client+"; sleep 0.2; done"))
			r.Service.Process.Env = []spec.Variable{spec.Env("PATH", strings.TrimPrefix(path, "PATH=")), spec.Env("DATABASE_URL", "x"), spec.Env("REDIS_URL", "x")}
			r.Service.Process.Workdir = "/"
			r.Service.From = &spec.From{}
			r.Service.Probe = &spec.Probe{TCP: &spec.TCPSocket{Port: freeport.For(t)}, StartPeriod: spec.Duration(time.Hour)}
			r.start()
			want := "a service that it needs refuses its login " + c.want
			if strings.Contains(c.client, "exit") {
				if code := r.exitCode(); code != 4 || !strings.Contains(r.status().Reason(), "exit code 4: "+want) {
					t.Errorf("exit code %d: %s", code, r.status().Reason())
				}
				return
			}
			r.until("unhealthy", func() bool { return r.status().Health == state.Unhealthy })
			s := r.status()
			if !strings.Contains(s.Reason(), "connection refused: "+want) || !strings.Contains(s.Reason(), "of its variable ") || !strings.Contains(s.Reason(), c.want) {
				t.Errorf("reason %q", s.Reason())
			}
			if !slices.ContainsFunc(s.Notes, func(note string) bool { return strings.HasPrefix(note, want) }) || !strings.Contains(r.logs(), "[stack] "+want) {
				t.Errorf("notes %q, log:\n%s", s.Notes, r.logs())
			}
		})
	}
}

// One that says once that it was refused, and then hangs, has a start period all the same, of half a minute unless it is given one: what was
// refused may not matter to it. When that is over, the refusal is still what is told.
func TestRefusedOnce(t *testing.T) {
	r := newTest(t, script(`echo 'FATAL:  password authentication failed for user "app"'; exec sleep 60`))
	r.Service.From = &spec.From{}
	r.Service.Probe = &spec.Probe{Exec: []string{"false"}, StartPeriod: spec.Duration(300 * time.Millisecond)}
	r.start().until("unhealthy", func() bool { return r.status().Health == state.Unhealthy })
	if got := r.status().Reason(); !strings.Contains(got, "refuses its login") || strings.Contains(got, "--start-period") {
		t.Errorf("reason %q", got)
	}
	fails := func(period, between time.Duration) time.Duration {
		a := agent{Config: Config{Service: spec.Service{Probe: &spec.Probe{StartPeriod: spec.Duration(period)}}}}
		a.denials.refused(time.Unix(100, 0))
		a.denials.refused(time.Unix(100, 0).Add(between))
		result := state.Result{ExitCode: 1}
		a.bound(&result)
		return time.Duration(result.Timeout)
	}
	for _, c := range []struct{ period, between, want time.Duration }{
		{0, 0, probe.LongTimeout}, {0, probe.ShortTimeout, probe.ShortTimeout}, {time.Hour, time.Second, time.Hour}, {time.Hour, time.Minute, probe.ShortTimeout},
	} {
		if got := fails(c.period, c.between); got != c.want {
			t.Errorf("%+v: %s", c, got)
		}
	}
}
