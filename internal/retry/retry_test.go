package retry

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

// Texts of the engine (v0.21.8, seen) and of package managers, where the address is made up.
func TestTransient(t *testing.T) {
	const resolve = `failed to resolve image "127.0.0.1:18503/library/redis:7-alpine" (platform: "linux/amd64"): `
	const head = resolve + "unexpected status from HEAD request to http://127.0.0.1:18503/v2/library/redis/manifests/7-alpine: "
	for text, want := range map[string]bool{
		head + "503 Service Unavailable":   true,
		head + "500 Internal Server Error": true,
		head + "429 Too Many Requests":     true,
		head + "403 Forbidden":             false,
		resolve + "pull access denied, repository does not exist or may require authorization: authorization failed: no basic auth credentials":             false,
		resolve + "127.0.0.1:18404/library/redis:7-alpine: not found":                                                                                       false,
		resolve + `failed to do request: Head "http://127.0.0.1:18001/v2/library/redis/manifests/7-alpine": EOF`:                                            true,
		resolve + `failed to do request: Head "http://127.0.0.1:1/v2/x/y/manifests/1": dial tcp 127.0.0.1:1: connect: connection refused`:                   true,
		resolve + `failed to do request: Head "https://no-such-host.invalid/v2/x/y/manifests/1": dial tcp: lookup no-such-host.invalid: no such host`:       false,
		resolve + `failed to do request: Head "https://example.test/v2/x/manifests/1": net/http: TLS handshake timeout`:                                     true,
		resolve + `failed to do request: Head "https://example.test/v2/x/manifests/1": dial tcp: lookup example.test: Temporary failure in name resolution`: true,
		"backend: build failed: \"npm ci\" ended with exit code 1:\n  npm error code ECONNRESET\n  npm error network aborted":                               true,
		"backend: build failed: \"npm ci\" ended with exit code 1:\n  npm error code E404\n  npm error 404 Not Found - GET /left-pad":                       false,
		"backend: build failed: \"npm ci\" ended with exit code 1:\n  npm error code EUSAGE\n  npm error lock file out of date":                             false,
		"backend: build failed: \"pip install\" ended with exit code 2:\n  pip._vendor.urllib3.exceptions.ReadTimeoutError: Read timed out.":                true,
		"backend: build failed: \"pip install\" ended with exit code 1:\n  ERROR: No matching distribution found for nothing==9":                            false,
		"dockerfile parse error on line 2: unknown instruction: RNU":                                                                                        false,
		"failed to write layer: no space left on device":                                                                                                    false,
		"": false,
	} {
		if got := Transient(text); got != want {
			t.Errorf("%v, want %v: %s", got, want, text)
		}
	}
}

// tries runs Do with an operation that fails so often, and says how often it ran and how long was waited before each
// try. Time is not the machine's.
func tries(t *testing.T, ctx context.Context, failures int, failure error) (ran int, waits []time.Duration, err error) {
	t.Helper()
	begun := time.Now()
	_, err = Do(ctx, func() (int, error) {
		ran++
		waits = append(waits, time.Since(begun))
		begun = time.Now()
		if ran <= failures {
			return 0, failure
		}
		return 7, nil
	}, func(error, time.Duration) {})
	return ran, waits, err
}

var errPassing = errors.New("connection refused")

func TestWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ran, waits, err := tries(t, t.Context(), 3, errPassing)
		want := []time.Duration{0, time.Second, 2 * time.Second, 4 * time.Second}
		if err != nil || ran != 4 {
			t.Fatalf("%d tries, %v", ran, err)
		}
		for i := range want {
			if waits[i] != want[i] {
				t.Errorf("waited %v, want %v", waits, want)
			}
		}
	})
}

func TestGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		if ran, _, err := tries(t, t.Context(), 100, errPassing); ran != Retries+1 || !errors.Is(err, errPassing) {
			t.Errorf("%d tries, %v", ran, err)
		}
	})
}

func TestPermanentFailsAtOnce(t *testing.T) {
	wrong := errors.New("manifest unknown")
	if ran, _, err := tries(t, t.Context(), 100, wrong); ran != 1 || !errors.Is(err, wrong) {
		t.Errorf("%d tries, %v", ran, err)
	}
}

func TestCallerGoes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 1500*time.Millisecond)
		defer cancel()
		if ran, _, err := tries(t, ctx, 100, errPassing); ran != 2 || err == nil {
			t.Errorf("%d tries, %v", ran, err)
		}
	})
}

func TestDenied(t *testing.T) {
	t.Parallel()
	for output, want := range map[string]bool{
		"npm error code E401\nnpm error Unable to authenticate, your authentication token seems to be invalid.": true,
		"npm error Failed to replace env in config: ${NPM_TOKEN}":                                               true,
		"ERROR: 401 Client Error: Unauthorized for url: https://pypi.corp/simple/x/":                            true,
		"npm error code E404": false, "error: 4010 tests": false,
	} {
		if got := Denied(output); got != want {
			t.Errorf("%q: %v", output, got)
		}
	}
}
