package probe

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/http"

	"dagger/stack/internal/spec"
	"dagger/stack/internal/state"
)

// What gRPC's protocol of health checks says (github.com/grpc/grpc/blob/master/doc/health-checking.md): a request with the service's
// name in field 1, an answer with the status in field 1. gRPC's own library for these two messages would make each agent larger.
const (
	healthCheck   = "/grpc.health.v1.Health/Check"
	firstString   = 0x0a // field 1, a string
	firstNumber   = 0x08 // field 1, a number
	serving       = 1
	unimplemented = "12"
	unknownName   = "5"
)

// grpcHealth is healthy when the service says SERVING.
func grpcHealth(dial dial, check spec.GRPC) Func {
	client := client(secondVersion(dial))
	message := []byte{}
	if check.Service != "" {
		message = append(binary.AppendUvarint([]byte{firstString}, uint64(len(check.Service))), check.Service...)
	}
	frame := append(binary.BigEndian.AppendUint32([]byte{0}, uint32(len(message))), message...)
	return func(ctx context.Context) (string, error) {
		request, err := http.NewRequestWithContext(ctx, http.MethodPost, fmt.Sprintf("http://localhost:%d%s", check.Port, healthCheck), bytes.NewReader(frame))
		if err != nil {
			return "", err
		}
		request.Header = http.Header{"Content-Type": {"application/grpc"}, "Te": {"trailers"}, "User-Agent": {"stack-probe"}}
		response, err := client.Do(request)
		if err != nil {
			return "", errors.Unwrap(err)
		}
		defer response.Body.Close()
		body, err := io.ReadAll(io.LimitReader(response.Body, state.OutputKept))
		if err != nil {
			return "", err
		}
		return grpcVerdict(response, body, check)
	}
}

func grpcVerdict(response *http.Response, body []byte, check spec.GRPC) (string, error) {
	status := response.Trailer.Get("Grpc-Status") + response.Header.Get("Grpc-Status") // an answer without a message has it in the header
	switch {
	case status == unimplemented:
		return "", lastingError{fmt.Errorf("port %d speaks gRPC, and has no %s: register gRPC's health service, or ask whether the port is open, with --probe tcp:%d", check.Port, healthCheck, check.Port), LongTimeout}
	case status == unknownName:
		return "", fmt.Errorf("gRPC's health service does not know the service %q", check.Service)
	case status != "0":
		return "", fmt.Errorf("%s: HTTP status %s, gRPC status %q", healthCheck, response.Status, status)
	case len(body) == 7 && body[5] == firstNumber && body[6] == serving:
		return "SERVING", nil
	}
	return "", errors.New("gRPC's health service says that it is not SERVING")
}
