package project

import (
	"fmt"
	"testing"

	"dagger/stack/internal/spec"
)

func TestFlags(t *testing.T) {
	t.Parallel()
	got, err := Flags{
		Name: "worker", Contained: true, Command: `sh -c 'a | b'`, User: "me", Env: []string{"A=1", "B=x=y"}, Ports: []string{"8080:80", "81"},
		Needs: []string{"redis"}, NeededBy: []string{"backend"}, Data: []string{"/data"}, ProbePath: "/ok",
	}.Custom()
	refused(t, err, "")
	same(t, "flags", got, Custom{
		Name: "worker", Contained: true, Command: []string{"sh", "-c", "a | b"}, User: "me", Env: []spec.Variable{spec.Env("A", "1"), spec.Env("B", "x=y")},
		Ports: []spec.Port{{Container: 80, Published: 8080}, {Container: 81}}, Needs: []string{"redis"}, NeededBy: []string{"backend"}, Data: []string{"/data"},
		Probe: &spec.Probe{HTTP: &spec.HTTPGet{Port: 80, Paths: []string{"/ok"}}},
	})
	got, err = Flags{Name: "a", Like: "backend", ProbeCommand: "test -f x"}.Custom()
	refused(t, err, "")
	same(t, "few flags", got, Custom{Name: "a", Like: "backend", Probe: &spec.Probe{Exec: []string{"test", "-f", "x"}}})

	const shell = "needs a shell: give one program and its arguments, or wrap it as sh -c '…'"
	for _, row := range []struct {
		flags Flags
		want  string
	}{
		{Flags{Name: "X"}, `service name "X": want 1 to 40 characters of a-z, 0-9 and "-", the first a letter and the last not a "-"`},
		{Flags{Name: "x", Command: "a | b"}, `service x: command "a | b" ` + shell},
		{Flags{Name: "x", ProbeCommand: "a | b"}, `service x: command "a | b" ` + shell},
		{Flags{Name: "x", Env: []string{"A=1", "secret"}}, `service x: env "secret": want NAME=VALUE`},
		{Flags{Name: "x", Env: []string{"A-B=1"}}, `service x: variable name "A-B": want letters, digits and "_", the first not a digit`},
		{Flags{Name: "x", Ports: []string{"many"}}, `service x: port "many": want PORT or PUBLISHED:PORT, each 1 to 65535`},
		{Flags{Name: "x", Ports: []string{"1:80", "2:80"}}, "service x: port 80 is given twice"},
		{Flags{Name: "x", Ports: []string{"1:80", "1:81"}}, "service x: port 1 is published twice: publish each port under a number of its own"},
		{Flags{Name: "x", Ports: []string{"80", "81"}}, ""},
		{Flags{Name: "x", ProbePath: "/", ProbeTCP: 1}, "service x: more than one probe: want one of --probe-path, --probe-tcp and --probe-command"},
		{Flags{Name: "x", User: "root"}, `service x: user "root": no service runs as root: want another user of the image, or uid[:gid]`},
		{Flags{Name: "x", Data: []string{"data"}}, `service x: data folder "data": want an absolute path below "/", such as "/data"`},
	} {
		_, err := row.flags.Custom()
		refused(t, err, row.want)
	}
}

func TestRestart(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		policy, unhealthy, err string
	}{
		{"no", "none", ""},
		{"on-failure", "restart", ""},
		{"always", "none", ""},
		{"sometimes", "none", `restart policy "sometimes": want no, on-failure or always for --restart`},
		{"", "none", `restart policy "": want no, on-failure or always for --restart`},
		{"no", "reboot", `"reboot": want none or restart for --on-unhealthy`},
		{"no", "", `"": want none or restart for --on-unhealthy`},
	} {
		refused(t, CheckRestart(row.policy, row.unhealthy), row.err)
	}
}

func TestLog(t *testing.T) {
	t.Parallel()
	const size, files = "want 1MiB to 1GiB for --log-max-size", "want 2 to 100 for --log-max-files"
	for _, row := range []struct {
		size  string
		files int
		want  int64
		err   string
	}{
		{"16MiB", 4, 16 << 20, ""},
		{"1m", 2, 1 << 20, ""},
		{"1GiB", 100, 1 << 30, ""},
		{"1023KiB", 4, 0, `log size "1023KiB": ` + size},
		{"1.1GiB", 4, 0, `log size "1.1GiB": ` + size},
		{"large", 4, 0, `log size "large": ` + size},
		{"", 4, 0, `log size "": ` + size},
		{"1m", 1, 1 << 20, "1 log files: " + files},
		{"1m", 101, 1 << 20, "101 log files: " + files},
	} {
		got, _ := ParseLogSize(row.size)
		same(t, row.size, got, row.want)
		refused(t, CheckLog(row.size, row.files), row.err)
	}
}

func TestHealthPath(t *testing.T) {
	t.Parallel()
	for path, good := range map[string]bool{"": true, "/": true, "/healthz?full=1": true, "healthz": false, "http://localhost/": false, "*": false, "/a b\x7f": false} {
		want := ""
		if !good {
			want = fmt.Sprintf("health path %q of backend: want one that begins with \"/\", e.g. /healthz, for --backend-health-path", path)
		}
		refused(t, CheckHealthPath("backend", path), want)
	}
}

func TestImages(t *testing.T) {
	t.Parallel()
	check := func(image string) error { return CheckImage("redis", image, "redis:7-alpine") }
	for _, image := range []string{"redis", "redis:7", "example.org:5000/a/b@sha256:" + digest} {
		refused(t, check(image), "")
	}
	refused(t, check(""), `image "" of redis: invalid reference format: want one such as redis:7-alpine for --redis-image`)
	refused(t, check("Redis:7"),
		`image "Redis:7" of redis: invalid reference format: repository name (library/Redis) must be lowercase: want one such as redis:7-alpine for --redis-image`)
}

const digest = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

func TestPorts(t *testing.T) {
	t.Parallel()
	a := func(port int) PortFlag { return PortFlag{Service: "a", Port: port} }
	b := func(port int) PortFlag { return PortFlag{Service: "b", Port: port} }
	api := func(port int) PortFlag { return PortFlag{Service: "api", Port: port, Optional: true} }
	for _, row := range []struct {
		flags []PortFlag
		want  string
	}{
		{[]PortFlag{a(1), b(65535), api(0)}, ""},
		{[]PortFlag{a(0)}, "port 0 of a: want 1 to 65535 for --a-port"},
		{[]PortFlag{a(1), b(-1)}, "port -1 of b: want 1 to 65535 for --b-port"},
		{[]PortFlag{a(65536)}, "port 65536 of a: want 1 to 65535 for --a-port"},
		{[]PortFlag{api(65536)}, "port 65536 of api: want 1 to 65535 for --api-port"},
		{[]PortFlag{a(5), b(5)}, "port 5 is given to both a and b: give one of them another, with --a-port or --b-port"},
		{[]PortFlag{a(5), b(6), api(5)}, "port 5 is given to both a and api: give one of them another, with --a-port or --api-port"},
	} {
		refused(t, CheckPorts(row.flags...), row.want)
	}
}

func TestPublish(t *testing.T) {
	t.Parallel()
	const want = ": want SERVICE:PORT=PUBLISHED, e.g. web:80=8080, with numbers from 1 to 65535, or PUBLISHED 0 for a port that is not published"
	for text, parsed := range map[string]string{
		"web:80=8080": "web 80 8080", "a.b_C:1=65535": "a.b_C 1 65535", "web:80=0": "web 80 0",
		"web": "", "web:80": "", "web=80": "", ":80=8080": "", "web:0=8080": "", "web:80=65536": "", "web:80=": "", "web:x=1": "", "web:80=x": "",
	} {
		service, port, published, err := ParsePublish(text)
		if parsed == "" {
			refused(t, err, fmt.Sprintf("publish %q", text)+want)
			continue
		}
		refused(t, err, "")
		same(t, text, fmt.Sprint(service, " ", port, " ", published), parsed)
	}
}
