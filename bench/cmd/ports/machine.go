package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// use is what a process has.
type use struct {
	name  string
	files int
	kib   int
}

// parties are those between a client and a service.
var parties = map[string]string{"dagger": "CLI", "engine": "engine", "dagger-engine": "engine", "stack-agent gateway": "gateway"}

// machineNow looks at all parties on this machine.
func machineNow() map[string]use {
	found := map[string]use{}
	folders, _ := filepath.Glob("/proc/[0-9]*")
	for _, folder := range folders {
		text, err := os.ReadFile(folder + "/cmdline")
		if err != nil || len(text) == 0 {
			continue
		}
		words := strings.Split(string(text), "\x00")
		name := filepath.Base(words[0])
		if name == "stack-agent" && len(words) > 1 {
			name += " " + words[1]
		}
		if party, is := parties[name]; is {
			pid := filepath.Base(folder)
			found[pid] = use{party + " " + pid, countFiles(folder), anonymous(folder)}
		}
	}
	return found
}

func countFiles(folder string) int {
	entries, _ := os.ReadDir(folder + "/fd")
	return len(entries)
}

func anonymous(folder string) (kib int) {
	text, _ := os.ReadFile(folder + "/status")
	for line := range strings.Lines(string(text)) {
		if rest, found := strings.CutPrefix(line, "RssAnon:"); found {
			_, _ = fmt.Sscan(rest, &kib)
		}
	}
	return kib
}

// printMachine prints those that have other than before.
func printMachine(before, after map[string]use) {
	for pid, now := range after {
		was := before[pid]
		if d := now.files - was.files; d > 10 || d < -10 {
			fmt.Printf("  %s: %d files, were %d; %d MiB, were %d\n", now.name, now.files, was.files, now.kib>>10, was.kib>>10)
		}
	}
}
