package main

import (
	"context"
	"fmt"
	"log"
	"strconv"
	"strings"

	"dagger/stack/bench/side"
)

const heading = "| clients | through | connections | answered | killed | refused | hang | another's | gateway | CLI | engine | asked beside, of that failed |\n" +
	"|---|---|---:|---:|---:|---:|---:|---:|---|---|---|---|"

// flood starts what is to be flooded, floods it, and prints the row.
func (o options) flood(ctx context.Context, kind string, flooded *side.Published, ports side.PublishedPorts, beside *side.Published) error {
	if err := start(ctx, flooded); err != nil {
		return err
	}
	defer flooded.Abandon(ctx)
	redis, postgres := side.Passwords()
	port := ports.Web
	switch kind {
	case "raw":
		port = ports.Echo
	case "redis":
		port, o.password = ports.Redis, redis
	case "postgres":
		port, o.password = ports.Postgres, postgres
	}
	o.ports = strconv.Itoa(port)
	watching, stop := context.WithCancel(ctx)
	defer stop()
	peaks, asked := watchMachine(watching, flooded), watchBeside(watching, beside)
	log.Printf("%s through %s", kind, flooded.Name())
	flooding, cancel := context.WithTimeout(ctx, o.limit)
	defer cancel()
	c := newCount()
	c.run(flooding, o, clients[kind])
	stop()
	cell := func(became outcome) string {
		n := c.n[became].Load()
		if n == 0 || became < refused {
			return fmt.Sprint(n)
		}
		return fmt.Sprintf("%d, first %d", n, c.first[became].Load())
	}
	through := flooded.Name()
	if strings.HasPrefix(through, "ports-") {
		through = "the gateway"
	}
	fmt.Printf("| %s | %s | %d | %s | %s | %s | %s | %s | %s | %s |\n", kind, through, c.all(), cell(served), cell(killed), cell(refused), cell(hung), cell(wrong), <-peaks, <-asked)
	for _, said := range c.said {
		log.Print(said)
	}
	if health, err := flooded.Health(ctx); through == "the gateway" {
		log.Printf("health: %v %s", err, lastLine(health))
	}
	return flooded.Down(ctx)
}

func lastLine(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return lines[len(lines)-1]
}
