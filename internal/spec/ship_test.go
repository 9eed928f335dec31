package spec

import (
	"slices"
	"testing"
)

// A build for production loads code that wants its variables, and gets no secret.
func TestStandIns(t *testing.T) {
	t.Parallel()
	sensitive := func(name, text string) Variable {
		v := Env(name, text)
		v.Sensitive = true
		return v
	}
	s := Service{Process: Process{Env: []Variable{
		Env("PLAIN", "as it is"), // Bundled has it
		{Name: "SECRET_KEY", Value: Value{SecretPart("key", Plain)}},
		{Name: "DATABASE_URL", Value: Value{Text("postgresql://postgres:"), SecretPart("db", URL), Text("@postgres:5432/app")}},
		sensitive("STRIPE_KEY", "sk_live_1"),
		sensitive("SENTRY_DSN", "https://hidden@sentry.example.com/1?token=hidden"),
		sensitive("VITE_MAPS_KEY", "public-by-its-name"),
		{Name: "WORKERS", Value: Value{NumberPart(Number{Of: []Measure{{Limit: CPUs}}})}},
		{Name: "NODE_ENV", Value: Value{SecretPart("x", Plain)}},
		{Name: "GONE", Unset: true},
	}}}
	want := []string{
		"SECRET_KEY=build", "DATABASE_URL=postgresql://postgres:build@postgres:5432/app", "STRIPE_KEY=build",
		"SENTRY_DSN=https://build:build@sentry.example.com/1", "VITE_MAPS_KEY=public-by-its-name",
	}
	if got := s.StandIns(); !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}
