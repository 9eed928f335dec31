//go:build root

package agent

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"dagger/stack/internal/protocol"
	"dagger/stack/internal/spec"
)

func TestStatusShowsPrivileges(t *testing.T) {
	s := newTest(t, script("sleep 60")).start().untilHealthy()
	p := s.Privileges
	if p == nil || len(p.UID) != 4 || p.UID[0] == 0 || p.GID[0] == 0 || len(p.Groups) != 0 || p.Capabilities != 0 || !p.NoNewPrivs || p.Seccomp != 2 {
		t.Errorf("%+v", p)
	}
}

func TestParsePrivileges(t *testing.T) {
	p, err := parsePrivileges("Name:\tx\nUid:\t1\t2\t3\t4\nGid:\t5\t6\t7\t8\nGroups:\t10 20 \nCapInh:\t0\nCapPrm:\t1\nCapEff:\t2\nCapBnd:\t000001ff00000000\nCapAmb:\t4\nNoNewPrivs:\t0\nSeccomp:\t1\n")
	if err != nil || p.UID[1] != 2 || p.GID[3] != 8 || len(p.Groups) != 2 || p.Groups[1] != 20 || p.Capabilities != 0x1ff00000007 || p.NoNewPrivs || p.Seccomp != 1 {
		t.Errorf("%+v, %v", p, err)
	}
	for _, text := range []string{"Uid:\tx\n", "CapEff:\tzz\n", "Seccomp:\t\n"} {
		if p, err := parsePrivileges(text); err == nil {
			t.Errorf("%q: %+v", text, p)
		}
	}
}

// What a service says reaches the log, the status and, in answers, other sessions: nowhere with a secret in it, in
// none of the forms in which it is usually printed.
func TestSecretsAreRedacted(t *testing.T) {
	const secret = `p@ss/wörd '1"`
	service := script(`echo "raw: $KEY"; echo "url: $URL"; echo "json: p@ss/wörd '1\\\"" >&2; echo 'query: p%40ss%2Fw%C3%B6rd+%271%22'; echo "sql: p@ss/wörd ''1\""; sleep 60`)
	service.Process.Env = []spec.Variable{
		{Name: "KEY", Value: spec.Value{spec.SecretPart("key", spec.Plain)}},
		{Name: "URL", Value: spec.Value{spec.Text("http://:"), spec.SecretPart("key", spec.URL), spec.Text("@x")}},
	}
	service.Probe = &spec.Probe{Exec: []string{"sh", "-c", `echo "$KEY and $URL"`}}
	service.Backup = &spec.Backup{File: "x", Dump: []string{"sh", "-c", `echo "$KEY" >&2; exit 5`}}
	r := newTest(t, service)
	if err := os.Mkdir(r.Secrets, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(r.Secrets, "key"), []byte(secret+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := r.start().untilHealthy()
	if got := s.Probes[0].Output; got != "*** and http://:***@x\n" {
		t.Errorf("the probe said %q", got)
	}
	r.until("all lines", func() bool { return strings.Count(r.logs(), "***") >= 5 })
	for _, want := range []string{"raw: ***", "url: http://:***@x", "json: ***", "query: ***", "sql: ***"} {
		if !strings.Contains(r.logs(), want) {
			t.Errorf("%q is not in the log:\n%s", want, r.logs())
		}
	}
	if err := r.ask(protocol.VerbDump, nil); err == nil || !strings.Contains(err.Error(), "exit code 5: ***") {
		t.Errorf("the answer is %v", err)
	}
}

func TestRedactTheBeginningOfASecretAtTheCut(t *testing.T) {
	a := &agent{secrets: forms("0123456789")}
	for text, want := range map[string]string{
		strings.Repeat("x", 4090) + "012345": strings.Repeat("x", 4090),
		"short 012345":                       "short 012345",
		"whole 0123456789.":                  "whole ***.",
	} {
		if got := a.redact(text); got != want {
			t.Errorf("%q: %q", text, got)
		}
	}
}
