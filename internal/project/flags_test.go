package project

import (
	"reflect"
	"strings"
	"testing"

	"dagger/stack/internal/spec"
)

func TestWords(t *testing.T) {
	t.Parallel()
	env := func(text string) error { _, err := ParseEnv(text); return err }
	port := func(text string) error { _, err := ParsePort(text); return err }
	data := func(text string) error { return CheckData(strings.Fields(text)) }
	const badName = `want 1 to 40 characters of a-z, 0-9 and "-", the first a letter and the last not a "-"`
	const badPort = "want PORT or PUBLISHED:PORT, each 1 to 65535"
	for _, row := range []struct {
		check func(string) error
		text  string
		err   string
	}{
		{CheckName, "worker", ""},
		{CheckName, "a", ""},
		{CheckName, "a-1", ""},
		{CheckName, strings.Repeat("a", 40), ""},
		{CheckName, strings.Repeat("a", 41), badName},
		{CheckName, "", `service name "": ` + badName},
		{CheckName, "Worker", badName},
		{CheckName, "1a", badName},
		{CheckName, "a-", badName},
		{CheckName, "a.b", badName},
		{CheckName, "../a", badName},
		{CheckName, "a\n", badName},
		{CheckName, "hosts", `service name "hosts" is reserved: choose another`},
		{env, "A=1", ""},
		{env, "_a1=x=y", ""},
		{env, "A=", ""},
		{env, "A", `env "A": want NAME=VALUE`},
		{env, "=1", `variable name "": want letters, digits and "_", the first not a digit`},
		{env, "1A=secret", `variable name "1A": want letters, digits and "_", the first not a digit`},
		{port, "80", ""},
		{port, "8080:80", ""},
		{port, "0", `port "0": ` + badPort},
		{port, "65536", badPort},
		{port, "80:", badPort},
		{port, ":80", badPort},
		{port, "1:2:3", badPort},
		{port, "http", badPort},
		{CheckUser, "", ""},
		{CheckUser, "1000:1000", ""},
		{CheckUser, "redis", ""},
		{CheckUser, "root", `user "root": no service runs as root: want another user of the image, or uid[:gid]`},
		{CheckUser, "0", "no service runs as root"},
		{CheckUser, "00:1", "no service runs as root"},
		{CheckUser, "root:staff", "no service runs as root"},
		{data, "/data /var/lib/x", ""},
		{data, "/data /database", ""},
		{data, "data", `data folder "data": want an absolute path below "/", such as "/data"`},
		{data, "/", "want an absolute path"},
		{data, "/data/..", "want an absolute path"},
		{data, "/data /data/x", `data folders "/data" and "/data/x" overlap: want folders that do not`},
		{data, "/data /data/", "overlap"},
	} {
		err := row.check(row.text)
		if row.err == "" && err != nil || row.err != "" && (err == nil || !strings.Contains(err.Error(), row.err)) {
			t.Errorf("%q: %v, want %q", row.text, err, row.err)
		}
	}
}

func TestProbe(t *testing.T) {
	t.Parallel()
	ports := []spec.Port{{Container: 80}, {Container: 81}}
	for _, row := range []struct {
		ports []spec.Port
		path  string
		tcp   int
		exec  []string
		want  *spec.Probe
		err   string
	}{
		{want: nil},
		{ports: ports, want: &spec.Probe{TCP: &spec.TCPSocket{Port: 80, Guessed: true}}},
		{ports: ports, path: "/ok", want: &spec.Probe{HTTP: &spec.HTTPGet{Port: 80, Paths: []string{"/ok"}}}},
		{ports: ports, tcp: 81, want: &spec.Probe{TCP: &spec.TCPSocket{Port: 81}}},
		{tcp: 90, want: &spec.Probe{TCP: &spec.TCPSocket{Port: 90}}},
		{exec: []string{"true"}, want: &spec.Probe{Exec: []string{"true"}}},
		{path: "/ok", err: `--probe-path "/ok" needs a port to ask on: give the service one with --port`},
		{ports: ports, path: "ok", err: `probe path "ok": want one that begins with "/"`},
		{tcp: 65536, err: "port 65536 to probe: want 1 to 65535 for --probe-tcp"},
		{tcp: -1, err: "port -1 to probe"},
		{ports: ports, tcp: 1, path: "/", err: "more than one probe: want one of --probe-path, --probe-tcp and --probe-command"},
	} {
		got, err := Probe(row.ports, row.path, row.tcp, row.exec)
		if row.err == "" && err != nil || row.err != "" && (err == nil || !strings.Contains(err.Error(), row.err)) {
			t.Errorf("%+v: %v", row, err)
		}
		if row.err == "" && !reflect.DeepEqual(got, row.want) {
			t.Errorf("%+v: got %+v", row, got)
		}
	}
}

func TestCheckDockerfiles(t *testing.T) {
	t.Parallel()
	if err := CheckDockerfiles(true, "", ""); err != nil {
		t.Error(err)
	}
	if err := CheckDockerfiles(false, "a", "b"); err != nil {
		t.Error(err)
	}
	if err := CheckDockerfiles(true, "", "x"); err == nil || !strings.Contains(err.Error(), "not both") {
		t.Error(err)
	}
}
