package agent

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"strings"
	"time"

	"dagger/stack/internal/spec"
)

// hookTimeout bounds a hook. Setting a database's password needs it to replay its log first.
const hookTimeout = 5 * time.Minute

// runHooks runs the hooks whose secret is not the one of their last success. Fresh data needs none: the service
// sets itself up with the secrets of now.
func (a *agent) runHooks(env []string) error {
	if a.fresh {
		return nil
	}
	done := a.folder.Fingerprints()
	for _, hook := range a.Service.Hooks {
		print, err := a.fingerprint(hook.Secret)
		if err != nil {
			return err
		}
		if done[hook.Name] == print {
			continue
		}
		stdin, err := a.render.Render(hook.Stdin)
		if err != nil {
			return err
		}
		a.log.Note(hook.Name)
		ctx, cancel := context.WithTimeout(context.Background(), hookTimeout)
		output, code, err := a.runIn(ctx, nil, env, hook.Command, strings.NewReader(stdin))
		cancel()
		if err == nil && code != 0 {
			err = fmt.Errorf("exit code %d: %s", code, output)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", hook.Name, err)
		}
		done[hook.Name] = print
		if err := a.folder.WriteFingerprints(done); err != nil {
			return err
		}
	}
	return nil
}

// noteHooks: fresh data was made with the secrets of now.
func (a *agent) noteHooks() {
	done := map[string]string{}
	for _, hook := range a.Service.Hooks {
		if print, err := a.fingerprint(hook.Secret); err == nil {
			done[hook.Name] = print
		}
	}
	if len(done) == 0 {
		return
	}
	if err := a.folder.WriteFingerprints(done); err != nil {
		a.log.Note(err.Error())
	}
}

// fingerprint tells whether a secret is the same as before without keeping it: a keyed hash, with a key that the
// stack keeps to itself.
func (a *agent) fingerprint(secret string) (string, error) {
	value, err := a.render.secret(spec.Secret{Name: secret})
	if err != nil {
		return "", err
	}
	key, err := a.State.Secret("fingerprint-key")
	if err != nil {
		return "", err
	}
	mac := hmac.New(sha256.New, key)
	io.WriteString(mac, value)
	return hex.EncodeToString(mac.Sum(nil)), nil
}

// run runs a command beside a process, as the same user and no less confined.
func (a *agent) run(ctx context.Context, beside *child, command []string) (output string, code int, err error) {
	env, err := a.environ()
	if err != nil {
		return "", 0, err
	}
	return a.runIn(ctx, beside, env, command, nil)
}

func (a *agent) runIn(ctx context.Context, beside *child, env, command []string, stdin io.Reader) (output string, code int, err error) {
	cmd, err := a.command(beside, command, env)
	if err != nil {
		return "", 0, err
	}
	return a.reaper.Output(ctx, cmd, stdin)
}
