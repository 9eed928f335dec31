package recipe

import "dagger/stack/internal/spec"

const (
	mongoPort   = 27017
	mongoDB     = "app"
	mongoVolume = "/data/db"
)

// Mongo is that database as a service of that name, on an image that keeps the contract of the official ones. It wants no password, as the
// code of most projects has none: its port is not published.
func Mongo(name, image string) spec.Service {
	return spec.Service{
		Name: name, Kind: image,
		Build:   spec.Build{Image: image},
		Exports: []spec.Variable{{Name: "MONGO_URL", Value: mongoURL(spec.Text(name))}},
		Login:   &spec.Login{Kind: spec.MongoLogin, Database: mongoDB},
		Address: mongoURL(spec.OwnAddress),
		Process: spec.Process{
			// Quiet: it says nothing of connections, of which each probe is one.
			Command: []string{"docker-entrypoint.sh", "mongod", "--bind_ip_all", "--quiet"},
			User:    "mongodb",
		},
		Ports:   []spec.Port{{Container: mongoPort}},
		Probe:   &spec.Probe{TCP: &spec.TCPSocket{Port: mongoPort}},
		Data:    []spec.DataDir{{Path: mongoVolume, Name: name}},
		Restart: spec.Restart{Policy: spec.RestartOnFailure},
		// Its cache takes half of the memory above 1 GiB, and 256 MiB at least
		// (mongodb.com/docs/manual/reference/configuration-options, cacheSizeGB).
		Limits: spec.Limits{CPUs: 1, Memory: 1024 * MiB, Pids: 256},
	}
}

func mongoURL(host spec.Part) spec.Value {
	return spec.Value{spec.Text("mongodb://"), host, spec.Text(":27017/" + mongoDB)}
}
