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
		Limits:  opt.Limits[RedisName],
		Restart: opt.Restart,
	}
}
