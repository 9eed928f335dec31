package project

import (
	"testing"

	"dagger/stack/internal/spec"
)

func TestRoutes(t *testing.T) {
	t.Parallel()
	databases := []Route{{5432, "postgres", 5432}, {6379, "redis", 6379}}
	for _, row := range []struct {
		name  string
		steps []step
		want  []Route
	}{
		{"as the source says", nil, append(databases, Route{8000, "backend", 9000})},
		{"published elsewhere", []step{override(Override{Service: "backend", Publish: 8080})}, append(databases, Route{8080, "backend", 9000})},
		{"taken out", []step{remove("backend")}, databases},
		{"some of a custom service's", []step{remove("backend"), add(with(worker(), func(c *Custom) {
			c.Ports = []spec.Port{{Container: 1}, {Container: 2, Published: 22}, {Container: 3, Published: 33}}
		}))}, append(databases, Route{22, "worker", 2}, Route{33, "worker", 3})},
		{"of one alone", []step{only("redis")}, databases[1:]},
		{"none", []step{add(worker()), only("worker")}, nil},
	} {
		t.Run(row.name, func(t *testing.T) { same(t, "routes", resolved(t, row.steps...).Routes(), row.want) })
	}
}

// A port of the host belongs to one service, whoever comes later.
func TestPortsConflict(t *testing.T) {
	t.Parallel()
	listens := func(name string, published ...int) step {
		c := Custom{Name: name, Contained: true}
		for i, port := range published {
			c.Ports = append(c.Ports, spec.Port{Container: 80 + i, Published: port})
		}
		return add(c)
	}
	publish := func(service string, port int) step { return override(Override{Service: service, Publish: port}) }
	noAPI := change(func(p *Project) { p.APIPort = 0 })
	for _, row := range []struct {
		name  string
		steps []step
		want  string
	}{
		{"a custom service on a port of the source", []step{listens("x", 5432)}, "service x: port 5432 is published by postgres already: choose another, or publish that one elsewhere"},
		{"the second port of a custom service", []step{listens("x", 1, 6379)}, "service x: port 6379 is published by redis already: choose another, or publish that one elsewhere"},
		{"two custom services", []step{listens("x", 1), listens("y", 1)}, "service y: port 1 is published by x already: choose another, or publish that one elsewhere"},
		{"the API's", []step{listens("x", 7777)}, "service x: port 7777 is published by the API already: choose another, or publish that one elsewhere"},
		{"the API's, without an API", []step{noAPI, listens("x", 7777), resolve()}, ""},
		{"not published", []step{listens("x", 0, 0), listens("y", 0), resolve()}, ""},
		{"a port that was left", []step{publish("postgres", 5433), listens("x", 5432), resolve()}, ""},
		{"a port that was moved to", []step{publish("postgres", 5433), listens("x", 5433)}, "service x: port 5433 is published by postgres already: choose another, or publish that one elsewhere"},
		{"a port that a custom service has moved to", []step{listens("x", 1), publish("x", 2), listens("y", 2)}, "service y: port 2 is published by x already: choose another, or publish that one elsewhere"},
		{"a port that a custom service has left", []step{listens("x", 1), publish("x", 2), listens("y", 1), resolve()}, ""},
		{"of what was taken out", []step{remove("postgres"), listens("x", 5432), resolve()}, ""},
		{"moved to one that is taken", []step{publish("postgres", 6379), resolve()}, "port 6379 is published by both postgres and redis: publish one of them elsewhere"},
		{"moved to a custom service's", []step{listens("x", 1), publish("backend", 1), resolve()}, "port 1 is published by both backend and x: publish one of them elsewhere"},
		{"moved to the API's", []step{publish("backend", 7777), resolve()}, "port 7777 is published by both the API and backend: publish one of them elsewhere"},
		{"all on one", []step{publish("", 5), resolve()}, "port 5 is published by both postgres and redis: publish one of them elsewhere"},
	} {
		t.Run(row.name, func(t *testing.T) {
			_, err := after(t, shop(), row.steps...)
			refused(t, err, row.want)
		})
	}
}
