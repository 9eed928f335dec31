package probe

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"

	"dagger/stack/internal/spec"
	"dagger/stack/internal/state"
)

// httpGet asks over the container's own address, as the other services do: a server that listens on 127.0.0.1
// alone answers itself and nobody else. The Host header says localhost, because frameworks refuse names and
// addresses they were not told about. A server that speaks another language than it is asked in is recognised: where nobody has said
// how it is asked, it is asked in its own from then on.
func httpGet(dial dial, get spec.HTTPGet) Func {
	languages := languagesOf(dial)
	spoken, sure := 0, false
	if get.TLS {
		spoken = 1
	}
	return func(ctx context.Context) (string, error) {
		output, status, err := languages[spoken].get(ctx, get)
		understood := status != 0 && status != http.StatusBadRequest // what servers of TLS say to those without
		if sure || understood || silent(err) {
			sure = sure || err == nil
			return output, err
		}
		for i, other := range languages {
			if i == spoken {
				continue
			}
			otherOutput, status, otherErr := other.get(ctx, get)
			if status == 0 {
				continue
			}
			if !get.Guessed || get.TLS {
				return "", lastingError{fmt.Errorf("port %d speaks %s: ask it with with-health --probe %s", get.Port, other.name, other.flag(get)), ShortTimeout}
			}
			spoken, sure = i, otherErr == nil
			return otherOutput, otherErr
		}
		sure = err == nil
		return output, err
	}
}

// silent tells whether nobody was there to understand anything.
func silent(err error) bool {
	var lasting lastingError
	var dialing *net.OpError
	return errors.As(err, &lasting) || errors.As(err, &dialing) && dialing.Op == "dial" || errors.Is(err, context.DeadlineExceeded)
}

func verdict(get spec.HTTPGet, status int, output string) (string, int, error) {
	if status < 400 || get.Guessed && status < 500 {
		return output, status, nil
	}
	return output, status, errors.New(output)
}

// get asks for the paths, one after the other. A status of 0 is no answer.
func (l language) get(ctx context.Context, get spec.HTTPGet) (output string, status int, err error) {
	asked := "" // those that were answered with 404 before
	for _, path := range get.Paths {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, fmt.Sprintf("%s://localhost:%d%s", l.scheme, get.Port, path), nil)
		if err != nil {
			return "", 0, err
		}
		request.Header.Set("User-Agent", "stack-probe")
		response, err := l.client.Do(request)
		if err != nil {
			return "", 0, errors.Unwrap(err)
		}
		body, _ := io.ReadAll(io.LimitReader(response.Body, state.OutputKept))
		response.Body.Close()
		answer := fmt.Sprintf("GET %s: %s%s", path, response.Status, l.over)
		output = asked + answer + "\n" + string(body)
		asked += answer + "; "
		if response.StatusCode != http.StatusNotFound {
			return verdict(get, response.StatusCode, output)
		}
	}
	return verdict(get, http.StatusNotFound, output)
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
