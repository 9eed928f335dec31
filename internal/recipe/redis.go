package recipe

import (
	"slices"

	"dagger/stack/internal/layout"
	"dagger/stack/internal/spec"
)

var redisServers = []string{"redis-server", "valkey-server"}

// redis is what is known of redis, and of what is made of it.
var redis = recipe{
	images: []string{"redis", "valkey/valkey"}, servers: redisServers, complete: completeRedis, login: spec.RedisLogin,
	// Without a login, it says that it wants one: it works.
	ping: func(spec.Service) []string { return []string{"sh", "-c", "redis-cli ping | grep -qE 'PONG|NOAUTH'"} },
}

const (
	redisPort   = 6379
	redisVolume = "/data"
	redisConfig = layout.Files + "/redis.conf"
)

// redisDump goes through a file: written to stdout, redis-cli leaves the 40 bytes at the end by which it knew that the
// transfer was over, and redis would not load them.
const redisDump = `file=$(mktemp); trap 'rm -f "$file"' EXIT
redis-cli --no-auth-warning --rdb "$file" >&2; cat "$file"`

// redisPrepare makes the dump, in the folder of its first argument, the base of an append-only file (redis 7 and later
// keep it as an RDB file, named in a manifest), and has redis' own tool read it whole.
const redisPrepare = `prepare() {
  rm -rf "$1"; mkdir "$1"; cat > "$1/appendonly.aof.1.base.rdb"
  echo "file appendonly.aof.1.base.rdb seq 1 type b" > "$1/appendonly.aof.manifest"
  redis-check-aof "$1/appendonly.aof.manifest" >&2
}
`

const redisCheck = redisPrepare + `dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT; prepare "$dir/check"`

// redisRestore puts it in the place of the data. A redis that appends would not look at a dump.rdb beside it.
const redisRestore = redisPrepare + `cd ` + redisVolume + `; prepare restore
rm -rf appendonlydir dump.rdb; mv restore appendonlydir`

// redisBackup copies the data of a redis that is then restored by a script. A redis that has no password refuses a login, be it an empty one.
func redisBackup(restore string, password ...spec.Part) *spec.Backup {
	var login []spec.Variable
	if len(password) > 0 {
		login = []spec.Variable{{Name: "REDISCLI_AUTH", Value: password}}
	}
	return &spec.Backup{
		File:    "redis.rdb",
		Dump:    []string{"sh", "-ec", redisDump},
		Check:   []string{"sh", "-ec", redisCheck},
		Restore: []string{"sh", "-ec", restore},
		Offline: true,
		Env:     login,
	}
}

// redisSettings are a file, because everybody in the container can read arguments. The append-only file is on from the first
// start: turned on later, redis would load an empty one instead of its data (redis/redis#12762). A full memory is an error
// that the writer sees, not silently lost keys. Redis may fill half of the limit: while a child writes the data to disk, each
// page that is changed exists twice (redis.io/docs/latest/operate/oss_and_stack/management/admin).
func redisSettings(password ...spec.Part) spec.Value {
	login := []spec.Part{}
	if len(password) > 0 {
		login = slices.Concat([]spec.Part{spec.Text("requirepass ")}, password, []spec.Part{spec.Text("\n")})
	}
	return slices.Concat(spec.Value{spec.Text("bind * -::*\nport 6379\nprotected-mode no\n")}, login, spec.Value{
		spec.Text("dir " + redisVolume + "\nappendonly yes\nappendfsync everysec\nmaxmemory "),
		spec.NumberPart(spec.Number{Of: []spec.Measure{{Limit: spec.Memory, Percent: 50}}}),
		spec.Text("\nmaxmemory-policy noeviction\n"),
	})
}

// Redis is the cache and queue as a service of that name, on an image that has redis-server and a user redis.
func Redis(name, image string) spec.Service {
	return spec.Service{
		Name: name, Kind: image,
		Build:   spec.Build{Image: image},
		Exports: []spec.Variable{{Name: "REDIS_URL", Value: redisURL(spec.Text(name))}},
		Login:   &spec.Login{Kind: spec.RedisLogin, Password: spec.Value{redisPassword(spec.Plain)}, Database: "0"},
		Address: redisURL(spec.OwnAddress),
		Process: spec.Process{
			// Not through the image's entrypoint: all that the entrypoint does is to step down from root.
			Command: []string{"redis-server", redisConfig},
			User:    "redis",
			Workdir: redisVolume,
		},
		Ports:   []spec.Port{{Container: redisPort, Published: redisPort}},
		Probe:   &spec.Probe{URL: redisURL(spec.OwnAddress)},
		Data:    []spec.DataDir{{Path: redisVolume, Name: name}},
		Files:   []spec.File{{Path: redisConfig, Content: redisSettings(redisPassword(spec.Quoted))}},
		Backup:  redisBackup(redisRestore, redisPassword(spec.Plain)),
		Restart: spec.Restart{Policy: spec.RestartOnFailure},
		Limits:  spec.Limits{CPUs: 0.5, Memory: 512 * MiB, Pids: 64},
	}
}

// Opens tells whether a service can be had without a password.
func Opens(s spec.Service) bool { return s.Login != nil && s.Login.Kind == spec.RedisLogin }

// Open is such a service that wants no password: for clients that cannot give one.
func Open(s spec.Service) spec.Service {
	url := func(host spec.Part) spec.Value { return spec.Value{spec.Text("redis://"), host, spec.Text(":6379/0")} }
	s.Exports = []spec.Variable{{Name: "REDIS_URL", Value: url(spec.Text(s.Name))}}
	s.Login = &spec.Login{Kind: spec.RedisLogin, Database: "0"}
	s.Address = url(spec.OwnAddress)
	s.Probe = &spec.Probe{URL: s.Address}
	s.Files = []spec.File{{Path: redisConfig, Content: redisSettings()}}
	s.Backup = redisBackup(redisRestore)
	return s
}

func redisPassword(encoding spec.Encoding) spec.Part { return spec.SecretPart(RedisPassword, encoding) }

// redisURL is the address of redis, with its login.
func redisURL(host spec.Part) spec.Value {
	return spec.Value{spec.Text("redis://:"), redisPassword(spec.URL), spec.Text("@"), host, spec.Text(":6379/0")}
}
