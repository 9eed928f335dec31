package recipe

import (
	"net/url"
	"path"
	"slices"
	"strings"

	"github.com/distribution/reference"

	"dagger/stack/internal/lazyregexp"
	"dagger/stack/internal/spec"
)

// Complete is a service with what is known of its image, where the service does not say it itself; false if nothing is known.
// What is complete stays as it is. A service without a network is none that anybody logs in to.
func Complete(s spec.Service) (spec.Service, bool) {
	if s.Container.NoNetwork {
		return s, false
	}
	image := repository(s.Build.Image)
	for _, known := range recipes {
		if slices.Contains(known.images, image) || keeps(s.Process.Command, known.servers...) {
			return known.complete(s), true
		}
	}
	return s, false
}

// keeps tells whether a command is that of a server's image: one that is made from a known image keeps that image's entrypoint,
// whatever the new image is called.
func keeps(command []string, servers ...string) bool {
	return slices.Contains(servers, path.Base(entered(command)))
}

// entered is the first word behind the entrypoint of the known images, "" if the command does not begin with that.
func entered(command []string) string {
	if len(command) > 1 && path.Base(command[0]) == "docker-entrypoint.sh" {
		return command[1]
	}
	return ""
}

// repository is an image's, as Docker's own registry calls it, wherever the image comes from; "" if there is none.
func repository(image string) string {
	named, err := reference.ParseNormalizedNamed(image)
	if err != nil {
		return ""
	}
	return strings.TrimPrefix(strings.TrimPrefix(reference.Path(named), "docker/"), "library/")
}

// runs tells whether the service runs the image's server, and not another program of the image.
func runs(s spec.Service, servers ...string) bool {
	if len(s.Process.Entrypoint) > 0 {
		return slices.Contains(servers, path.Base(s.Process.Entrypoint[0])) || path.Base(s.Process.Entrypoint[0]) == "docker-entrypoint.sh"
	}
	args := s.Process.Args
	if len(args) > 2 && path.Base(args[0]) == "sh" {
		args = strings.Fields(args[2])
		if len(args) > 1 && args[0] == "exec" {
			args = args[1:]
		}
	}
	return len(args) == 0 || strings.HasPrefix(args[0], "-") || slices.Contains(servers, path.Base(args[0]))
}

// variable is the text of one of the service's variables; "" if there is none, or none that is known here.
func variable(s spec.Service, name string) string {
	for _, v := range s.Process.Env {
		if v.Name == name {
			text, _ := v.Value.Literal()
			return text
		}
	}
	return ""
}

// plainName is a name of a user or a database that can be written into a script as it is.
var plainName = lazyregexp.New(`^[A-Za-z0-9_][A-Za-z0-9_.-]*$`)

// postgresReadyByFile asks a postgres whose user or database a file says.
const postgresReadyByFile = `user=${POSTGRES_USER:-$(cat "${POSTGRES_USER_FILE:-/dev/null}")} database=${POSTGRES_DB:-$(cat "${POSTGRES_DB_FILE:-/dev/null}")}
user=${user:-postgres}
exec pg_isready --quiet --host=127.0.0.1 --username="$user" --dbname="${database:-$user}"`

func completePostgres(s spec.Service) spec.Service {
	if !runs(s, postgresServers...) {
		return s
	}
	user := variable(s, "POSTGRES_USER")
	if user == "" {
		user = postgresUser
	}
	database := variable(s, "POSTGRES_DB")
	if database == "" {
		database = user
	}
	password := variable(s, "POSTGRES_PASSWORD")
	inFile := variable(s, "POSTGRES_USER_FILE")+variable(s, "POSTGRES_DB_FILE") != ""
	known := (password != "" || variable(s, "POSTGRES_HOST_AUTH_METHOD") == "trust") && !inFile
	login := func(host spec.Part, query string) spec.Value {
		return spec.Value{
			spec.Text("postgresql://" + url.PathEscape(user) + ":"), spec.Text(escaped(password)), spec.Text("@"), host,
			spec.Text(":5432/" + url.PathEscape(database) + query),
		}
	}
	if s.Probe == nil && !s.NoProbe {
		// Over TCP: while the image initialises, a temporary server listens on the socket alone.
		s.Probe = &spec.Probe{Exec: []string{"pg_isready", "--quiet", "--host=127.0.0.1", "--username=" + user, "--dbname=" + database}}
		switch {
		case inFile: // the server's log would have an error for each question in a wrong name
			s.Probe.Exec = []string{"/bin/sh", "-c", postgresReadyByFile}
		case known:
			s.Probe = &spec.Probe{URL: login(spec.OwnAddress, "?sslmode=disable")}
		}
	}
	if s.Backup == nil && !inFile && plainName.MatchString(user) && plainName.MatchString(database) {
		server := login(spec.OwnAddress, "?sslmode=disable")
		if !known { // the images trust who comes from the container itself
			server = spec.Value{spec.Text("postgresql://" + user + "@127.0.0.1:5432/" + database + "?sslmode=disable")}
		}
		s.Backup = postgresBackup(user, database, server)
	}
	if s.Hooks == nil && password != "" && !strings.Contains(password, "'") && s.Backup != nil { // it stands in SQL as it is
		// Through the entrypoint, which steps down from root.
		single := []string{"sh", "-c", `exec docker-entrypoint.sh postgres --single -D "$PGDATA" template1`}
		s.Hooks = []spec.Hook{postgresMend(single, user, database, spec.Text("'"+password+"'"))}
	}
	if s.Exports == nil && known {
		s.Exports = []spec.Variable{{Name: "DATABASE_URL", Value: login(spec.Text(s.Name), ""), Sensitive: true}}
	}
	if s.Login == nil && known {
		s.Login = &spec.Login{Kind: spec.PostgresLogin, User: user, Password: spec.Value{spec.Text(password)}, Database: database}
		s.Address = login(spec.OwnAddress, "")
	}
	if s.Process.StopSignal == "" {
		s.Process.StopSignal = postgresStop
	}
	s.Container.Mounts = slices.Clone(s.Container.Mounts)
	for i, m := range s.Container.Mounts {
		if stale := postgresStale(m.Target, variable(s, "PGDATA")); len(stale) > 0 {
			s.Container.Mounts[i].Exclusive, s.Container.Mounts[i].Stale = true, stale
		}
	}
	return serving(s)
}

// escaped is a text for the user part of a URL.
func escaped(text string) string { return strings.TrimPrefix(url.UserPassword("", text).String(), ":") }

// postgresStale are the files that a killed server leaves on a volume of its data; none if its data is not there. From
// version 18 on the images keep the data in a folder of the version's (docker-library/postgres#1259).
func postgresStale(target, data string) (stale []string) {
	const pid = "postmaster.pid"
	folders := []string{postgresVolume, "/var/lib/postgresql/18/docker", "/var/lib/postgresql/19/docker"}
	if data != "" {
		folders = []string{path.Clean(data)}
	}
	for _, folder := range folders {
		if folder == target {
			stale = append(stale, pid)
		} else if below, found := strings.CutPrefix(folder, strings.TrimSuffix(target, "/")+"/"); found {
			stale = append(stale, below+"/"+pid)
		}
	}
	return stale
}

// redisRestoreDump puts a dump in the place of the data of a redis that does not append.
const redisRestoreDump = `cd ` + redisVolume + `; cat > restore.rdb; redis-check-rdb restore.rdb >&2
rm -rf appendonlydir; mv restore.rdb dump.rdb`

var (
	requirePass = lazyregexp.New(`--requirepass[ =]+("[^"]*"|'[^']*'|\S+)`)
	appends     = lazyregexp.New(`--appendonly +["']?yes`)
)

func completeRedis(s spec.Service) spec.Service {
	if !runs(s, redisServers...) {
		return s
	}
	command := strings.Join(slices.Concat(s.Process.Entrypoint, s.Process.Args), " ")
	if len(s.Process.Command) > 0 { // the image's own is in it
		command = strings.Join(s.Process.Command, " ")
	}
	s.Container.Mounts = slices.Clone(s.Container.Mounts)
	for i, m := range s.Container.Mounts {
		if m.Target == redisVolume && m.Type != spec.MountTmpfs {
			s.Container.Mounts[i].Exclusive = true
		}
	}
	password, known := redisLogin(s, command)
	if !known {
		return s
	}
	login := func(host spec.Part) spec.Value {
		if password == "" {
			return spec.Value{spec.Text("redis://"), host, spec.Text(":6379/0")}
		}
		return spec.Value{spec.Text("redis://:"), spec.Text(escaped(password)), spec.Text("@"), host, spec.Text(":6379/0")}
	}
	if s.Probe == nil && !s.NoProbe {
		s.Probe = &spec.Probe{URL: login(spec.OwnAddress)}
	}
	if s.Backup == nil {
		restore := redisRestoreDump
		if appends.MatchString(command) {
			restore = redisRestore
		}
		s.Backup = redisBackup(restore)
		if password != "" {
			s.Backup = redisBackup(restore, spec.Text(password))
		}
	}
	if s.Exports == nil {
		s.Exports = []spec.Variable{{Name: "REDIS_URL", Value: login(spec.Text(s.Name)), Sensitive: password != ""}}
	}
	if s.Login == nil {
		s.Login = &spec.Login{Kind: spec.RedisLogin, Database: "0"}
		s.Address = login(spec.OwnAddress)
		if password != "" {
			s.Login.Password = spec.Value{spec.Text(password)}
		}
	}
	return s
}

// redisLogin is the password of a redis; false if only a file of settings knows, or if it listens elsewhere.
func redisLogin(s spec.Service, command string) (password string, known bool) {
	if strings.Contains(command, ".conf") || strings.Contains(command, "--port") || strings.Contains(command, "--tls") || strings.Contains(command, "--dir") {
		return "", false
	}
	match := requirePass.FindStringSubmatch(command)
	if match == nil {
		return "", !strings.Contains(command, "requirepass")
	}
	password = strings.Trim(match[1], `"'`)
	if name, isVariable := strings.CutPrefix(password, "$"); isVariable {
		password = variable(s, strings.Trim(name, "{}"))
		return password, password != ""
	}
	return password, true
}
