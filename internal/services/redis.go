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

// redisCheck reads a whole dump. redis-check-rdb wants a file.
const redisCheck = `file=$(mktemp); trap 'rm -f "$file"' EXIT; cat > "$file"; redis-check-rdb "$file" > /dev/null`

// redisRestore makes the dump the base of the append-only file (redis 7 and later keep it as an RDB file, named in a
// manifest). A redis that appends would not look at a dump.rdb beside it.
const redisRestore = `cd ` + redisVolume + `; rm -rf restore; mkdir restore; cat > restore/appendonly.aof.1.base.rdb
redis-check-rdb restore/appendonly.aof.1.base.rdb > /dev/null
echo "file appendonly.aof.1.base.rdb seq 1 type b" > restore/appendonly.aof.manifest
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
		// that the writer sees, not silently lost keys.
		Files: []spec.File{{Path: redisConfig, Template: `bind * -::*
port 6379
protected-mode no
requirepass {{secret "` + RedisPassword + `" | quote}}
dir ` + redisVolume + `
appendonly yes
appendfsync everysec
maxmemory-policy noeviction
`}},
		Backup: &spec.Backup{
			File:    "redis.rdb",
			Dump:    []string{"redis-cli", "--no-auth-warning", "--rdb", "-"},
			Check:   []string{"sh", "-ec", redisCheck},
			Restore: []string{"sh", "-ec", redisRestore},
			Offline: true,
			Env:     []spec.Env{{Name: "REDISCLI_AUTH", Template: `{{secret "` + RedisPassword + `"}}`}},
		},
		Limits:  opt.Limits[RedisName],
		Restart: opt.Restart,
	}
}
