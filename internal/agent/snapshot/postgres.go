package snapshot

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"dagger/stack/internal/protocol"
)

// Postgres keeps snapshots as template databases of the server itself: CREATE DATABASE copies one within the server. Its databases have
// a name that nobody else gives, and a comment that says what they are. Those without a comment were not finished: garbage.
type Postgres struct {
	URL      string // with a superuser's login and that database
	Instance string // of the agent: clones of another have outlived their stack

	conn *pgconn.PgConn // nil: none yet

	mu   sync.Mutex
	idle []*pgconn.PgConn // for what is done beside others
}

const (
	snapshotPrefix  = "stack_snapshot_"
	clonePrefix     = "stack_clone_"
	restoringPrefix = "stack_restoring_" // as a restore calls them
	replacedPrefix  = "stack_replaced_"
)

// mark is the comment of a database.
type mark struct {
	Snapshot string    `json:"snapshot"`
	Of       string    `json:"of"` // the database that it is a copy of
	Comment  string    `json:"comment,omitempty"`
	Time     time.Time `json:"time"`
	Clone    string    `json:"clone,omitempty"` // the instance of the agent that has made it; empty: it is a snapshot
	Spare    bool      `json:"spare,omitempty"` // a copy of a snapshot's database, for the next rollback to take
}

// held is a database of ours.
type held struct {
	name  string
	size  int64
	large bool
	mark
}

func (h held) is(snapshot string) bool { return h.Clone == "" && !h.Spare && h.Snapshot == snapshot }

// held are all databases of ours that are whole. The others, and clones of another stack, are dropped.
func (p *Postgres) held(ctx context.Context) (whole []held, err error) {
	rows, err := p.say(ctx, `SELECT datname, coalesce(shobj_description(oid, 'pg_database'), ''), pg_database_size(oid), `+large+` FROM pg_database
		WHERE datname ~ '^stack_(snapshot|clone|restoring|replaced)_' ORDER BY datname`)
	if err != nil {
		return nil, err
	}
	var garbage []string
	for _, row := range rows {
		h := held{name: row[0], size: number(row[2]), large: row[3] == "t"}
		if json.Unmarshal([]byte(row[1]), &h.mark) != nil || h.Snapshot == "" || h.Clone != "" && h.Clone != p.Instance {
			garbage = append(garbage, h.name)
			continue
		}
		whole = append(whole, h)
	}
	known := names(whole)
	whole = slices.DeleteFunc(whole, func(h held) bool {
		astray := h.Spare && !slices.Contains(known, h.Of)
		if astray {
			garbage = append(garbage, h.name)
		}
		return astray
	})
	return whole, p.drop(ctx, garbage...)
}

// Sweep drops what has outlived its stack.
func (p *Postgres) Sweep(ctx context.Context) error {
	_, err := p.held(ctx)
	return err
}

func (p *Postgres) List(ctx context.Context) ([]protocol.ServiceSnapshot, error) {
	all, err := p.held(ctx)
	return named(all), err
}

func named(all []held) (found []protocol.ServiceSnapshot) {
	all = slices.DeleteFunc(slices.Clone(all), func(h held) bool { return h.Spare })
	for _, h := range all {
		i := slices.IndexFunc(found, func(kept protocol.ServiceSnapshot) bool { return kept.Name == h.Snapshot })
		if i < 0 && h.Clone == "" {
			i = len(found)
			found = append(found, protocol.ServiceSnapshot{Name: h.Snapshot, Time: h.Time})
		}
		if h.Clone == "" {
			found[i].Size += h.size
		}
	}
	for _, h := range all {
		i := slices.IndexFunc(found, func(kept protocol.ServiceSnapshot) bool { return kept.Name == h.Snapshot })
		if h.Clone != "" && i >= 0 {
			found[i].Clones = append(found[i].Clones, h.name)
		}
	}
	return found
}

// ours leaves the databases of a server that are the user's.
const ours = `datallowconn AND NOT datistemplate AND datname !~ '^stack_(restoring|replaced|snapshot|clone)_'`

func (p *Postgres) Take(ctx context.Context, name string) (answer protocol.SnapshotAnswer, err error) {
	before, err := p.held(ctx)
	if err != nil {
		return answer, err
	}
	rows, err := p.say(ctx, `SELECT datname, coalesce(shobj_description(oid, 'pg_database'), ''), `+large+` FROM pg_database WHERE `+ours+` ORDER BY 1`)
	if err != nil {
		return answer, err
	}
	now := time.Now().UTC()
	var made []held
	var from []string
	for _, row := range rows {
		from = append(from, row[0])
		made = append(made, held{name: snapshotPrefix + random(), large: row[2] == "t", mark: mark{Snapshot: name, Of: row[0], Comment: row[1], Time: now}})
	}
	answer.Cut, err = p.whileCut(ctx, from, len(made), func(ctx context.Context) error {
		return p.copies(ctx, made)
	})
	if err != nil {
		return answer, errors.Join(err, p.drop(context.WithoutCancel(ctx), names(made)...))
	}
	finish := []string{}
	for _, h := range made {
		like, err := p.likeness(ctx, h.name, h.Of)
		if err != nil {
			return answer, err
		}
		finish = append(append(finish, like...), "ALTER DATABASE "+ident(h.name)+" WITH ALLOW_CONNECTIONS false IS_TEMPLATE true", h.comment())
	}
	for _, h := range before {
		if h.is(name) {
			finish = append(finish, "COMMENT ON DATABASE "+ident(h.name)+" IS NULL")
		}
	}
	if err := p.transaction(ctx, finish); err != nil {
		return answer, err
	}
	after, err := p.held(ctx)
	answer.Snapshots = slices.DeleteFunc(named(after), func(kept protocol.ServiceSnapshot) bool { return kept.Name != name })
	return answer, err
}

func (p *Postgres) Clone(ctx context.Context, name, database string, count int) (answer protocol.SnapshotAnswer, err error) {
	_, kept, err := p.find(ctx, name)
	if err != nil {
		return answer, err
	}
	address, err := url.Parse(p.URL)
	if err != nil {
		return answer, errors.New("the server's address is none") // the error quotes the password
	}
	database = cmp.Or(database, strings.TrimPrefix(address.Path, "/"))
	i := slices.IndexFunc(kept, func(h held) bool { return h.Of == database })
	if i < 0 {
		var has []string
		for _, h := range kept {
			has = append(has, h.Of)
		}
		return answer, protocol.Errorf(protocol.CodeInvalid, "the snapshot %q has no database %q: want one of %s", name, database, strings.Join(has, ", "))
	}
	var made []held
	for range count {
		h := held{name: clonePrefix + strings.ToLower(name) + "_" + random(), large: kept[i].large}
		h.mark = mark{Snapshot: name, Of: kept[i].name, Time: time.Now().UTC(), Clone: p.Instance}
		made = append(made, h)
	}
	if err := p.copiesOrNone(ctx, made); err != nil {
		return answer, err
	}
	var finish []string
	for _, h := range made {
		like, err := p.likeness(ctx, h.name, h.Of)
		if err != nil {
			return answer, err
		}
		finish = append(append(finish, like...), h.comment())
		address.Path, address.RawPath, address.RawQuery = "/"+h.name, "", ""
		answer.URLs = append(answer.URLs, address.String())
	}
	return answer, p.transaction(ctx, finish)
}

func (p *Postgres) Drop(ctx context.Context, name string, clones bool) (answer protocol.SnapshotAnswer, err error) {
	all, err := p.held(ctx)
	if err != nil {
		return answer, err
	}
	var dropped []string
	for _, h := range all {
		if !h.Spare && (h.Snapshot == name && (h.Clone != "" || !clones) || h.Clone != "" && h.name == name) {
			dropped = append(dropped, h.name)
		}
	}
	answer.Dropped = dropped
	if err := p.drop(ctx, dropped...); err != nil {
		return answer, err
	}
	return answer, p.Sweep(ctx) // of the snapshot's spare copies
}

func (h held) comment() string {
	text, _ := json.Marshal(h.mark) // texts and a time
	return "COMMENT ON DATABASE " + ident(h.name) + " IS " + literal(string(text))
}

func names(all []held) (names []string) {
	for _, h := range all {
		names = append(names, h.name)
	}
	return names
}

func random() string { return strings.ToLower(rand.Text()[:8]) }
