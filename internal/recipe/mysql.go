package recipe

import (
	"slices"

	"dagger/stack/internal/spec"
)

const (
	mysqlPort     = 3306
	mysqlUser     = "root"
	mysqlDB       = "app"
	mysqlVolume   = "/var/lib/mysql"
	mysqlPassword = "mysql-password"
)

// mysqlPing asks over TCP: while the image initialises, a temporary server listens on the socket alone. MariaDB's images have the program
// under another name.
const mysqlPing = `"$(command -v mysqladmin || command -v mariadb-admin)" --host=127.0.0.1 --silent ping`

// MySQL is that database as a service of that name, on an image that keeps the contract of the official ones.
func MySQL(name, image string) spec.Service {
	password := spec.Value{spec.Made(mysqlPassword, spec.Random{Length: 32})} // letters and digits: they stand in an address as they are
	return spec.Service{
		Name: name, Kind: image,
		Build:   spec.Build{Image: image},
		Exports: []spec.Variable{{Name: "MYSQL_URL", Value: mysqlURL(spec.Text(name), password)}},
		Login:   &spec.Login{Kind: spec.MySQLLogin, User: mysqlUser, Password: password, Database: mysqlDB},
		Address: mysqlURL(spec.OwnAddress, password),
		Process: spec.Process{
			// As in Postgres: the image's own entrypoint, which initialises an empty data folder, as the image's user.
			Command: []string{"docker-entrypoint.sh", "mysqld"},
			User:    "mysql",
			Env: []spec.Variable{
				{Name: "MYSQL_ROOT_PASSWORD", Value: password},
				spec.Env("MYSQL_DATABASE", mysqlDB),
			},
		},
		Ports:   []spec.Port{{Container: mysqlPort, Published: mysqlPort}},
		Probe:   &spec.Probe{Exec: []string{"sh", "-c", mysqlPing}},
		Data:    []spec.DataDir{{Path: mysqlVolume, Name: name}},
		Restart: spec.Restart{Policy: spec.RestartOnFailure},
		Limits:  spec.Limits{CPUs: 1, Memory: 1024 * MiB, Pids: 256}, // some 450 MiB with the server's own settings
	}
}

func mysqlURL(host spec.Part, password spec.Value) spec.Value {
	return slices.Concat(spec.Value{spec.Text("mysql://" + mysqlUser + ":")}, password, spec.Value{spec.Text("@"), host, spec.Text(":3306/" + mysqlDB)})
}
