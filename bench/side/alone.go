package side

import (
	"context"
	"path/filepath"
	"strconv"

	"dagger/stack/bench/outside"
)

// Alone is Dagger without anything of ours: as many of the same small servers, without a supervisor, probes, logs or
// limits. It says what of a stack's time is Dagger's own.
type Alone struct {
	held
	root    string
	targets []outside.Target
	first   int
	n       int
}

// NewAlone is n servers.
func NewAlone(root string, n int) *Alone {
	const first = 17700
	return &Alone{root: root, n: n, first: first, targets: servers(n, first)}
}

func (a *Alone) Name() string              { return "Dagger alone" }
func (a *Alone) Targets() []outside.Target { return a.targets }

func (a *Alone) Up(ctx context.Context) (err error) {
	a.up, err = tool{
		args: []string{"dagger", "--progress=plain", "-m", filepath.Join(a.root, "tests/fixtures/servers"), "call", "up"},
		env:  daggerEnv,
	}.start(ctx, "--n", strconv.Itoa(a.n), "--first", strconv.Itoa(a.first), "up")
	return err
}
