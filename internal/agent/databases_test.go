//go:build root

package agent

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gomodule/redigo/redis"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgproto3"

	"dagger/stack/internal/freeport"
	"dagger/stack/internal/protocol"
	"dagger/stack/internal/recipe"
	"dagger/stack/internal/socket"
	"dagger/stack/internal/spec"
	"dagger/stack/internal/state"
)

// These tests run the agent with the built-in services' own descriptions and this machine's servers. Only what
// belongs to an image is another: the entrypoint, the places and the port.

const path = "PATH=/usr/lib/postgresql/15/bin:/usr/local/bin:/usr/bin:/bin"

// database is a running agent of a database.
type database struct {
	*running
	port int
}

func newDatabase(t *testing.T, service spec.Service, from, to string, port int) *database {
	r := newTest(t, service)
	folder := filepath.Join(filepath.Dir(r.State), "data")
	volume := service.Data[0].Path
	replace := func(text string) string {
		return strings.NewReplacer(volume, folder, from, to, "/run/stack", filepath.Join(filepath.Dir(r.State), "run")).Replace(text)
	}
	in := func(value spec.Value) (replaced spec.Value) {
		for _, part := range value {
			part.Text = replace(part.Text)
			replaced = append(replaced, part)
		}
		return replaced
	}
	s := &r.Service
	s.Data[0].Path = folder
	for _, list := range [][]string{s.Process.Command, s.Backup.Dump, s.Backup.Check, s.Backup.Restore} {
		for i := range list {
			list[i] = replace(list[i])
		}
	}
	for i := range s.Hooks {
		for j := range s.Hooks[i].Command {
			s.Hooks[i].Command[j] = replace(s.Hooks[i].Command[j])
		}
	}
	for i := range s.Process.Env {
		s.Process.Env[i].Value = in(s.Process.Env[i].Value)
	}
	for i := range s.Files {
		s.Files[i].Path, s.Files[i].Content = replace(s.Files[i].Path), in(s.Files[i].Content)
	}
	s.Process.Workdir = "/"
	s.Probe.URL, s.Backup.Server = in(s.Probe.URL), in(s.Backup.Server)
	s.Probe.StartInterval = spec.Duration(50 * time.Millisecond)
	name, value, _ := strings.Cut(path, "=")
	s.Process.Env = append(s.Process.Env, spec.Env(name, value))
	return &database{r, port}
}

func newPostgres(t *testing.T) *database {
	script, err := os.ReadFile("testdata/postgres.sh")
	if err != nil {
		t.Fatal(err)
	}
	port := freeport.For(t)
	service, _ := recipe.Complete(recipe.Postgres("postgres", "postgres:15"))
	d := newDatabase(t, service, ":5432", fmt.Sprintf(":%d", port), port)
	entrypoint := filepath.Join(filepath.Dir(d.State), "entrypoint.sh")
	if err := os.WriteFile(entrypoint, script, 0o755); err != nil {
		t.Fatal(err)
	}
	s := &d.Service
	s.Process.Command = append([]string{entrypoint}, append(s.Process.Command[2:], "-c", "unix_socket_directories=")...)
	s.Process.Env = append(s.Process.Env, spec.Env("PGPORT", fmt.Sprint(port)))
	return d
}

func newRedis(t *testing.T) *database { return newRedisOf(t, recipe.Redis("redis", "")) }

func newRedisOf(t *testing.T, service spec.Service) *database {
	port := freeport.For(t)
	d := newDatabase(t, service, "6379", fmt.Sprint(port), port)
	dump := d.Service.Backup.Dump
	dump[2] = strings.Replace(dump[2], "redis-cli", fmt.Sprintf("redis-cli -p %d", port), 1)
	return d
}

func (d *database) again() { d.running = d.running.again() }

// give sets a secret that the user gives.
func (d *database) give(name, value string) {
	os.MkdirAll(d.Secrets, 0o700)
	if err := os.WriteFile(filepath.Join(d.Secrets, name), []byte(value), 0o600); err != nil {
		d.Fatal(err)
	}
}

func (d *database) secret(name string) string {
	if value, err := os.ReadFile(filepath.Join(d.Secrets, name)); err == nil {
		return string(value)
	}
	value, err := state.At(d.State).Secret(name)
	if err != nil {
		d.Fatal(err)
	}
	return string(value)
}

func (d *database) connect(password string) (*pgconn.PgConn, error) {
	return pgconn.Connect(context.Background(), fmt.Sprintf("postgres://postgres:%s@127.0.0.1:%d/app?sslmode=disable", password, d.port))
}

// sql runs statements and returns the first value of the last.
func (d *database) sql(text string) string {
	d.Helper()
	conn, err := d.connect(d.secret(recipe.DBPassword))
	if err != nil {
		d.Fatalf("%v\nstatus: %+v\nlog:\n%s", err, d.status(), d.logs())
	}
	defer conn.Close(context.Background())
	results, err := conn.Exec(context.Background(), text).ReadAll()
	if err != nil {
		d.Fatal(err)
	}
	last := results[len(results)-1]
	if len(last.Rows) == 0 {
		return ""
	}
	return string(last.Rows[0][0])
}

// do runs a redis command.
func (d *database) do(command string, args ...any) string {
	d.Helper()
	var login []redis.DialOption
	if len(d.Service.Login.Password) > 0 {
		login = append(login, redis.DialPassword(d.secret(recipe.RedisPassword)))
	}
	conn, err := redis.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", d.port), login...)
	if err != nil {
		d.Fatal(err)
	}
	defer conn.Close()
	value, err := redis.String(conn.Do(command, args...))
	if err != nil && !errors.Is(err, redis.ErrNil) {
		d.Fatal(err)
	}
	return value
}

// killAll is kill -9 of the agent and then of its child: what the end of a session does to a container.
func (d *database) killAll() {
	d.Helper()
	pid := d.status().PID
	d.cmd.Process.Kill()
	d.exitCode()
	if pid > 0 {
		syscall.Kill(-pid, syscall.SIGKILL)
	}
	// pg_ctl starts the temporary server in a session of its own; in a container it would be dead by now.
	exec.Command("pkill", "-KILL", "-f", d.Service.Data[0].Path).Run()
	// A process that was killed answers for a moment yet, also the probes of the next agent.
	d.until("everything is dead", func() bool {
		conn, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", d.port))
		if err == nil {
			conn.Close()
		}
		return err != nil && !d.folder.Alive()
	})
}

func TestPostgresKeepsWhatItAcknowledged(t *testing.T) {
	d := newPostgres(t)
	d.start().untilHealthy()
	d.sql("CREATE TABLE acknowledged (id int)")
	rows := 0
	write := func() {
		t.Helper()
		rows++
		d.sql(fmt.Sprintf("INSERT INTO acknowledged VALUES (%d)", rows))
	}
	check := func(after string) {
		t.Helper()
		d.untilHealthy()
		if got := d.sql("SELECT count(*) FROM acknowledged"); got != fmt.Sprint(rows) {
			t.Fatalf("after %s: %s rows of %d", after, got, rows)
		}
	}
	write()
	old := d.status().PID
	syscall.Kill(old, syscall.SIGKILL)
	d.untilStatus("a new process", func(s state.Status) bool { return s.PID != old && s.PID != 0 })
	check("kill -9 of the server")
	write()
	d.killAll()
	d.again()
	check("kill -9 of everything")
	write()
	if err := d.ask(protocol.VerbRestart, nil); err != nil {
		t.Fatal(err)
	}
	check("a restart")
	write()
	d.end()
	d.again()
	check("a stop")
}

// A suspended server handles the signal that ends it, and not until its grace is over.
func TestSuspendedPostgresStops(t *testing.T) {
	d := newPostgres(t)
	d.start().untilHealthy()
	d.sql("CREATE TABLE kept AS SELECT 1")
	syscall.Kill(d.status().PID, syscall.SIGSTOP)
	var restarted protocol.RestartResult
	if err := d.ask(protocol.VerbRestart, &restarted); err != nil || restarted.Forced {
		t.Errorf("%+v, %v", restarted, err)
	}
	if !strings.Contains(d.logs(), "database system is shut down") {
		t.Errorf("no clean shutdown\n%s", d.logs())
	}
	if got := d.sql("SELECT count(*) FROM kept"); got != "1" {
		t.Errorf("%s rows", got)
	}
}

// An open connection does not keep it from stopping, and the shutdown is a clean one.
func TestPostgresStopsFast(t *testing.T) {
	d := newPostgres(t)
	d.start().untilHealthy()
	conn, err := d.connect(d.secret(recipe.DBPassword))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	d.cmd.Process.Signal(syscall.SIGTERM)
	if got := d.exitCode(); got != 0 {
		t.Errorf("exit code %d", got)
	}
	for _, want := range []string{"received fast shutdown request", "database system is shut down"} {
		if !strings.Contains(d.logs(), want) {
			t.Errorf("%q is not in the log\n%s", want, d.logs())
		}
	}
}

func TestPostgresPasswordChanges(t *testing.T) {
	d := newPostgres(t)
	for _, password := range []string{"first", `se'cond "\ @:/`, ""} {
		if password == "" {
			os.RemoveAll(d.Secrets) // back to the one that the stack makes
		} else {
			d.give(recipe.DBPassword, password)
		}
		d.again()
		d.untilHealthy()
		d.sqlWith(d.secret(recipe.DBPassword))
		d.end()
	}
	if strings.Contains(d.logs(), "se'cond") {
		t.Errorf("the log has the password\n%s", d.logs())
	}
}

// sqlWith logs in with a password that may hold anything.
func (d *database) sqlWith(password string) {
	d.Helper()
	config, err := pgconn.ParseConfig(fmt.Sprintf("host=127.0.0.1 port=%d user=postgres dbname=app sslmode=disable", d.port))
	if err != nil {
		d.Fatal(err)
	}
	config.Password = password
	conn, err := pgconn.ConnectConfig(context.Background(), config)
	if err != nil {
		d.Fatal(err)
	}
	conn.Close(context.Background())
}

// A first start that did not finish leaves nothing that the next one takes for data.
func TestPostgresFirstStartFails(t *testing.T) {
	d := newPostgres(t)
	init := func(text string) {
		d.Service.Process.Env = append(d.Service.Process.Env[:len(d.Service.Process.Env):len(d.Service.Process.Env)], spec.Env("INIT", text))
	}
	init("CREATE TABLE made (id int); SELECT no_such_function()")
	d.start()
	if got := d.exitCode(); got == 0 || !strings.Contains(d.logs(), "no_such_function") {
		t.Fatalf("exit code %d\n%s", got, d.logs())
	}
	// While it initialises it is not healthy, though its temporary server answers on the socket.
	init("CREATE TABLE made (id int); SELECT pg_sleep(1)")
	d.again()
	d.until("the temporary server", func() bool { return strings.Count(d.logs(), "ready to accept connections") == 2 })
	if health := d.status().Health; health != state.Starting {
		t.Errorf("health %s while it initialises", health)
	}
	d.killAll()
	d.again()
	d.untilHealthy()
	if got := d.sql("SELECT count(*) FROM made"); got != "0" {
		t.Errorf("made: %q", got)
	}
}

func TestPostgresBackup(t *testing.T) {
	d := newPostgres(t)
	d.start().untilHealthy()
	d.sql("CREATE TABLE kept (id int); INSERT INTO kept SELECT generate_series(1, 1000)")
	var dumped protocol.DumpResult
	if err := d.ask(protocol.VerbDump, &dumped); err != nil {
		t.Fatal(err)
	}
	if dumped.File != "postgres.dump" || dumped.Size == 0 || len(dumped.SHA256) != 64 {
		t.Errorf("%+v", dumped)
	}
	d.sql("DROP TABLE kept; CREATE TABLE later (id int)")
	old, data := d.status().PID, d.status().Data
	// Somebody is connected, and comes back at once.
	ctx, cancel := context.WithCancel(context.Background())
	clients := make(chan struct{})
	go func() {
		defer close(clients)
		for ctx.Err() == nil {
			if conn, err := d.connect(d.secret(recipe.DBPassword)); err == nil {
				conn.Exec(ctx, "SELECT pg_sleep(60)").ReadAll()
			}
		}
	}()
	restore := func() error {
		return socket.Ask(context.Background(), d.folder, protocol.VerbRestore, dumped, nil, time.Minute)
	}
	if err := restore(); err != nil {
		t.Fatal(err)
	}
	if got := d.status().Data; got == data {
		t.Error("the data that was brought back counts as the data that was there")
	}
	if got := d.sql("SELECT count(*) FROM kept"); got != "1000" || d.status().PID != old {
		t.Errorf("%s rows, pid %d, was %d", got, d.status().PID, old)
	}
	if got := d.sql("SELECT count(*) FROM pg_tables WHERE tablename = 'later'"); got != "0" {
		t.Error("what was made after the backup is still there")
	}
	cancel()
	<-clients
	// What cannot be read changes nothing.
	file := filepath.Join(d.folder.Exchange(), dumped.File)
	os.Truncate(file, dumped.Size/2)
	d.sql("INSERT INTO kept VALUES (1)")
	if err := restore(); err == nil || !strings.Contains(err.Error(), "nothing was changed") {
		t.Errorf("a torn dump: %v", err)
	}
	if got := d.sql("SELECT count(*) FROM kept"); got != "1001" {
		t.Errorf("%s rows", got)
	}
	if got := d.sql("SELECT string_agg(datname, ' ' ORDER BY datname) FROM pg_database WHERE NOT datistemplate"); got != "app postgres" {
		t.Errorf("databases %s", got)
	}
}

func TestRedisKeepsItsData(t *testing.T) {
	d := newRedis(t)
	d.start().untilHealthy()
	d.do("SET", "first", "1")
	time.Sleep(1100 * time.Millisecond) // appendfsync everysec: a second may be lost
	d.killAll()
	d.again()
	d.untilHealthy()
	d.do("SET", "second", "2")
	d.end()
	d.again()
	d.untilHealthy()
	if first, second := d.do("GET", "first"), d.do("GET", "second"); first != "1" || second != "2" {
		t.Errorf("first %q, second %q", first, second)
	}
	// Not without the password.
	conn, err := redis.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", d.port))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.Do("GET", "first"); err == nil || !strings.Contains(err.Error(), "NOAUTH") {
		t.Errorf("without the password: %v", err)
	}
}

// A redis that cannot save does not stop: it is killed, somebody is told, and the append-only file has the data.
func TestRedisThatCannotSave(t *testing.T) {
	d := newRedis(t)
	d.Service.Process.StopGrace = spec.Duration(time.Second)
	d.start().untilHealthy()
	d.do("SET", "kept", "1")
	folder := d.Service.Data[0].Path
	info, err := os.Stat(folder)
	if err != nil {
		t.Fatal(err)
	}
	owner := info.Sys().(*syscall.Stat_t)
	os.Chown(folder, 0, 0)
	var restarted protocol.RestartResult
	asked := make(chan error, 1)
	go func() { asked <- d.ask(protocol.VerbRestart, &restarted) }()
	d.until("it is killed", func() bool { return strings.Contains(d.logs(), "did not stop within 1s: killed") })
	os.Chown(folder, int(owner.Uid), int(owner.Gid))
	if err := <-asked; err != nil || !restarted.Forced {
		t.Errorf("%+v, %v", restarted, err)
	}
	if want := "Error trying to save the DB, can't exit"; !strings.Contains(d.logs(), want) {
		t.Errorf("%q is not in the log\n%s", want, d.logs())
	}
	if kept := d.do("GET", "kept"); kept != "1" {
		t.Errorf("kept %q", kept)
	}
}

func TestRedisBackup(t *testing.T) {
	d := newRedis(t)
	d.start().untilHealthy()
	d.do("SET", "kept", "1")
	var dumped protocol.DumpResult
	if err := d.ask(protocol.VerbDump, &dumped); err != nil {
		t.Fatal(err)
	}
	d.do("SET", "kept", "2")
	d.do("SET", "later", "1")
	restore := func() error {
		return socket.Ask(context.Background(), d.folder, protocol.VerbRestore, dumped, nil, time.Minute)
	}
	if err := restore(); err != nil {
		t.Fatalf("%v\n%s", err, d.logs())
	}
	if kept, later := d.do("GET", "kept"), d.do("GET", "later"); kept != "1" || later != "" {
		t.Errorf("kept %q, later %q", kept, later)
	}
	d.do("SET", "after", "1")
	d.killAll()
	d.again()
	d.untilHealthy()
	if kept := d.do("GET", "kept"); kept != "1" {
		t.Errorf("after the next start: kept %q", kept)
	}
	os.WriteFile(filepath.Join(d.folder.Exchange(), dumped.File), []byte("REDIS no dump"), 0o600)
	if err := restore(); err == nil || !strings.Contains(err.Error(), "nothing was changed") {
		t.Errorf("a torn dump: %v", err)
	}
	d.untilHealthy()
	if kept := d.do("GET", "kept"); kept != "1" {
		t.Errorf("after a restore that failed: kept %q", kept)
	}
}

// A server that has all the clients that it may have is healthy, and says so; a client that was killed in the middle of a query
// gives its place back.
func TestPostgresWithTooManyClients(t *testing.T) {
	d := newPostgres(t)
	d.Service.Process.Command = append(d.Service.Process.Command, "-c", "superuser_reserved_connections=0")
	d.Service.Limits = spec.Limits{Memory: 400 << 20} // 10 clients
	d.Service.Probe.Interval = spec.Duration(50 * time.Millisecond)
	d.start().untilHealthy()
	password := d.secret(recipe.DBPassword)
	var clients []*pgconn.PgConn
	take := func() { // the last place may be the probe's for a moment
		conn, err := d.connect(password)
		var refused *pgconn.PgError
		switch {
		case err == nil:
			clients = append(clients, conn)
		case !errors.As(err, &refused) || refused.Code != "53300":
			t.Fatal(err)
		}
	}
	full := func(result state.Result) bool { return strings.Contains(result.Output, "takes no more clients") }
	d.until("the probe has met a full server", func() bool {
		take()
		return slices.ContainsFunc(d.status().Probes, full)
	})
	if status := d.status(); status.Health != state.Healthy || status.Streak != 0 {
		t.Errorf("a full server is %s, after %d failures", status.Health, status.Streak)
	}
	for _, client := range clients {
		client.Frontend().SendQuery(&pgproto3.Query{String: "BEGIN; SELECT pg_sleep(3600)"})
		if err := client.Frontend().Flush(); err != nil {
			t.Fatal(err)
		}
		client.Conn().Close() // killed
	}
	d.until("there is a place for another client", func() bool {
		conn, err := d.connect(password)
		if err == nil {
			conn.Close(context.Background())
		}
		return err == nil
	})
}
