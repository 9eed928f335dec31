package main

import (
	"context"
	"fmt"
	"log"
	"strconv"
	"strings"
	"time"

	"dagger/stack/bench/machine"
	"dagger/stack/bench/side"
)

// watchBeside asks another stack all the time, and says at the end how often, and how often in vain.
func watchBeside(ctx context.Context, beside *side.Published) <-chan string {
	said := make(chan string, 1)
	go func() {
		asked, failed := 0, 0
		for ctx.Err() == nil {
			for _, target := range beside.Targets() {
				asking, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
				if _, err := target.Ask(asking); err != nil {
					failed++
					log.Printf("beside: %s: %v", target.Name, err)
				}
				cancel()
				asked++
			}
			time.Sleep(time.Second)
		}
		said <- fmt.Sprintf("%d, %d", asked, failed)
	}()
	return said
}

// parties are those between a client and a service, as they are at most while they are watched.
func watchMachine(ctx context.Context, flooded *side.Published) <-chan string {
	said := make(chan string, 1)
	names := []string{"gateway", "CLI", "engine"}
	go func() {
		peaks := map[string]use{}
		for ticker := time.Tick(time.Second); ; {
			now := machineNow(flooded)
			for name, is := range now {
				was := peaks[name]
				peaks[name] = use{max(was.files, is.files), max(was.kib, is.kib)}
			}
			select {
			case <-ctx.Done():
				var cells []string
				for _, name := range names {
					if peak, found := peaks[name]; found {
						cells = append(cells, fmt.Sprintf("%d MiB, %d files", peak.kib>>10, peak.files))
					} else {
						cells = append(cells, "–")
					}
				}
				said <- strings.Join(cells, " | ")
				return
			case <-ticker:
			}
		}
	}()
	return said
}

// machineNow looks at them.
func machineNow(flooded *side.Published) map[string]use {
	found := map[string]use{}
	all, _ := machine.Processes()
	for _, p := range all {
		switch name := p.Name(); {
		case p.PID == flooded.CLI():
			found["CLI"] = useOf(p.PID)
		case name == "engine" || name == "dagger-engine":
			if use := useOf(p.PID); use.files > found["engine"].files { // another may run beside it, with less to do
				found["engine"] = use
			}
		case name == "stack-agent" && len(p.Args) > 2 && p.Args[1] == "gateway" && strings.Contains(p.Args[2], strconv.Quote(flooded.Name())):
			found["gateway"] = useOf(p.PID)
		}
	}
	return found
}
