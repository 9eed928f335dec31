package e2e

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
)

// An order is taken by the backend, kept in the migrated database with its vector, and packed by the worker; the page's server hands requests on.
func TestExampleShop(t *testing.T) {
	t.Parallel()
	check := func(s *stack) {
		s.Helper()
		for _, item := range []string{"tea", "paper"} {
			response, err := http.Post(fmt.Sprintf("http://127.0.0.1:%d/api/orders", s.ports["frontend"]), "application/json", strings.NewReader(`{"item": "`+item+`"}`))
			if err != nil {
				s.Fatal(err)
			}
			response.Body.Close()
			if response.StatusCode != http.StatusCreated {
				s.Fatalf("the order is answered with %s", response.Status)
			}
		}
		s.eventually("the worker packs", func() bool {
			_, body := s.get("backend", "/api/orders")
			return strings.Contains(body, `"item":"tea","state":"packed"`)
		})
		if _, body := s.get("backend", "/api/orders/similar?item=black+tea"); !regexp.MustCompile(`^\[[^}]*"item":"tea"[^}]*},[^}]*"item":"paper"`).MatchString(body) {
			s.Errorf("similar to tea is %s", body)
		}
	}
	t.Run("detected", func(t *testing.T) {
		s := newStack(t, "examples/shop", "--source", "detect")
		session := s.up()
		worker := regexp.MustCompile(`worker +running .*worker \(Celery\)`)
		session.until("up tells of the worker", func() bool { return worker.MatchString(session.printed()) }) // a moment after it publishes
		check(s)
		session.end()
	})
	t.Run("compose", func(t *testing.T) {
		s := composedOf(t, "examples/shop", "backend:8000", "frontend:3000")
		session := s.upAll()
		check(s)
		session.end()
	})
}

func TestExampleDjango(t *testing.T) {
	t.Parallel()
	s := newStack(t, "examples/django")
	delete(s.ports, "frontend")
	s.up()
	s.answers("backend", "/?name=ada", `{"guests": ["ada"]}`)
}

func TestExampleNext(t *testing.T) {
	t.Parallel()
	s := newStack(t, "examples/next")
	delete(s.ports, "frontend")
	s.up()
	if status, body := s.get("backend", "/"); status != http.StatusOK || !regexp.MustCompile(`id="visits">\d+<`).MatchString(body) {
		t.Errorf("%d %s", status, body)
	}
}
