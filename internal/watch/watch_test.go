package watch

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// edited is a folder whose content changes at given times.
type edited struct {
	start   time.Time
	changes map[time.Duration]string // after the start
	took    time.Duration            // a look at all of it
	busy    time.Duration            // a bring
	failing error
	looks   int
	fails   int    // each so many looks one fails
	blind   bool   // what was edited last is not where the next edit is
	walked  string // what a look at all of it that goes on has seen
	waits   int    // looks at what was edited last that such a look has made fail
	last    string // that was brought, by any view
	brought []string
	at      []time.Duration
}

func (e *edited) now() string {
	content, last := "as it was", time.Duration(-1)
	for at, text := range e.changes {
		if at <= time.Since(e.start) && at > last {
			content, last = text, at
		}
	}
	return content
}

func (e *edited) bring(seen string) error {
	if seen != e.last {
		e.brought, e.at, e.last = append(e.brought, seen), append(e.at, time.Since(e.start)), seen
	}
	time.Sleep(e.busy)
	return e.failing
}

// all and recent are the views of the folder.
type (
	all struct {
		*edited
		seen string
	}
	recent struct {
		*edited
		seen string
	}
)

func (v *all) Look(context.Context) (string, error) {
	v.looks++
	v.seen = v.now()
	v.walked = v.seen
	time.Sleep(v.took)
	v.walked = ""
	if v.looks%v.fails == 0 {
		return "", errors.New("conflict: a file changed during sync")
	}
	return v.seen, nil
}

func (v *all) Bring(context.Context) error { return v.bring(v.seen) }

func (v *recent) Look(context.Context) (string, error) {
	time.Sleep(v.took / 50)
	if v.blind || len(v.brought) < 2 {
		return "", nil
	}
	v.seen = v.now()
	if v.walked != "" && v.walked != v.seen {
		v.waits++
		return "", errors.New("conflict: mod time changed during sync")
	}
	return v.seen, nil
}

func (v *recent) Bring(context.Context) error { return v.bring(v.seen) }

func (e *edited) watch(t *testing.T, long time.Duration) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), long)
	defer cancel()
	e.start, e.fails = time.Now(), cmp.Or(e.fails, 1<<30)
	return Run(ctx, &all{e, ""}, &recent{e, ""})
}

// The state at the start is brought, and then each change, once.
func TestEachChangeIsBroughtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		folder := &edited{changes: map[time.Duration]string{time.Second: "first", 3 * time.Second: "second"}}
		if err := folder.watch(t, 10*time.Second); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("it ended with %v", err)
		}
		if want := []string{"as it was", "first", "second"}; !slices.Equal(folder.brought, want) {
			t.Errorf("brought %q, want %q", folder.brought, want)
		}
	})
}

// Many saves that follow each other are one change, brought when they are over.
func TestManySavesAreOne(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		folder := &edited{changes: map[time.Duration]string{}}
		for i := range 30 {
			folder.changes[time.Second+time.Duration(i)*10*time.Millisecond] = string(rune('a' + i))
		}
		folder.changes[time.Second+300*time.Millisecond] = "all"
		_ = folder.watch(t, 5*time.Second)
		if want := []string{"as it was", "all"}; !slices.Equal(folder.brought, want) {
			t.Errorf("brought %q, want %q", folder.brought, want)
		}
	})
}

// What changes while a change is brought is brought next.
func TestChangeWhileAnotherIsBrought(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		folder := &edited{busy: 4 * time.Second, changes: map[time.Duration]string{5 * time.Second: "first", 7 * time.Second: "second"}}
		_ = folder.watch(t, 20*time.Second)
		if want := []string{"as it was", "first", "second"}; !slices.Equal(folder.brought, want) {
			t.Errorf("brought %q, want %q", folder.brought, want)
		}
	})
}

// An error of bringing is the end of watching.
func TestErrorEndsIt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		folder := &edited{failing: errors.New("the stack has ended")}
		if err := folder.watch(t, time.Minute); !errors.Is(err, folder.failing) {
			t.Errorf("it ended with %v", err)
		}
	})
}

// A look fails when a file changes meanwhile, and is tried again; one that always fails is an error.
func TestLooksThatFail(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		folder := &edited{fails: 2, changes: map[time.Duration]string{time.Second: "first"}}
		_ = folder.watch(t, 10*time.Second)
		if want := []string{"as it was", "first"}; !slices.Equal(folder.brought, want) {
			t.Errorf("brought %q, want %q", folder.brought, want)
		}
		if err := (&edited{fails: 1}).watch(t, time.Minute); err == nil || !strings.Contains(err.Error(), "conflict") {
			t.Errorf("looks that always fail: %v", err)
		}
	})
}

// The interval follows what a look costs, and how long nothing has changed.
func TestInterval(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		took, quiet, want time.Duration
	}{
		{10 * time.Millisecond, 0, 200 * time.Millisecond},
		{10 * time.Millisecond, 3 * time.Second, 200 * time.Millisecond},
		{10 * time.Millisecond, 10 * time.Second, 500 * time.Millisecond},
		{10 * time.Millisecond, time.Minute, 2 * time.Second},
		{10 * time.Millisecond, time.Hour, 2 * time.Second},
		{time.Second, 10 * time.Second, 3 * time.Second},
		{500 * time.Millisecond, 0, 1500 * time.Millisecond},
		{400 * time.Millisecond, time.Hour, 6400 * time.Millisecond},
	} {
		if got := interval(quick, test.took, test.quiet); got != test.want {
			t.Errorf("a look of %v, nothing changed for %v: %v, want %v", test.took, test.quiet, got, test.want)
		}
	}
}

// In a large folder what was edited last is seen sooner than the rest, which is seen, too.
func TestLargeFolder(t *testing.T) {
	t.Parallel()
	for blind, soon := range map[bool]time.Duration{false: 3 * time.Second, true: 15 * time.Second} {
		synctest.Test(t, func(t *testing.T) {
			folder := &edited{took: 2 * time.Second, blind: blind, changes: map[time.Duration]string{
				20 * time.Second: "first", 60 * time.Second: "second", 90 * time.Second: "third",
			}}
			_ = folder.watch(t, 2*time.Minute)
			if want := []string{"as it was", "first", "second", "third"}; !slices.Equal(folder.brought, want) {
				t.Fatalf("elsewhere %v: brought %q, want %q", blind, folder.brought, want)
			}
			if late := folder.at[3] - 90*time.Second; late > soon {
				t.Errorf("elsewhere %v: brought after %v, want %v at most", blind, late, soon)
			}
		})
	}
}

// What is saved while a look at all of a large folder goes on cannot be looked at until that look ends: it waits, and nothing fails.
func TestSavesDuringALongLook(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		folder := &edited{took: 5 * time.Second, changes: map[time.Duration]string{10 * time.Second: "first"}}
		for i := range 100 {
			folder.changes[time.Minute+time.Duration(i)*900*time.Millisecond] = fmt.Sprint(i)
		}
		if err := folder.watch(t, 3*time.Minute); !errors.Is(err, context.DeadlineExceeded) || folder.last != "99" {
			t.Errorf("it brought %q last, and ended with %v", folder.last, err)
		}
	})
}

// While somebody saves the same files again and again, all of a large folder is looked at now and then, and else waits for a lull.
func TestLooksWaitForALull(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		folder := &edited{took: 300 * time.Millisecond, changes: map[time.Duration]string{5 * time.Second: "first"}}
		for i := range 60 {
			folder.changes[10*time.Second+time.Duration(i)*1100*time.Millisecond] = fmt.Sprint(i)
		}
		_ = folder.watch(t, 80*time.Second)
		if looks := folder.looks; folder.last != "59" || folder.waits > 8 || looks < 15 {
			t.Errorf("brought %q last; %d looks at all of the folder, for which %d other looks waited", folder.last, looks, folder.waits)
		}
	})
}
