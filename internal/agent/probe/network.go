package probe

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"

	"dagger/stack/internal/spec"
	"dagger/stack/internal/state"
)

// httpGet asks over the container's own address, as the other services do: a server that listens on 127.0.0.1
// alone answers itself and nobody else. The Host header says localhost, because frameworks refuse names and
// addresses they were not told about.
func httpGet(dial dial, get spec.HTTPGet) Func {
	client := &http.Client{
		Transport: &http.Transport{DisableKeepAlives: true, DialContext: dial.abruptly},
		// 3xx is an answer; where it leads is another service's matter.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return func(ctx context.Context) (output string, err error) {
		asked := "" // those that were answered with 404 before
		for _, path := range get.Paths {
			request, err := http.NewRequestWithContext(ctx, http.MethodGet, fmt.Sprintf("http://localhost:%d%s", get.Port, path), nil)
			if err != nil {
				return "", err
			}
			request.Header.Set("User-Agent", "stack-probe")
			response, err := client.Do(request)
			if err != nil {
				return "", errors.Unwrap(err)
			}
			body, _ := io.ReadAll(io.LimitReader(response.Body, state.OutputKept))
			response.Body.Close()
			answer := fmt.Sprintf("GET %s: %s", path, response.Status)
			output = asked + answer + "\n" + string(body)
			asked += answer + "; "
			if response.StatusCode != http.StatusNotFound {
				return verdict(get, response.StatusCode, output)
			}
		}
		return verdict(get, http.StatusNotFound, output)
	}
}

func verdict(get spec.HTTPGet, status int, output string) (string, error) {
	if status < 400 || get.Guessed && status < 500 {
		return output, nil
	}
	return output, errors.New(output)
}

// tcpSocket is healthy when the connection is accepted.
func tcpSocket(dial dial, port int) Func {
	return func(ctx context.Context) (string, error) {
		conn, err := dial(ctx, "tcp", "")
		if err != nil {
			return "", err
		}
		return "connected to port " + strconv.Itoa(port), conn.Close()
	}
}
