package build

import (
	"errors"
	"fmt"
	"strings"

	"dagger/stack/internal/dagger"
	"dagger/stack/internal/plain"
	"dagger/stack/internal/retry"
)

// Error says which service could not be built, and shows the end of what the failed command printed. It keeps
// no chain: an engine error inside would replace our words on their way to the caller (the generated code looks for
// one with errors.As).
func Error(name string, err error) error {
	if err == nil {
		return nil
	}
	var failed *dagger.ExecError
	if !errors.As(err, &failed) {
		return fmt.Errorf("%s: build failed: %s", name, plain.FirstLine(err.Error()))
	}
	output := strings.TrimSpace(failed.Stdout + "\n" + failed.Stderr)
	advice := ""
	if retry.Denied(output) {
		advice = fmt.Sprintf(" (a private registry wants a token: with-secret --service %s --name VARIABLE --secret env://VARIABLE --build gives it to the build)", name)
	}
	return fmt.Errorf("%s: build failed: %q ended with exit code %d%s:\n%s",
		name, plain.Command(failed.Cmd), failed.ExitCode, advice, plain.LastLines(output, plain.ErrorLines))
}

// forbidden is what an engine says that does not allow insecureRootCapabilities (buildkit's util/entitlements).
const forbidden = "security.insecure is not allowed"

// PrivilegeError says what to do about an engine that forbids what the services need.
func PrivilegeError(err error) error {
	if err == nil || !strings.Contains(err.Error(), forbidden) {
		return err
	}
	return errors.New("the stack cannot be started: this engine forbids insecureRootCapabilities, without which the kernel does not keep the limits: " +
		"allow it in the engine's configuration, or do without, with the flag --unprivileged")
}
