package e2e

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// many is how many stacks are there at once.
const many = 20

var (
	ownName  = regexp.MustCompile(`stack "([a-z0-9-]+)" is healthy`)
	apiToken = regexp.MustCompile(`\(token ([A-Z0-9]+)\)`)
	tunnel   = regexp.MustCompile(`tunnel 0\.0\.0\.0:(\d+) -> \S+:(\d+)`)
)

// tunnels are the ports of this machine that the CLI says it publishes, by those that they stand for.
func (s *session) tunnels() map[string]int {
	ports := map[string]int{}
	for _, match := range tunnel.FindAllStringSubmatch(s.printed(), -1) {
		ports[match[2]], _ = strconv.Atoi(match[1])
	}
	return ports
}

// Any number of stacks of one folder run at once: --ephemeral gives each a name, and --random ports that Dagger finds and says, of the
// services and of the API.
func TestManyStacks(t *testing.T) {
	t.Parallel()
	var all []*stack
	var begun sync.WaitGroup
	started := time.Now()
	names, ports := map[string]bool{}, map[int]bool{}
	for range many {
		s := &stack{TB: t, T: t, bare: true, project: filepath.Join(root, "examples/hello")}
		session := s.begin("--ephemeral", "up", "--service", "postgres,redis", "up", "--random")
		begun.Go(func() {
			for end := time.Now().Add(waitTimeout); len(session.tunnels()) < 3 && time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
			}
		})
		all = append(all, s)
	}
	begun.Wait()
	took := time.Since(started)
	for _, s := range all {
		session := s.sessions[0]
		session.until("ports and a name", func() bool { return len(session.tunnels()) == 3 && ownName.MatchString(session.printed()) })
		s.name = ownName.FindStringSubmatch(session.printed())[1]
		names[s.name] = true
		tunnels := session.tunnels()
		s.ports = map[string]int{"postgres": tunnels["5432"], "redis": tunnels["6379"], "api": tunnels["9002"]}
		for port := range maps.Values(s.ports) {
			ports[port] = true
		}
	}
	if len(names) != many || len(ports) != 3*many {
		t.Fatalf("%d names and %d ports", len(names), len(ports))
	}
	memory := 0
	for i, s := range all {
		s.bare, s.flags = false, nil
		if status, _ := s.get("api", "/api/v1/projects/"+s.name+"/health"); status != 200 {
			t.Errorf("health of %s: %d", s.name, status)
		}
		for _, service := range []string{"postgres", "redis"} {
			for _, p := range s.processes(service) {
				memory += p.memory()
			}
		}
		s.owned(func(conn *pgx.Conn) error {
			_, err := conn.Exec(t.Context(), fmt.Sprintf("CREATE TABLE mine AS SELECT %d AS id", i)) // fails where another has made it
			return err
		})
	}
	for i, s := range all {
		s.owned(func(conn *pgx.Conn) error {
			var id int
			err := conn.QueryRow(t.Context(), "SELECT id FROM mine").Scan(&id)
			if err == nil && id != i {
				err = fmt.Errorf("stack %d has the data of stack %d", i, id)
			}
			return err
		})
	}
	t.Logf("%d stacks healthy and published after %s; services and agents have %d MB, %.1f MB a stack", many, took.Round(time.Second), memory>>20, float64(memory)/many/(1<<20))
}

// owned does something in the stack's database, by the address that its API gives and the port that the CLI has said.
func (s *stack) owned(do func(*pgx.Conn) error) {
	s.Helper()
	match := apiToken.FindStringSubmatch(s.sessions[0].printed())
	request, err := http.NewRequestWithContext(s.Context(), http.MethodGet, fmt.Sprintf("http://127.0.0.1:%d/api/v1/projects/%s/urls", s.ports["api"], s.name), nil)
	if err != nil || match == nil {
		s.Fatal("no token", err)
	}
	request.Header.Set("Authorization", "Bearer "+match[1])
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		s.Fatal(err)
	}
	defer response.Body.Close()
	var reached struct {
		URLs []struct{ Service, HostURL string }
	}
	if err := json.NewDecoder(response.Body).Decode(&reached); err != nil || len(reached.URLs) == 0 {
		s.Fatal("no addresses", err)
	}
	address := strings.Replace(reached.URLs[0].HostURL, "localhost:5432", fmt.Sprintf("127.0.0.1:%d", s.ports["postgres"]), 1)
	conn, err := pgx.Connect(s.Context(), address)
	if err != nil {
		s.Fatal(err)
	}
	defer conn.Close(s.Context())
	if err := do(conn); err != nil {
		s.Error(err)
	}
}

// memory is what a process has of its own, and its share of what it shares.
func (p process) memory() int {
	text, _ := os.ReadFile(filepath.Join("/proc", strconv.Itoa(p.pid), "smaps_rollup"))
	for line := range strings.Lines(string(text)) {
		if fields := strings.Fields(line); len(fields) > 1 && fields[0] == "Pss:" {
			kilobytes, _ := strconv.Atoi(fields[1])
			return kilobytes << 10
		}
	}
	return 0
}
