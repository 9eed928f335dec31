package side

import (
	"context"
	"os"
	"path/filepath"
	"strconv"

	"dagger/stack/bench/outside"
)

// Alone is Dagger without anything of ours: as many of the same small servers, without a supervisor, probes, logs or
// limits. It says what of a stack's time is Dagger's own.
type Alone struct {
	root    string
	targets []outside.Target
	first   int
	n       int
	up      *started
}

// NewAlone is n servers.
func NewAlone(root string, n int) *Alone {
	const first = 17700
	return &Alone{root: root, n: n, first: first, targets: servers(n, first)}
}

func (a *Alone) Name() string                 { return "Dagger alone" }
func (a *Alone) Targets() []outside.Target    { return a.targets }
func (a *Alone) Said() string                 { return a.up.said() }
func (a *Alone) Failed() error                { return a.up.wait() }
func (a *Alone) Settle(context.Context) error { return nil }

func (a *Alone) Up(ctx context.Context) (err error) {
	a.up, err = tool{
		args: []string{"dagger", "--progress=plain", "-m", filepath.Join(a.root, "tests/fixtures/servers"), "call", "up"},
		env:  []string{"NO_COLOR=1", "DAGGER_NO_NAG=1", "DO_NOT_TRACK=1"},
	}.start(ctx, "--n", strconv.Itoa(a.n), "--first", strconv.Itoa(a.first), "up")
	return err
}

// Abandon interrupts the call, and with it ends all.
func (a *Alone) Abandon(context.Context) {
	if a.up != nil {
		a.up.cmd.Process.Signal(os.Interrupt)
		<-a.up.done
		a.up = nil
	}
}
