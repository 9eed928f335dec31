package api

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"dagger/stack/internal/control"
	"dagger/stack/internal/protocol"
)

// plain refuses parameters where there are none.
func plain(next handler) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		if _, err := parameters(r); err != nil {
			return err
		}
		return next(w, r)
	}
}

// values are the parameters of a query.
type values map[string]string

// parameters reads a query. What is not known is an error: a misspelt one would otherwise be without effect, silently.
func parameters(r *http.Request, known ...string) (values, error) {
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, badRequest("query %q cannot be read: %v", r.URL.RawQuery, err)
	}
	return single(query, known...)
}

// single takes parameters that are given once.
func single(query url.Values, known ...string) (values, error) {
	found := values{}
	for name, given := range query {
		switch {
		case len(known) == 0:
			return nil, badRequest("parameter %q is not known: there is none here", name)
		case !slices.Contains(known, name):
			return nil, badRequest("parameter %q is not known: want one of %s", name, strings.Join(known, ", "))
		case len(given) > 1:
			return nil, badRequest("parameter %q is given %d times: want it once", name, len(given))
		}
		found[name] = given[0]
	}
	return found, nil
}

const defaultTail = 100

// tail is a number of lines.
func (v values) tail() (int, error) {
	text, given := v["tail"]
	if !given {
		return defaultTail, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > control.TailMax {
		return 0, badRequest("tail %q: want 1 to %d lines", text, control.TailMax)
	}
	return n, nil
}

func (v values) bool(name string) (bool, error) {
	text, given := v[name]
	if !given {
		return false, nil
	}
	on, err := strconv.ParseBool(text)
	if err != nil {
		return false, badRequest("%s %q: want true or false", name, text)
	}
	return on, nil
}

func badRequest(format string, args ...any) failure {
	return failure{http.StatusBadRequest, protocol.CodeInvalid, fmt.Sprintf(format, args...)}
}
