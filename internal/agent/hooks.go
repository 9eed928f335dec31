package agent

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"dagger/stack/internal/spec"
	"dagger/stack/internal/state"
)

// hookTimeout bounds a hook. Setting a database's password needs it to replay its log first.
const hookTimeout = 5 * time.Minute

// runHooks runs the hooks whose secret is not the one of their last success, and after a login that was refused those for that.
// Fresh data needs none: the service sets itself up with the secrets of now.
func (a *agent) runHooks(env []string) error {
	if a.fresh {
		return nil
	}
	done := a.folder.Fingerprints()
	for _, hook := range a.Service.Hooks {
		if hook.Refused {
			if a.mending {
				if err := a.runHook(hook, env); err != nil {
					return err
				}
			}
			continue
		}
		print, err := a.fingerprint(hook.Secret)
		if err != nil {
			return err
		}
		if done[hook.Name] == print {
			continue
		}
		if err := a.runHook(hook, env); err != nil {
			return err
		}
		done[hook.Name] = print
		if err := a.folder.WriteFingerprints(done); err != nil {
			return err
		}
	}
	return nil
}

func (a *agent) runHook(hook spec.Hook, env []string) error {
	stdin, err := a.render.Render(hook.Stdin)
	if err != nil {
		return err
	}
	a.log.Note(hook.Name)
	ctx, cancel := context.WithTimeout(context.Background(), hookTimeout)
	defer cancel()
	output, code, err := a.runIn(ctx, nil, env, hook.Command, strings.NewReader(stdin))
	if err == nil && code != 0 {
		err = fmt.Errorf("exit code %d: %s", code, output)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", hook.Name, err)
	}
	return nil
}

// mend starts a service that has refused the login of its probe again, with its hooks for that before; false if there are none, or
// if they have not helped. Once it was healthy, it goes on: its user may be about to make what is missing.
func (a *agent) mend(refused state.Result) bool {
	for _, hook := range a.Service.Hooks {
		if hook.Refused && refused.Refused && a.status.Health == state.Starting && !a.mending && !a.fresh {
			a.mending = true
			a.log.Note(fmt.Sprintf("%s refused the login of its probe: %s", a.Service.Name, refused.Output))
			if err := errors.Join(a.folder.NewData(), a.learnData()); err != nil { // an empty database is other data
				a.log.Note(err.Error())
			}
			a.intent = again
			a.stop()
			return true
		}
	}
	return false
}

// noteHooks: fresh data was made with the secrets of now.
func (a *agent) noteHooks() {
	done := map[string]string{}
	for _, hook := range a.Service.Hooks {
		if print, err := a.fingerprint(hook.Secret); hook.Secret != "" && err == nil {
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
