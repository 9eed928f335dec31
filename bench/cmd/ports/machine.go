package main

import (
	"fmt"
	"os"
	"strings"
)

// use is what a process has.
type use struct{ files, kib int }

func useOf(pid int) use {
	folder := fmt.Sprintf("/proc/%d", pid)
	entries, _ := os.ReadDir(folder + "/fd")
	return use{len(entries), anonymous(folder)}
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
