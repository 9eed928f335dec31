//go:build root

package agent

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"dagger/stack/internal/protocol"
	"dagger/stack/internal/recipe"
	"dagger/stack/internal/socket"
	"dagger/stack/internal/spec"
)

func (d *database) snapshot(args protocol.SnapshotArgs) (answer protocol.SnapshotAnswer, err error) {
	d.Helper()
	err = socket.Ask(context.Background(), d.folder, protocol.VerbSnapshot, args, &answer, time.Minute)
	return answer, err
}

func (d *database) must(args protocol.SnapshotArgs) protocol.SnapshotAnswer {
	d.Helper()
	answer, err := d.snapshot(args)
	if err != nil {
		d.Fatalf("%s %s: %v", args.Act, args.Name, err)
	}
	return answer
}

// Databases come back as they were, with their rights and settings, under clients that connect again at once; what a killed agent has
// left half made is gone.
func TestPostgresSnapshots(t *testing.T) {
	d := newPostgres(t)
	d.start().untilHealthy()
	password := d.secret("db-password")
	in := func(name string, statements ...string) string {
		t.Helper()
		value, err := d.in("postgres", password, name, statements...)
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
	in("app", "CREATE TABLE kept AS SELECT generate_series(1, 100) AS id", "CREATE ROLE reader LOGIN PASSWORD 'readerpw'",
		"CREATE DATABASE \"O'dd\" OWNER reader", "REVOKE CONNECT ON DATABASE app FROM PUBLIC", "GRANT CREATE ON DATABASE app TO reader",
		"ALTER DATABASE app SET search_path = private, public", "COMMENT ON DATABASE app IS 'it''s mine'", "ALTER DATABASE app CONNECTION LIMIT 50")
	in("O%27dd", "CREATE TABLE facts AS SELECT 1 AS x")

	stop, cuts := d.reconnecting(password)
	taken := d.must(protocol.SnapshotArgs{Act: protocol.SnapshotTake, Name: "clean"})
	if len(taken.Snapshots) != 1 || taken.Snapshots[0].Name != "clean" || taken.Snapshots[0].Size < 1<<20 || taken.Cut == 0 {
		t.Errorf("taken: %+v", taken)
	}
	in("app", "DROP TABLE kept", "ALTER DATABASE app RESET ALL", "ALTER DATABASE app CONNECTION LIMIT -1", "CREATE DATABASE later")
	in("postgres", "DROP DATABASE \"O'dd\"", "CREATE DATABASE stack_snapshot_halfmade", "CREATE DATABASE stack_restoring_halfmade")
	before := d.status().Data
	rolled := d.must(protocol.SnapshotArgs{Act: protocol.SnapshotRollback, Name: "clean"})
	stop()
	if strings.Join(rolled.Notes, "; ") != "not in the snapshot, and as it was: the database later" || rolled.Cut == 0 || cuts() == 0 {
		t.Errorf("rolled back: %+v, a client was cut %d times", rolled, cuts())
	}
	d.until("other data", func() bool { return d.status().Data != before })
	d.until("what was replaced is gone, and the next rollback is prepared", func() bool {
		return in("postgres", "SELECT string_agg(DISTINCT substr(datname, 1, 9), ' ') || count(*) FROM pg_database WHERE datname ~ '^stack_'") == "stack_res stack_sna6"
	})
	for _, row := range []struct{ name, query, want string }{
		{"app", "SELECT count(*) FROM public.kept", "100"},
		{"app", "SHOW search_path", "private, public"},
		{"app", "SELECT has_database_privilege('reader', 'app', 'CREATE') || ' ' || has_database_privilege('reader', 'app', 'CONNECT')", "true false"},
		{"app", "SELECT shobj_description(oid, 'pg_database') || ' ' || datconnlimit FROM pg_database WHERE datname = 'app'", "it's mine 50"},
		{"app", "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = 'O''dd'", "reader"},
		{"O%27dd", "SELECT x FROM facts", "1"},
		{"postgres", "SELECT string_agg(datname, ' ' ORDER BY datname) FROM pg_database WHERE datallowconn AND NOT datistemplate", "O'dd app later postgres"},
	} {
		if got := in(row.name, row.query); got != row.want {
			t.Errorf("%s in %s: %q, want %q", row.query, row.name, got, row.want)
		}
	}

	// One of the same name takes its place, and is the one that comes back.
	in("app", "CREATE TABLE public.more (id int)")
	d.must(protocol.SnapshotArgs{Act: protocol.SnapshotTake, Name: "clean"})
	in("app", "DROP TABLE public.more")
	d.must(protocol.SnapshotArgs{Act: protocol.SnapshotRollback, Name: "clean"})
	if got := in("app", "SELECT count(*) FROM public.more"); got != "0" {
		t.Errorf("the second: %s", got)
	}
	for _, c := range []struct {
		args protocol.SnapshotArgs
		want string
	}{
		{protocol.SnapshotArgs{Act: protocol.SnapshotRollback, Name: "other"}, `there is no snapshot "other": want one of clean`},
		{protocol.SnapshotArgs{Act: protocol.SnapshotClone, Name: "clean", Count: 1, Database: "none"}, `the snapshot "clean" has no database "none": want one of O'dd, app, later, postgres`},
	} {
		if _, err := d.snapshot(c.args); err == nil || err.Error() != c.want || protocol.CodeOf(err) != protocol.CodeInvalid {
			t.Errorf("%+v: %v", c.args, err)
		}
	}

	d.end()
	d.again()
	d.untilHealthy()
	if got := d.must(protocol.SnapshotArgs{Act: protocol.SnapshotList}); len(got.Snapshots) != 1 {
		t.Errorf("after a restart: %+v", got)
	}
	dumped := protocol.DumpResult{}
	if err := d.ask(protocol.VerbDump, &dumped); err != nil || len(dumped.Notes) != 0 {
		t.Errorf("a backup beside a snapshot: %+v, %v", dumped, err)
	}
	d.must(protocol.SnapshotArgs{Act: protocol.SnapshotDrop, Name: "clean"})
	if got := in("postgres", "SELECT count(*) FROM pg_database WHERE datname ~ '^stack_'"); got != "0" {
		t.Errorf("%s databases are left", got)
	}
}

// After a rollback the next one is prepared: it takes databases that are there, of the last snapshot alone.
func TestPostgresSpareCopies(t *testing.T) {
	d := newPostgres(t)
	d.start().untilHealthy()
	d.sql("CREATE TABLE kept AS SELECT generate_series(1, 100) AS id")
	d.must(protocol.SnapshotArgs{Act: protocol.SnapshotTake, Name: "clean"})
	d.sql("CREATE TABLE more (id int)")
	d.must(protocol.SnapshotArgs{Act: protocol.SnapshotTake, Name: "other"})
	size := d.must(protocol.SnapshotArgs{Act: protocol.SnapshotList}).Snapshots[0].Size

	// spares are the databases that wait for the next rollback to a snapshot, when they are complete and alone.
	spares := func(of string) (found string) {
		t.Helper()
		d.until("the spare copies of "+of, func() bool {
			found = d.sql("SELECT string_agg(oid::text, ' ') FROM pg_database WHERE datname ~ '^stack_restoring_' AND NOT datallowconn AND shobj_description(oid, 'pg_database') LIKE '{\"snapshot\":\"" + of + "\"%'")
			return len(strings.Fields(found)) == 2 && d.sql("SELECT count(*) FROM pg_database WHERE datname ~ '^stack_(restoring|replaced)_'") == "2"
		})
		return found
	}
	tables := func() string {
		return d.sql("SELECT string_agg(relname, ' ' ORDER BY relname) FROM pg_stat_user_tables")
	}
	for _, step := range []struct{ name, want string }{{"clean", "kept"}, {"clean", "kept"}, {"other", "kept more"}, {"clean", "kept"}} {
		before := ""
		if tables() == "kept" && step.name == "clean" {
			before = spares("clean")
		}
		d.sql("CREATE TABLE dirty (id int)")
		d.must(protocol.SnapshotArgs{Act: protocol.SnapshotRollback, Name: step.name})
		if got := tables(); got != step.want {
			t.Errorf("after %s: %s, want %s", step.name, got, step.want)
		}
		now := d.sql("SELECT oid || ' ' || (shobj_description(oid, 'pg_database') IS NULL) FROM pg_database WHERE datname = 'app' AND datallowconn")
		oid, plain, _ := strings.Cut(now, " ")
		if plain != "true" || before != "" && !slices.Contains(strings.Fields(before), oid) {
			t.Errorf("%s was not prepared: app is %s, of %s", step.name, now, before)
		}
		spares(step.name)
	}
	if list := d.must(protocol.SnapshotArgs{Act: protocol.SnapshotList}).Snapshots; len(list) != 2 || list[0].Size != size {
		t.Errorf("what is prepared is told as a snapshot: %+v", list)
	}
	dumped := protocol.DumpResult{}
	if err := d.ask(protocol.VerbDump, &dumped); err != nil || len(dumped.Notes) != 0 {
		t.Errorf("a backup: %+v, %v", dumped, err)
	}

	// What was killed while it was made is not taken, and one whose snapshot is gone is dropped.
	d.sql("CREATE TABLE dirty (id int)")
	for _, oid := range strings.Fields(spares("clean")) {
		d.sql("DO $$ BEGIN EXECUTE format('COMMENT ON DATABASE %I IS NULL', (SELECT datname FROM pg_database WHERE oid = " + oid + ")); END $$")
	}
	d.must(protocol.SnapshotArgs{Act: protocol.SnapshotRollback, Name: "clean"})
	if got := tables(); got != "kept" {
		t.Errorf("after one that is not finished: %s", got)
	}
	d.must(protocol.SnapshotArgs{Act: protocol.SnapshotDrop, Name: "clean"})
	if got := d.sql("SELECT count(*) FROM pg_database WHERE datname ~ '^stack_restoring_'"); got != "0" {
		t.Errorf("%s copies of a snapshot that is gone", got)
	}
}

// reconnecting is a client that connects again as soon as it is cut, until stop.
func (d *database) reconnecting(password string) (stop func(), cuts func() int) {
	d.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	var cut atomic.Int64
	connected, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		first := true
		for ctx.Err() == nil {
			conn, err := d.connect(password)
			if err != nil {
				continue
			}
			if first {
				close(connected)
				first = false
			}
			for err == nil && ctx.Err() == nil {
				_, err = conn.Exec(ctx, "SELECT pg_sleep(0.005)").ReadAll()
			}
			if ctx.Err() == nil {
				cut.Add(1)
			}
			conn.Close(context.Background())
		}
	}()
	<-connected
	return func() { cancel(); <-done }, func() int { return int(cut.Load()) }
}

// Clones are databases of their own, of whoever owns what they are made of; they end by name, or with the stack.
func TestPostgresClones(t *testing.T) {
	d := newPostgres(t)
	d.start().untilHealthy()
	d.sql("CREATE ROLE owner LOGIN; ALTER DATABASE app OWNER TO owner")
	d.sql("CREATE TABLE kept AS SELECT generate_series(1, 100) AS id")
	d.must(protocol.SnapshotArgs{Act: protocol.SnapshotTake, Name: "Clean"})
	made := d.must(protocol.SnapshotArgs{Act: protocol.SnapshotClone, Name: "Clean", Count: 7})
	seen := map[string]bool{}
	for _, address := range made.URLs {
		conn, err := pgconn.Connect(context.Background(), address+"?sslmode=disable")
		if err != nil {
			t.Fatal(err)
		}
		results, err := conn.Exec(context.Background(), "INSERT INTO kept VALUES (0); SELECT count(*) || ' ' || pg_get_userbyid(datdba) FROM kept, pg_database WHERE datname = current_database() GROUP BY datdba").ReadAll()
		if err != nil || string(results[1].Rows[0][0]) != "101 owner" {
			t.Errorf("%s: %v", address, err)
		}
		conn.Close(context.Background())
		seen[address] = true
	}
	if len(seen) != 7 || d.sql("SELECT count(*) FROM kept") != "100" {
		t.Errorf("clones: %v", made.URLs)
	}
	list := d.must(protocol.SnapshotArgs{Act: protocol.SnapshotList})
	if len(list.Snapshots) != 1 || len(list.Snapshots[0].Clones) != 7 {
		t.Errorf("list: %+v", list)
	}
	parsed, _ := url.Parse(made.URLs[0])
	one := strings.TrimPrefix(parsed.Path, "/")
	if got := d.must(protocol.SnapshotArgs{Act: protocol.SnapshotDrop, Name: one}); fmt.Sprint(got.Dropped) != "["+one+"]" {
		t.Errorf("dropped %v", got.Dropped)
	}
	clones := func() string { return d.sql("SELECT count(*) FROM pg_database WHERE datname ~ '^stack_clone_clean_'") }
	if got := clones(); got != "6" {
		t.Errorf("%s clones", got)
	}
	var restarted protocol.RestartResult
	if err := d.ask(protocol.VerbRestart, &restarted); err != nil || clones() != "6" {
		t.Errorf("after a restart: %v, %s clones", err, clones())
	}
	d.end()
	d.again()
	d.untilHealthy()
	d.until("the clones are gone", func() bool { return clones() == "0" })
	if list := d.must(protocol.SnapshotArgs{Act: protocol.SnapshotList}); len(list.Snapshots) != 1 || len(list.Snapshots[0].Clones) != 0 {
		t.Errorf("in the next stack: %+v", list)
	}
}

// A service that does not keep copies itself is brought back as by a restore, and its snapshots outlive it.
func TestRedisSnapshots(t *testing.T) { testRedisSnapshots(t, recipe.Redis("redis", "")) }

// So is one that wants no password, and refuses who gives one.
func TestRedisSnapshotsWithoutPassword(t *testing.T) {
	testRedisSnapshots(t, recipe.Open(recipe.Redis("redis", "")))
}

func testRedisSnapshots(t *testing.T, service spec.Service) {
	t.Helper()
	d := newRedisOf(t, service)
	d.start().untilHealthy()
	d.do("SET", "kept", "clean")
	taken := d.must(protocol.SnapshotArgs{Act: protocol.SnapshotTake, Name: "clean"})
	if len(taken.Snapshots) != 1 || taken.Snapshots[0].Size == 0 {
		t.Errorf("taken: %+v", taken)
	}
	d.end()
	d.again()
	d.untilHealthy()
	d.do("SET", "kept", "dirty")
	d.do("SET", "new", "dirty")
	d.must(protocol.SnapshotArgs{Act: protocol.SnapshotRollback, Name: "clean"})
	if kept, added := d.do("GET", "kept"), d.do("GET", "new"); kept != "clean" || added != "" {
		t.Errorf("kept %q, new %q", kept, added)
	}
	if list := d.must(protocol.SnapshotArgs{Act: protocol.SnapshotList}); len(list.Snapshots) != 1 || list.Snapshots[0].Time.IsZero() {
		t.Errorf("list: %+v", list)
	}
	if _, err := d.snapshot(protocol.SnapshotArgs{Act: protocol.SnapshotClone, Name: "clean", Count: 1}); err == nil || !strings.Contains(err.Error(), "only a postgres has clones") {
		t.Errorf("clone: %v", err)
	}
	if _, err := d.snapshot(protocol.SnapshotArgs{Act: protocol.SnapshotRollback, Name: "none"}); err == nil || err.Error() != `there is no snapshot "none": want one of clean` {
		t.Errorf("rollback: %v", err)
	}
	d.must(protocol.SnapshotArgs{Act: protocol.SnapshotDrop, Name: "clean"})
	if list := d.must(protocol.SnapshotArgs{Act: protocol.SnapshotList}); len(list.Snapshots) != 0 {
		t.Errorf("after drop: %+v", list)
	}
}
