//go:build root

package agent

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"dagger/stack/internal/spec"
)

// A password that is an everyday word, or a name that the service has anyhow, does not shred the log; it is hidden where it stands as a
// password, and somebody is told.
func TestOrdinaryPasswords(t *testing.T) {
	for secret, ordinary := range map[string]bool{"postgres": true, "a": true, "shop": true, "thing": true, "Root": true, "hunter2": false, "correct-horse": false} {
		t.Run(secret, func(t *testing.T) {
			t.Parallel()
			r := newTest(t, script(`echo "the $PW database is ready; postgres://me:$PW@db/app password=$PW"; exec sleep 60`))
			r.Service.Process.Env = []spec.Variable{spec.Env("NAME", "shop"), {Name: "PW", Value: spec.Value{spec.SecretPart("pw", spec.Plain)}}}
			os.MkdirAll(r.Secrets, 0o700)
			if err := os.WriteFile(filepath.Join(r.Secrets, "pw"), []byte(secret), 0o600); err != nil {
				t.Fatal(err)
			}
			r.start().untilHealthy()
			want := "the *** database is ready; postgres://me:***@db/app password=***"
			if ordinary {
				want = "the " + secret + " database is ready; postgres://me***db/app ***"
			}
			r.until("its line", func() bool { return strings.Contains(r.logs(), "is ready") })
			if !strings.Contains(r.logs(), want) {
				t.Errorf("the log has no %q\n%s", want, r.logs())
			}
			told := slices.ContainsFunc(r.status().Notes, func(note string) bool { return strings.HasPrefix(note, "the secret pw is an everyday word") })
			if told != ordinary {
				t.Errorf("notes %q", r.status().Notes)
			}
		})
	}
}
