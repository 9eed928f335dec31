// Package example is a test that uses package stacktest, as one of yours would: against examples/hello, a backend with its database
// and its redis. From the repository's root: STACK=$PWD go -C stacktest test ./example
package example

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/OWNER/stack/stacktest"
)

// Visits are counted, each test from the same number on.
func TestVisits(t *testing.T) {
	stack := stacktest.Up(t, stacktest.Options{Project: "../../examples/hello", Services: []string{"backend"}})
	stack.Snapshot(t, "clean")
	for _, browser := range []string{"Firefox", "Chromium"} {
		t.Run(browser, func(t *testing.T) {
			stack.Rollback(t, "clean")
			if visits := visit(t, stack.URL(t, "backend"), browser); visits != 1 {
				t.Errorf("the first visit is number %d", visits)
			}
		})
	}
}

// visit asks the backend to count a visit, and returns the number of visits in its database.
func visit(t *testing.T, backend, browser string) int {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, backend+"/api/visits", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("User-Agent", browser)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var counted struct{ Postgres int }
	if err := json.NewDecoder(response.Body).Decode(&counted); err != nil {
		t.Fatal(err)
	}
	return counted.Postgres
}
