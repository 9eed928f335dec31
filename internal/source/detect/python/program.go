package python

import (
	"path"
	"strconv"
	"strings"

	"dagger/stack/internal/lazyregexp"
)

// serving matches a file that is a program and not only a module.
var serving = lazyregexp.New(`__name__\s*==\s*["']__main__["']|\.serve_forever\(|\brun_(?:app|forever)\(|\.run\(|\.launch\(`)

// program is a file of the folder with a server of its own, which can be run as it is.
func (l *look) program() string {
	for _, name := range []string{"main.py", "server.py", "app.py", "run.py"} {
		if serving.MatchString(l.Read(name)) {
			return name
		}
	}
	return ""
}

var (
	readsPort = lazyregexp.New(`["']PORT["']`)
	portSaid  = lazyregexp.New(`\b(?:server_)?port\s*=\s*(\d{2,5})\b|\.listen\((\d{2,5})\b|Server\(\(["'][^"']*["'],\s*(\d{2,5})\)`)
	// usual are ports of servers that read no variable for theirs, where the program says none.
	usual = []struct {
		calls *lazyregexp.Regexp
		port  int
	}{
		{lazyregexp.New(`\bweb\.run_app\(`), 8080}, // aiohttp
		{lazyregexp.New(`\bui\.run\(`), 8080},      // NiceGUI
	}
)

// listens is the port of a program that says it as a number, or whose server has its own; 0 if it reads PORT, or does not say.
func (l *look) listens(program string) int {
	text := l.Read(program)
	if readsPort.MatchString(text) {
		return 0
	}
	if match := portSaid.FindStringSubmatch(text); match != nil {
		port, _ := strconv.Atoi(strings.Join(match[1:], "")) // one of them matches, digits alone
		return port
	}
	for _, server := range usual {
		if server.calls.MatchString(text) {
			return server.port
		}
	}
	return 0
}

// runner is a package that serves a script of pages, by a program of its own.
type runner struct {
	name, pkg string
	imports   *lazyregexp.Regexp // what such a script imports
	files     []string           // what such a script is called, the likeliest first
	args      func(file, port string) []string
}

var runners = []runner{
	{"Streamlit", "streamlit", lazyregexp.New(`(?m)^\s*(?:import|from) streamlit\b`),
		[]string{"streamlit_app.py", "app.py", "main.py", "Home.py", "home.py", "Hello.py", "index.py", "ui.py", "frontend.py", "dashboard.py"},
		func(file, port string) []string {
			return []string{"python", "-m", "streamlit", "run", file, "--server.address", "0.0.0.0", "--server.port", port, "--server.headless", "true", "--browser.gatherUsageStats", "false"}
		}},
	{"Chainlit", "chainlit", lazyregexp.New(`(?m)^\s*(?:import|from) chainlit\b`), []string{"app.py", "main.py", "chat.py", "chainlit_app.py"},
		func(file, port string) []string {
			return []string{"python", "-m", "chainlit", "run", file, "--headless", "--host", "0.0.0.0", "--port", port}
		}},
}

// pages is the command for a script that such a package serves, and the script; nil without one.
func (l *look) pages(port string) (name, file string, command []string) {
	for _, r := range runners {
		if !l.build.has(r.pkg) {
			continue
		}
		for _, dir := range []string{".", "src", "app"} {
			for _, name := range r.files {
				file := path.Join(dir, name)
				if l.Has(file) && r.imports.MatchString(l.Read(file)) {
					return r.name, file, r.args(file, port)
				}
			}
		}
	}
	return "", "", nil
}
