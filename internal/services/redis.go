package services

import (
	"dagger/stack/internal/layout"
	"dagger/stack/internal/spec"
)

const (
	redisPort   = 6379
	redisVolume = "/data"
	redisConfig = layout.Files + "/redis.conf"
)

// RedisURL is where the other services find redis.
const RedisURL spec.Template = `redis://:{{secret "` + RedisPassword + `" | urlencode}}@` + RedisName + `:6379/0`

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

// Redis is the cache and queue.
func Redis(opt Options) spec.Service {
	return spec.Service{
		Name:  RedisName,
		Build: spec.Build{Image: opt.RedisImage},
		Process: spec.Process{
			// Not through the image's entrypoint: all it does is step down from root.
			Command: []string{"redis-server", redisConfig},
			User:    "redis",
			Workdir: redisVolume,
		},
		Ports: []spec.Port{{Container: redisPort, Published: opt.RedisPort}},
		Probe: &spec.Probe{URL: `redis://:{{secret "` + RedisPassword + `" | urlencode}}@{{address}}:6379/0`},
		Data:  []spec.DataDir{{Path: redisVolume, Name: "redis", Ephemeral: opt.Ephemeral}},
		// A file, because arguments can be read by others. The append-only file from the first start: turned on
		// later, redis would load an empty one instead of its data (redis/redis#12762). A full memory is an error
		// that the writer sees, not silently lost keys. It is half of the limit: while a child writes the data to disk,
		// each page that is changed exists twice (redis.io/docs/latest/operate/oss_and_stack/management/admin).
		Files: []spec.File{{Path: redisConfig, Template: `bind * -::*
port 6379
protected-mode no
requirepass {{secret "` + RedisPassword + `" | quote}}
dir ` + redisVolume + `
appendonly yes
appendfsync everysec
maxmemory {{memory | percent 50}}
maxmemory-policy noeviction
`}},
		Backup: &spec.Backup{
			File:    "redis.rdb",
			Dump:    []string{"sh", "-ec", redisDump},
			Check:   []string{"sh", "-ec", redisCheck},
			Restore: []string{"sh", "-ec", redisRestore},
			Offline: true,
			Env:     []spec.Env{{Name: "REDISCLI_AUTH", Template: `{{secret "` + RedisPassword + `"}}`}},
		},
		Limits:  opt.Limits[RedisName],
		Restart: opt.Restart,
	}
}
