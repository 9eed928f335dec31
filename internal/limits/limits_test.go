package limits

import (
	"math"
	"testing"

	"dagger/stack/internal/spec"
)

func ptr[T any](v T) *T { return &v }

func TestParse(t *testing.T) {
	for _, c := range []struct {
		cpus   *float64
		memory string
		pids   *int
		want   spec.Limits
	}{
		{ptr(0.5), "", nil, spec.Limits{CPUs: 0.5}},
		{ptr(0.01), "", nil, spec.Limits{CPUs: 0.01}},
		{ptr(1024.0), "", nil, spec.Limits{CPUs: 1024}},
		{nil, "16MiB", nil, spec.Limits{Memory: 16 << 20}},
		{nil, "512MiB", nil, spec.Limits{Memory: 512 << 20}},
		{nil, "512 MiB", nil, spec.Limits{Memory: 512 << 20}},
		{nil, " 512mb ", nil, spec.Limits{Memory: 512 << 20}},
		{nil, "2g", nil, spec.Limits{Memory: 2 << 30}},
		{nil, "2GiB", nil, spec.Limits{Memory: 2 << 30}},
		{nil, "1.5G", nil, spec.Limits{Memory: 3 << 29}},
		{nil, "1t", nil, spec.Limits{Memory: 1 << 40}},
		{nil, "67108864", nil, spec.Limits{Memory: 64 << 20}},
		{nil, "", ptr(1), spec.Limits{Pids: 1}},
		{ptr(2.0), "1g", ptr(64), spec.Limits{CPUs: 2, Memory: 1 << 30, Pids: 64}},
	} {
		s, err := Parse("", c.cpus, c.memory, c.pids)
		if err != nil {
			t.Errorf("%+v: %v", c, err)
		}
		if got := s.Apply(spec.Limits{}); got != c.want {
			t.Errorf("%+v: got %+v", c, got)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for _, c := range []struct {
		cpus   *float64
		memory string
		pids   *int
		want   string
	}{
		{nil, "", nil, "no limit is given: want one or more of --cpus, --memory and --pids"},
		{ptr(0.0), "", nil, "cpus 0: want 0.01 to 1024 cores for --cpus, e.g. 0.5 or 2"},
		{ptr(-1.0), "", nil, "cpus -1: want 0.01 to 1024 cores for --cpus, e.g. 0.5 or 2"},
		{ptr(0.001), "", nil, "cpus 0.001: want 0.01 to 1024 cores for --cpus, e.g. 0.5 or 2"},
		{ptr(1024.5), "", nil, "cpus 1024.5: want 0.01 to 1024 cores for --cpus, e.g. 0.5 or 2"},
		{ptr(math.NaN()), "", nil, "cpus NaN: want 0.01 to 1024 cores for --cpus, e.g. 0.5 or 2"},
		{ptr(math.Inf(1)), "", nil, "cpus +Inf: want 0.01 to 1024 cores for --cpus, e.g. 0.5 or 2"},
		{nil, "15MiB", nil, `memory "15MiB": want 16 MiB to 1 PiB for --memory`},
		{nil, "0", nil, `memory "0": want 16 MiB to 1 PiB for --memory`},
		{nil, "512", nil, `memory "512": want 16 MiB to 1 PiB for --memory`},
		{nil, "1025p", nil, `memory "1025p": want 16 MiB to 1 PiB for --memory`},
		{nil, "99999999999999999999p", nil, `memory "99999999999999999999p": want 16 MiB to 1 PiB for --memory`},
		{nil, "-1g", nil, `memory "-1g": want a size such as 512MiB, 2g or 2GiB for --memory`},
		{nil, "lots", nil, `memory "lots": want a size such as 512MiB, 2g or 2GiB for --memory`},
		{nil, "2 gigs", nil, `memory "2 gigs": want a size such as 512MiB, 2g or 2GiB for --memory`},
		{nil, "", ptr(0), "pids 0: want 1 to 4194304 processes and threads for --pids"},
		{nil, "", ptr(-5), "pids -5: want 1 to 4194304 processes and threads for --pids"},
		{nil, "", ptr(4194305), "pids 4194305: want 1 to 4194304 processes and threads for --pids"},
	} {
		if _, err := Parse("", c.cpus, c.memory, c.pids); err == nil || err.Error() != c.want {
			t.Errorf("%+v: %v", c, err)
		}
	}
}

func TestLaterSettingsWin(t *testing.T) {
	got := spec.Limits{CPUs: 1, Memory: 1 << 30, Pids: 256}
	for _, setting := range []Setting{
		{CPUs: ptr(2.0)}, {Memory: ptr[int64](1 << 29)}, {Pids: ptr[int64](10), Memory: ptr[int64](1 << 28)}, {Pids: ptr[int64](20)}, {},
	} {
		got = setting.Apply(got)
	}
	if want := (spec.Limits{CPUs: 2, Memory: 1 << 28, Pids: 20}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}

func TestSize(t *testing.T) {
	for bytes, want := range map[int64]string{
		0: "0 B", 16 << 20: "16 MiB", 512 << 20: "512 MiB", 1 << 30: "1 GiB", 3 << 29: "1.5 GiB", 37_000_000: "35.29 MiB",
	} {
		if got := Size(bytes); got != want {
			t.Errorf("%d: %q, want %q", bytes, got, want)
		}
	}
}
