package snapshot

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"golang.org/x/sys/unix"

	"dagger/stack/internal/protocol"
)

// Rollback puts copies of the snapshot's databases in the place of those that there are, all at once. Those that it replaces are dropped
// by Prepare, after the answer.
func (p *Postgres) Rollback(ctx context.Context, name string) (answer protocol.SnapshotAnswer, err error) {
	all, kept, err := p.find(ctx, name)
	if err != nil {
		return answer, err
	}
	there, err := p.say(ctx, `SELECT datname FROM pg_database WHERE `+ours+` ORDER BY 1`)
	if err != nil {
		return answer, err
	}
	made, wanting := spares(all, kept)
	if err := p.copiesOrNone(ctx, wanting); err != nil {
		return answer, err
	}
	made = append(made, wanting...)
	var away, swap, inUse []string
	for _, h := range kept {
		copied := made[slices.IndexFunc(made, func(m held) bool { return m.Of == h.name })].name
		like, err := p.likeness(ctx, copied, h.name)
		if err != nil {
			return answer, err
		}
		if slices.ContainsFunc(there, func(row []string) bool { return row[0] == h.Of }) {
			away = append(away, "ALTER DATABASE "+ident(h.Of)+" RENAME TO "+ident(replacedPrefix+random()))
			inUse = append(inUse, h.Of)
		}
		comment := "NULL"
		if h.Comment != "" {
			comment = literal(h.Comment)
		}
		swap = append(append(swap, like...), "ALTER DATABASE "+ident(copied)+" RENAME TO "+ident(h.Of),
			"ALTER DATABASE "+ident(h.Of)+" WITH ALLOW_CONNECTIONS true", "COMMENT ON DATABASE "+ident(h.Of)+" IS "+comment)
	}
	for _, row := range there {
		if !slices.ContainsFunc(kept, func(h held) bool { return h.Of == row[0] }) {
			answer.Notes = append(answer.Notes, "not in the snapshot, and as it was: the database "+row[0])
		}
	}
	answer.Cut, err = p.whileCut(ctx, inUse, 1, func(ctx context.Context) error { return p.transaction(ctx, append(away, swap...)) })
	if err != nil {
		return answer, errors.Join(err, p.Sweep(context.WithoutCancel(ctx)))
	}
	return answer, nil
}

// find are all databases of ours, and those of them that are a snapshot.
func (p *Postgres) find(ctx context.Context, name string) (all, kept []held, err error) {
	if all, err = p.held(ctx); err != nil {
		return nil, nil, err
	}
	for _, h := range all {
		if h.is(name) {
			kept = append(kept, h)
		}
	}
	if len(kept) == 0 {
		return nil, nil, missing(name, named(all))
	}
	slices.SortFunc(kept, func(a, b held) int { return cmp.Compare(a.Of, b.Of) })
	return all, kept, nil
}

// spares are the copies of a snapshot's databases that there are, and those that are still to be made.
func spares(all, kept []held) (there, wanting []held) {
	for _, h := range kept {
		if i := slices.IndexFunc(all, func(s held) bool { return s.Spare && s.Of == h.name }); i >= 0 {
			there = append(there, all[i])
			continue
		}
		wanting = append(wanting, held{
			name: restoringPrefix + random(), size: h.size, large: h.large, mark: mark{Snapshot: h.Snapshot, Of: h.name, Time: h.Time, Spare: true},
		})
	}
	return there, wanting
}

const (
	// spareMost is the largest snapshot that is copied beforehand.
	spareMost = 1 << 30
	// spareRoom is how many times a snapshot has to fit on the disk for that: what runs is not to meet a full one.
	spareRoom = 4
)

// Prepare drops the databases that a rollback has replaced, and makes those that the next one will put in their place. There are spare copies of one snapshot at a time.
func (p *Postgres) Prepare(ctx context.Context, name string) error {
	all, kept, err := p.find(ctx, name)
	if err != nil {
		return err
	}
	var others []string
	for _, h := range all {
		if h.Spare && h.Snapshot != name {
			others = append(others, h.name)
		}
	}
	_, wanting := spares(all, kept)
	var size int64
	finish := []string{}
	for _, h := range wanting {
		size += h.size
		finish = append(finish, "ALTER DATABASE "+ident(h.name)+" WITH ALLOW_CONNECTIONS false", h.comment())
	}
	if err := p.drop(ctx, others...); err != nil || size > spareMost || size*spareRoom > p.room(ctx) {
		return err
	}
	if err := p.copiesOrNone(ctx, wanting); err != nil {
		return err
	}
	return p.transaction(ctx, finish)
}

// room is what is free where the server's data is; 0 if nobody knows.
func (p *Postgres) room(ctx context.Context) int64 {
	rows, err := p.say(ctx, "SHOW data_directory")
	if err != nil || len(rows) != 1 {
		return 0
	}
	var disk unix.Statfs_t
	if err := unix.Statfs(rows[0][0], &disk); err != nil {
		return 0
	}
	return int64(disk.Bavail) * disk.Bsize
}
