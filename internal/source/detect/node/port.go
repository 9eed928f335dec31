package node

import (
	"path"
	"strconv"
	"strings"

	"dagger/stack/internal/lazyregexp"
	"dagger/stack/internal/shell"
)

var (
	listening = lazyregexp.New(`(?:\.listen\(|\bserve\()\s*(?:\{[^}]*\bport:\s*)?(\d{2,5})\b`)
	constant  = lazyregexp.New(`(?m)^\s*(?:const|let|var)\s+(\w*(?i:port)\w*)\s*(?::\s*number\s*)?=\s*(\d{2,5})\s*;?\s*$`)
)

// listens is the port that the file which is run says as a number, whatever PORT says; 0 if there is none.
func (l look) listens(begin start) int {
	if begin.tool.name != "" { // it is told by flags
		return 0
	}
	for _, file := range sources(begin.command) {
		text := l.Read(file)
		if match := listening.FindStringSubmatch(text); match != nil {
			return number(match[1])
		}
		if match := constant.FindStringSubmatch(text); match != nil && strings.Contains(text, "listen("+match[1]) {
			return number(match[2])
		}
	}
	return 0
}

// sources are the files of which a command may run one. What a compiler makes lies in dist/, and comes from src/.
func sources(command []string) (files []string) {
	for _, word := range command[1:] {
		file := path.Clean(strings.TrimPrefix(word, "./"))
		files = append(files, file)
		if below, made := strings.CutPrefix(file, "dist/"); made {
			files = append(files, path.Join("src", strings.TrimSuffix(below, ".js")+".ts"))
		}
	}
	if shell.Base(command) == "nest" {
		files = append(files, "src/main.ts")
	}
	return files
}

func number(digits string) int {
	n, _ := strconv.Atoi(digits) // the patterns match digits alone
	return n
}
