package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/gomodule/redigo/redis"
	"github.com/jackc/pgx/v5"
)

// What a test asks of a stack's services, and what the stack says about them.

// get asks a published port over HTTP.
func (s *stack) get(service, path string) (status int, body string) {
	s.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), waitTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, fmt.Sprintf("http://127.0.0.1:%d%s", s.ports[service], path), nil)
	if err != nil {
		s.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		s.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		s.Fatal(err)
	}
	return response.StatusCode, string(text)
}

// env is a variable in the environment of the plain fixture's backend.
func (s *stack) env(name string) string {
	s.Helper()
	_, value := s.get("backend", "/env/"+name)
	return value
}

// databaseURL is where the published port leads.
func (s *stack) databaseURL() string {
	s.Helper()
	return strings.Replace(s.env("DATABASE_URL"), "@postgres:5432/", fmt.Sprintf("@127.0.0.1:%d/", s.ports["postgres"]), 1)
}

// sql runs one statement over the published port and returns the first value.
func (s *stack) sql(statement string) string {
	s.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, s.databaseURL())
	if err != nil {
		s.Fatal(err)
	}
	defer conn.Close(ctx)
	if !strings.HasPrefix(statement, "SELECT") {
		if _, err := conn.Exec(ctx, statement); err != nil {
			s.Fatal(err)
		}
		return ""
	}
	var value string
	if err := conn.QueryRow(ctx, statement).Scan(&value); err != nil {
		s.Fatal(err)
	}
	return value
}

// redis runs one command over the published port.
func (s *stack) redis(command string, args ...any) string {
	s.Helper()
	url := strings.Replace(s.env("REDIS_URL"), "@redis:6379", fmt.Sprintf("@127.0.0.1:%d", s.ports["redis"]), 1)
	conn, err := redis.DialURL(url)
	if err != nil {
		s.Fatal(err)
	}
	defer conn.Close()
	value, err := redis.String(conn.Do(command, args...))
	if err != nil && err != redis.ErrNil {
		s.Fatal(err)
	}
	return value
}

type report struct {
	Stack    string
	Healthy  bool
	Time     time.Time
	Services []serviceStatus
}

type serviceStatus struct {
	Service, Health, Phase string
	PID, Restarts          int
	FailingStreak          int
	Running                bool
	LastExit               struct{ Reason string }
	Usage                  struct{ OOMKills, MemoryPeak int64 }
}

func (s *stack) report(flags ...string) (r report) {
	s.Helper()
	if err := json.Unmarshal([]byte(s.ok(append([]string{"health", "--format", "json"}, flags...)...)), &r); err != nil {
		s.Fatal(err)
	}
	return r
}

func lines(text string) []string {
	text = strings.TrimRight(text, "\n")
	if text == "" {
		return nil
	}
	return strings.Split(text, "\n")
}
